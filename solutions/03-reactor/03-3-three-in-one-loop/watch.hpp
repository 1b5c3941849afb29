// A keyboard, a clock and a child process, in one loop on one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/spawn.hpp>
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
  // BEGIN SOLUTION
  // STARTER: nara::todo("03-3: listen() reads what is typed, and hands it on");
  // STARTER: co_return;
  std::array<char, 100> buffer;
  const auto read = [&buffer](const nara::OwnedFd& descriptor) {
    return nara::sys::read(descriptor.fd(), std::as_writable_bytes(std::span(buffer)));
  };
  while (true) {
    const auto size = co_await keyboard.async_io(nara::io::Interest::kReadable, read);
    if (!size || *size == 0) co_return;
    listener.on_words(std::string_view(buffer.data(), *size));
  }
  // END SOLUTION
}

/// Tells of each beat, with the number of beats so far. If several were missed, it tells once.
inline nara::Async<> beat(Source clock, const Listener& listener) {
  // BEGIN SOLUTION
  // STARTER: nara::todo("03-3: beat() takes the beats of the clock, and tells of them");
  // STARTER: co_return;
  std::uint64_t all = 0;
  while (true) {
    const auto beats = co_await clock.async_io(nara::io::Interest::kReadable, take_beats);
    if (!beats) co_return;
    all += *beats;
    listener.on_beat(all);
  }
  // END SOLUTION
}

/// Listens to the keyboard and tells of the beats until the child has ended, and returns its exit
/// code. By then nobody listens or tells any more, and all three descriptors are closed. The end of
/// the keyboard is not the end of the rest.
inline nara::Async<nara::io::Result<int>> watch(Source keyboard, Source clock, Source child,
                                                const Listener& listener) {
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("03-3: watch() spawns two tasks, waits for the child, and ends them");
  auto fingers = nara::spawn(listen(std::move(keyboard), listener));
  auto heart = nara::spawn(beat(std::move(clock), listener));
  const auto code = co_await child.async_io(nara::io::Interest::kReadable, exit_code);
  fingers.abort();
  heart.abort();
  (void)co_await fingers;
  (void)co_await heart;
  co_return code;
  // END SOLUTION
}
