// A keyboard, a clock and a child process, in one loop on one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/spawn.hpp>
#include <nara/todo.hpp>
#include <os.hpp>
#include <span>
#include <string_view>
#include <utility>

/// What is to be done when something happens.
struct Listener {
  std::function<void(std::string_view)> on_words;  ///< Somebody has typed this.
  std::function<void(std::uint64_t)> on_beat;      ///< The clock has beaten so often, in all.
};

/// Hands on what is typed, as it comes, until the keyboard says 0 or fails.
///
/// A terminal gives one line at a time, even when there is room for more, and when there are more.
inline nara::Async<> listen(Source keyboard, const Listener& listener) {
  nara::todo("03-3: listen() reads what is typed, and hands it on");
  co_return;
}

/// Tells of each beat, with the number of beats so far. If several were missed, it tells once.
inline nara::Async<> beat(Source clock, const Listener& listener) {
  nara::todo("03-3: beat() takes the beats of the clock, and tells of them");
  co_return;
}

/// Listens to the keyboard and tells of the beats until the child has ended, and returns its exit
/// code. By then nobody listens or tells any more, and all three descriptors are closed. The end of
/// the keyboard is not the end of the rest.
inline nara::Async<nara::io::Result<int>> watch(Source keyboard, Source clock, Source child,
                                                const Listener& listener) {
  co_return nara::todo("03-3: watch() spawns two tasks, waits for the child, and ends them");
}
