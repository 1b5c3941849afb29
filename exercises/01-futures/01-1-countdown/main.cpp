// Drives your countdown as an executor would, one poll at a time, and tells what it sees.
#include <countdown.hpp>
#include <cstdio>

namespace {

// Whoever calls this waker sets a flag. A real executor would put the task back into its queue.
constexpr nara::WakerVTable kSetFlag{
    .clone = [](void*) noexcept {},
    .wake = [](void* flag) noexcept { *static_cast<bool*>(flag) = true; },
    .wake_by_ref = [](void* flag) noexcept { *static_cast<bool*>(flag) = true; },
    .drop = [](void*) noexcept {},
};

}  // namespace

int main() {
  bool woken = false;
  const nara::Waker waker(&woken, kSetFlag);

  Countdown countdown(3);
  for (int number = 1;; ++number) {
    woken = false;
    nara::Context context(waker);
    const nara::Poll<void> answer = countdown.poll(context);
    if (answer.is_ready()) {
      std::printf("poll %d: ready. Lift-off.\n", number);
      return 0;
    }
    std::printf("poll %d: pending, %d left, %s\n", number, countdown.left(),
                woken ? "woken" : "not woken");
    if (!woken) {
      std::printf("Nobody asks to be polled, so nobody is. This is how programs hang.\n");
      return 1;
    }
  }
}
