// One thread for each job, when the runtime has nothing better.
#include <nara/current.hpp>
#include <nara/run_blocking.hpp>
#include <thread>

namespace nara::inline NARA_BUILD {

void detail::run_elsewhere(std::move_only_function<void()> job) {
  void* const runner =
      Current::get() != nullptr ? Current::service(kBlockingService, "run_blocking()") : nullptr;
  if (runner != nullptr) {
    static_cast<BlockingRunner*>(runner)->run(std::move(job));
  } else {
    std::thread(std::move(job)).detach();
  }
}

}  // namespace nara::inline NARA_BUILD
