// The one place where the library enters the kernel: each call is counted, repeated when a signal
// has interrupted it, and its -1 turned into an error.
#pragma once

#include <cerrno>
#include <nara/io/result.hpp>
#include <type_traits>

namespace nara::inline NARA_BUILD::sys {

/// What the last call of this thread that failed has left in `errno`.
inline std::error_code last_error() noexcept { return {errno, std::system_category()}; }

/// Counts a system call, if this thread runs an executor (`Counters::system_calls`).
void count() noexcept;

/// Makes a system call, one that must not be made again when a signal has interrupted it. Returns
/// what the kernel does: -1 for an error.
template <class Call>
std::invoke_result_t<Call&> call_once(Call call) noexcept {
  count();
  return call();
}

// [call]
/// Makes a system call: `call()` returns what the kernel does, -1 for an error. A call that a
/// signal has interrupted is made again.
template <class Call>
io::Result<std::invoke_result_t<Call&>> call(Call call) noexcept {
  while (true) {
    const auto answer = call_once(call);
    if (answer != -1) return answer;
    if (errno != EINTR) return std::unexpected(last_error());
  }
}
// [/call]

}  // namespace nara::inline NARA_BUILD::sys
