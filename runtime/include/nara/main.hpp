// The `main()` of a program that runs on Nara.
#pragma once

#include <concepts>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/io/result.hpp>
#include <nara/spawn.hpp>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD {

namespace detail {

/// `nara::main()` for one kind of root.
int main(Async<io::Result<int>> root);

/// What a root may end with: nothing, an exit code, or one of them or an error.
template <class T>
concept ExitValue = std::is_void_v<T> || std::same_as<T, int> ||
                    std::same_as<T, io::Result<void>> || std::same_as<T, io::Result<int>>;

/// The exit code that the output of a root means.
template <class F, class... Arguments>
Async<io::Result<int>> exit_code(F function, Arguments... arguments) {
  using Output = OutputOf<std::invoke_result_t<F&, Arguments&...>>;
  if constexpr (std::is_void_v<Output>) {
    co_await function(arguments...);
    co_return 0;
  } else {
    Output output = co_await function(arguments...);
    if constexpr (std::same_as<Output, io::Result<void>>) {
      if (!output) co_return std::unexpected(output.error());
      co_return 0;
    } else {
      co_return output;
    }
  }
}

}  // namespace detail

/// Runs a program: `int main() { return nara::main(serve); }`.
///
/// Makes a runtime with everything enabled, runs the future that `root(arguments...)` returns to
/// its end, destroys the tasks that are left, and returns the exit code: what the future gives, or
/// 0 if that is nothing. An exception or an error that comes out of it is printed, and the code
/// is 1.
///
/// On SIGINT (Ctrl-C) and SIGTERM the future is destroyed, with all that it waits for, and the code
/// is 130 or 143, as shells expect it. The same signal once more ends the process at once. A task
/// that keeps the thread keeps both from being seen; SIGQUIT (Ctrl-\) ends that. Threads that are
/// started before this call should block both signals. Mirrors `#[tokio::main]`.
template <class F, class... Arguments>
  requires FutureFunction<F, Arguments...> &&
           detail::ExitValue<OutputOf<std::invoke_result_t<F&, Arguments&...>>>
int main(F root, Arguments... arguments) {
  return detail::main(detail::exit_code(std::move(root), std::move(arguments)...));
}

}  // namespace nara::inline NARA_BUILD
