// How a chain of coroutines is taken down, without recursion, and how it tells where it waits.
#include <algorithm>
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

std::vector<std::source_location> Chain::trace() const {
  std::vector<std::source_location> trace;
  for (const PromiseBase* promise = top_; promise != nullptr; promise = promise->parent()) {
    trace.push_back(promise->where());
  }
  std::ranges::reverse(trace);
  return trace;
}

}  // namespace nara::inline NARA_BUILD::detail
