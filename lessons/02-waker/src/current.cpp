// The thread-local variable, and all that touches it: a coroutine must not, because it may have
// changed threads since it looked.
#include <nara/current.hpp>
#include <nara/misuse.hpp>
#include <string>

namespace nara::inline NARA_BUILD {

namespace {

// Why initial-exec: the default model calls a function for each access from a shared library.
// Why constinit and trivial: no guard on access, no destructor whose order could matter.
[[gnu::tls_model("initial-exec")]] constinit thread_local Current* current = nullptr;

}  // namespace

Current::Current(const Services& services) noexcept
    : services_(&services),
      runs_(current != nullptr ? current->runs_ : nullptr),
      counters_(current != nullptr ? current->counters_ : nullptr),
      task_(current != nullptr ? current->task_ : nullptr),
      previous_(current) {
  if (previous_ != nullptr) previous_->is_covered_ = true;
  current = this;
}

Current::Current(const Services& services, const Scheduler& runs, Counters& counters) noexcept
    : Current(services) {
  runs_ = &runs;
  counters_ = &counters;
  task_ = nullptr;
}

Current::~Current() {
  // Usually it is the first. One that an executor has taken off is not found.
  Current** level = &current;
  while (*level != nullptr && *level != this) level = &(*level)->previous_;
  if (*level == nullptr) return;
  *level = previous_;
  if (previous_ != nullptr) previous_->is_covered_ = level != &current;
}

Current* Current::get() noexcept { return current; }

void* Current::service(std::size_t index, const char* what) {
  if (current == nullptr) {
    throw Misuse(std::string(what) +
                 " needs a runtime on this thread: call it in a task, or keep a guard of enter()");
  }
  return (*current->services_)[index];
}

const Scheduler* Current::runs() noexcept { return current != nullptr ? current->runs_ : nullptr; }

Counters* Current::counters() noexcept { return current != nullptr ? current->counters_ : nullptr; }

void Current::uncover() noexcept {
  current = this;
  is_covered_ = false;
}

}  // namespace nara::inline NARA_BUILD
