// Reads a pipe without ever keeping the thread: first bytes, then lines.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/io/result.hpp>
#include <nara/owned_fd.hpp>
#include <nara/sys/file.hpp>
#include <nara/todo.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>

/// The end of a pipe that is read, and what the reactor knows about it.
using Source = nara::AsyncFd<nara::OwnedFd>;

/// Makes the descriptor non-blocking, and registers it with the reactor of this runtime. When one
/// of the two fails, gives the reason.
inline nara::io::Result<Source> adopt(nara::OwnedFd descriptor) {
  return nara::todo("03-1: adopt() makes the descriptor non-blocking, and registers it");
}

/// Waits until there is something to read, and reads at most `into.size()` bytes. 0 is the end.
inline nara::Async<nara::io::Result<std::size_t>> read_some(const Source& source,
                                                            std::span<std::byte> into) {
  co_return nara::todo("03-1: read_some() waits, tries to read, and waits again on EAGAIN");
}

/// Cuts what comes out of a pipe into lines.
class Lines {
 public:
  using Line = std::optional<std::string>;

  /// Reads from `source`, which has to outlive it.
  explicit Lines(const Source& source) : source_(source) {}

  /// Waits for the next line, and gives it without its '\n'. At the end of the pipe it gives what
  /// came after the last '\n', if that is something, and from then on nothing.
  ///
  /// Cancel safety: it can be destroyed while it waits; the next call goes on.
  nara::Async<nara::io::Result<Line>> next() {
    co_return nara::todo("03-1: next() reads until it has a whole line, and keeps the rest");
  }

 private:
  const Source& source_;
  std::string kept_;  ///< Has been read, and not given yet.
};
