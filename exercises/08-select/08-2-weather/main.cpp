// A weather station that sends a number every 100 ms, and a mark every 250 ms.
#include <array>
#include <chrono>
#include <cstdio>
#include <logbook.hpp>
#include <nara/async.hpp>
#include <nara/main.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>

namespace {

using namespace std::chrono_literals;
using nara::Async;

class Screen final : public Logbook {
 public:
  void write(const Report& report) override {
    std::printf("%3d degrees, wind %2d, rain %2d\n", report.warmth, report.wind, report.rain);
  }
  void mark() override { std::printf("---\n"); }
};

Async<> measure(Station& station, Bell& stop) {
  for (const int number : std::array{21, 3, 0, 20, 5, 2, 17, 9, 12}) {
    co_await nara::time::sleep(100ms);
    station.send(number);
  }
  station.switch_off();
  co_await nara::time::sleep(400ms);
  stop.ring();
}

Async<> log_weather() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Screen screen;
  Station station;
  Bell stop;
  auto measuring = nara::spawn(measure(station, stop));
  co_await keep(screen, station, 250ms, stop);
  std::printf("the bell\n");
  (void)co_await measuring;
}

}  // namespace

int main() { return nara::main(log_weather); }
