// Two launches. The first goes through; the second is destroyed while it waits.
#include <countdown.hpp>
#include <cstdio>

namespace {

/// Polls `launch` until it is ready, `most_turns` times at the most. Then destroys it.
void run(nara::Async<int> launch, int most_turns) {
  const nara::Waker waker = nara::Waker::noop();
  for (int turn = 1; turn <= most_turns; ++turn) {
    std::printf("turn %d: ", turn);
    nara::Context context(waker);
    nara::Poll<int> answer = launch.poll(context);
    if (answer.is_ready()) {
      std::printf("lift-off, after %d numbers\n", answer.value());
      return;
    }
  }
  std::printf("stop\n");
}

}  // namespace

int main() {
  Pad pad;
  pad.say = [&pad](int number) { std::printf("%d%s\n", number, pad.is_armed ? ", armed" : ""); };

  run(launch(pad, {3, 2}), 100);
  std::printf("The pad is %s.\n\n", pad.is_armed ? "still armed" : "safe");

  run(launch(pad, {3, 2}), 2);
  std::printf("The pad is %s.\n", pad.is_armed ? "still armed" : "safe");
}
