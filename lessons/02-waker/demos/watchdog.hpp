// Ends a program that hangs: a demo must not wait for somebody to press Ctrl-C.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

/// When `progress` stays the same for half a second: calls `report` with it, and ends the program.
class Watchdog {
 public:
  Watchdog(const std::atomic<long>& progress, void (*report)(long progress))
      : thread_([&progress, report](const std::stop_token& stop) {
          long last = -1;
          while (last != progress) {
            last = progress;
            std::this_thread::sleep_for(std::chrono::milliseconds(500));
            if (stop.stop_requested()) return;
          }
          report(last);
          std::fflush(stdout);
          std::_Exit(0);
        }) {}

 private:
  std::jthread thread_;
};
