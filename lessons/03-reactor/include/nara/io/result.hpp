// How failures of the system are reported: as values, not as exceptions.
#pragma once

#include <cstdint>
#include <expected>
#include <system_error>
#include <type_traits>

namespace nara::inline NARA_BUILD::io {

/// A `T`, or the reason why there is none. The reason is what the kernel said (`errno`, comparable
/// with `std::errc`), or an `io::Errc` of this library. Mirrors `std::io::Result`.
template <class T>
using Result = std::expected<T, std::error_code>;

/// What the library itself has to say about input and output.
enum class Errc : std::uint8_t {
  kShutdown = 1,   ///< The runtime that the descriptor belongs to is gone, or about to go.
  kUnexpectedEof,  ///< A stream has ended before there was all that was asked for.
  kWriteZero,      ///< A stream takes nothing any more, without saying why.
};

/// Converts implicitly to `std::error_code`.
std::error_code make_error_code(Errc error) noexcept;

/// True when the operation cannot be done now, but may be later: `EAGAIN`.
bool is_would_block(const std::error_code& error) noexcept;

/// True when the runtime of the descriptor is gone: no operation on it will ever succeed. Mirrors
/// `tokio::runtime::is_rt_shutdown_err`.
bool is_shutdown(const std::error_code& error) noexcept;

}  // namespace nara::inline NARA_BUILD::io

template <>
struct std::is_error_code_enum<nara::io::Errc> : std::true_type {};
