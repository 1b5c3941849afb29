// A pipe: what is written into one end can be read from the other.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <nara/owned_fd.hpp>
#include <nara/sys/file.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

/// Neither end ever waits: both are non-blocking.
struct Pipe {
  nara::OwnedFd out;  ///< Read here.
  nara::OwnedFd in;   ///< Write here.

  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
      throw std::system_error(errno, std::system_category(), "pipe");
    }
    out = nara::OwnedFd(ends[0]);
    in = nara::OwnedFd(ends[1]);
  }

  void write(std::string_view words) const {
    (void)nara::sys::write(in.fd(), std::as_bytes(std::span(words)));
  }

  /// At most so many bytes. None when there is nothing.
  std::optional<std::string> read(std::size_t most) const { return read_from(out.fd(), most); }

  static std::optional<std::string> read_from(int descriptor, std::size_t most) {
    std::string words(most, ' ');
    const auto size = nara::sys::read(descriptor, std::as_writable_bytes(std::span(words)));
    if (!size) return std::nullopt;
    words.resize(*size);
    return words;
  }
};
