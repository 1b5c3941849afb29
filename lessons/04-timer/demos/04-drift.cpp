// A heart that is to beat every 10 ms. It works, then it sleeps, as one would write it.
#include <chrono>
#include <cstdio>
#include <thread>

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

void tell(int beat, Clock::time_point start) {
  if (beat != 1 && beat != 2 && beat != 10 && beat != 100) return;
  const auto after = std::chrono::floor<std::chrono::milliseconds>(Clock::now() - start);
  std::printf("beat %3d   due after %4d ms   came after %4ld ms\n", beat, beat * 10,
              static_cast<long>(after.count()));
}

// [problem]
/// Stands for a little work.
void work() { std::this_thread::sleep_for(3ms); }

int main() {
  const Clock::time_point start = Clock::now();
  for (int beat = 1; beat <= 100; ++beat) {
    std::this_thread::sleep_for(10ms);
    tell(beat, start);
    work();
  }
}
// [/problem]
