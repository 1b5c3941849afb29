// System calls on descriptors of any kind.
#pragma once

#include <cstddef>
#include <nara/io/result.hpp>
#include <span>

namespace nara::inline NARA_BUILD::sys {

/// Reads at most `into.size()` bytes. 0 means that there will never be more. `EAGAIN` when there is
/// nothing yet and `descriptor` is non-blocking. read(2).
io::Result<std::size_t> read(int descriptor, std::span<std::byte> into) noexcept;

/// Writes as many of `bytes` as there is room for, and returns how many. `EAGAIN` when there is no
/// room and `descriptor` is non-blocking, `EPIPE` when nobody will ever read them. write(2).
io::Result<std::size_t> write(int descriptor, std::span<const std::byte> bytes) noexcept;

/// Closes the descriptor. It is closed even when there was an error, which nobody could do anything
/// about. close(2).
void close(int descriptor) noexcept;

/// From now on, calls on the descriptor say `EAGAIN` instead of waiting. fcntl(2).
io::Result<void> set_nonblocking(int descriptor) noexcept;

}  // namespace nara::inline NARA_BUILD::sys
