// Waiting on a thread that runs no tasks.
#pragma once

#include <nara/current.hpp>
#include <nara/current_thread.hpp>
#include <nara/future.hpp>
#include <nara/misuse.hpp>
#include <string>
#include <string_view>

namespace nara::inline NARA_BUILD::detail {

/// Throws `Misuse` on a thread that runs tasks: `what` would stop them all.
inline void check_blocking(std::string_view what) {
  if (Current::runs() == nullptr) return;
  throw Misuse(std::string(what) +
               " was called inside of a task: it would stop the thread that runs all tasks; "
               "co_await the function without blocking_ instead");
}

/// Stops the thread until `future` is ready.
template <Future F>
OutputOf<F> block_here(F future, std::string_view what) {
  check_blocking(what);
  return block_on(future);
}

}  // namespace nara::inline NARA_BUILD::detail
