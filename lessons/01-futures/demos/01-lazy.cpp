// A future does nothing until it is polled.
#include <cstdio>
#include <nara/future.hpp>

int main() {
  const nara::Waker nobody = nara::Waker::noop();
  nara::Context context(nobody);

  // [main]
  auto polled = nara::lazy([] {
    std::printf("  computing\n");
    return 42;
  });
  [[maybe_unused]] auto dropped = nara::lazy([] {
    std::printf("  you will not read this\n");
    return 43;
  });
  std::printf("two futures made\n");
  nara::Poll<int> answer = polled.poll(context);
  std::printf("one of them polled: %d\n", answer.value());
  // [/main]
}
