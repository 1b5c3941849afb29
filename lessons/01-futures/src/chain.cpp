// How a chain of coroutines is taken down, without recursion, and how it tells where it waits.
#include <algorithm>
#include <iterator>
#include <nara/detail/chain.hpp>
#include <nara/misuse.hpp>

namespace nara::inline NARA_BUILD::detail {

// [destroy]
void Chain::destroy(PromiseBase& root) {
  if (is_running()) throw Misuse("an Async was destroyed from inside its own body");
  PromiseBase* promise = top_ != nullptr ? top_ : &root;
  while (promise != nullptr) {
    PromiseBase* parent = promise->parent();
    promise->handle().destroy();
    promise = parent;
  }
}
// [/destroy]

void Chain::describe(Trace& trace) const {
  const auto outer_stops = std::ssize(trace.stops);
  for (const PromiseBase* promise = top_; promise != nullptr; promise = promise->parent()) {
    trace.stops.push_back(promise->where());
  }
  std::reverse(trace.stops.begin() + outer_stops, trace.stops.end());
  if (leaf_ != nullptr) leaf_->describe(trace);
}

}  // namespace nara::inline NARA_BUILD::detail
