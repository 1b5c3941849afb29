// Branches that take no part any more: one that is done, and one that gives nothing.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/select.hpp>
#include <nara/time/sleep.hpp>
#include <optional>

#include "paused.hpp"

using nara::Async;
using nara::on;
using nara::some;
using nara::when;
using namespace std::chrono_literals;

// [source]
/// Gives as many numbers as it has, 10 ms apart, and then nothing.
struct Source {
  int left;

  Async<std::optional<int>> next() {
    if (left == 0) co_return std::nullopt;
    co_await nara::time::sleep(10ms);
    co_return left--;
  }
};
// [/source]

// [when]
Async<> count() {
  Source few{1};
  Source many{3};
  nara::time::Sleep bell = nara::time::sleep(15ms);
  bool has_rung = false;
  bool is_over = false;
  const auto of_few = [](int number) { std::printf("few: %d\n", number); };
  const auto of_many = [](int number) { std::printf("many: %d\n", number); };
  const auto ring = [&has_rung] {
    std::printf("the bell\n");
    has_rung = true;
  };
  const auto end = [&is_over] {
    std::printf("that was all\n");
    is_over = true;
  };
  // [turns]
  while (!is_over) {
    co_await nara::select_biased(on(some(few.next()), of_few), on(some(many.next()), of_many),
                                 when(!has_rung, on(bell, ring)))
        .otherwise(end);
  }
  // [/turns]
}
// [/when]

int main() { run_paused(count); }
