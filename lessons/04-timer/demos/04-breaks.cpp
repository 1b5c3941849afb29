// What is wrong with the toy. The machine is one of our own: its clock moves only while somebody
// sleeps, and bad luck comes when we say so.
#include <cstdio>
#include <functional>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>

#include "toy_timers.hpp"

using nara::Async;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

Instant clock_shows;
Instant now() { return clock_shows; }

/// Sleeps in no time at all.
class Machine final : public nara::Park {
 public:
  bool park(Deadline deadline) override {
    ++sleeps;
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    Duration left = deadline && *deadline > now() ? *deadline - now() : 0ms;
    if (has_whole_milliseconds) left = std::chrono::floor<milliseconds>(left);
    left = std::max<Duration>(left, 10us);  // The call itself.
    slept += left;
    clock_shows += left;
    return false;
  }
  void unpark() noexcept override {}

  bool has_whole_milliseconds = false;
  std::function<void()> meanwhile;  ///< What happens during the first sleep.
  int sleeps = 0;
  Duration slept{};
};

Async<> sleep_once(ToyTimers& timers, Duration duration) { co_await ToySleep(timers, duration); }

/// A runtime on such a machine.
struct World {
  std::unique_ptr<Machine> below = std::make_unique<Machine>();
  Machine& machine = *below;
  std::unique_ptr<ToyTimers> parker = std::make_unique<ToyTimers>(std::move(below), &now);
  ToyTimers& timers = *parker;
  nara::CurrentThread executor{std::move(parker)};

  void sleep(Duration duration) { executor.block_on(sleep_once(timers, duration)); }
};

long in_milliseconds(Duration duration) {
  return static_cast<long>(std::chrono::floor<milliseconds>(duration).count());
}

/// A waker that notes down when it is woken.
struct Watch {
  Instant woken;

  nara::Waker waker() { return nara::Waker(this, kVTable); }

  static void nothing(void*) noexcept {}
  static void wake(void* data) noexcept { static_cast<Watch*>(data)->woken = now(); }
  static constexpr nara::WakerVTable kVTable{
      .clone = nothing, .wake = wake, .wake_by_ref = wake, .drop = nothing};
};

// [breaks]
void round_down() {
  World world;
  world.machine.has_whole_milliseconds = true;
  world.sleep(2500us);
  std::printf("sleeps 2.5 ms, rounded down: %d calls\n", world.machine.sleeps);
}

// [late]
void come_second() {
  World world;
  Watch watch;
  const nara::Waker waker = watch.waker();
  nara::Context context(waker);
  ToySleep second(world.timers, 10ms);
  world.machine.meanwhile = [&] { (void)second.poll(context); };  // On another thread.
  const Instant start = now();
  world.sleep(1h);
  std::printf("comes second, to sleep 10 ms: %ld ms\n", in_milliseconds(watch.woken - start));
}
// [/late]

void set_back() {
  World world;
  world.machine.meanwhile = [] { clock_shows -= 1h; };
  world.sleep(1s);
  std::printf("sleeps 1 s, the clock is set back: %ld ms\n", in_milliseconds(world.machine.slept));
}
// [/breaks]

int main() {
  round_down();
  come_second();
  set_back();
}
