// Where a computation stands that cannot go on: what a debugger cannot show, because it is not on
// any stack.
#pragma once

#include <algorithm>
#include <concepts>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace nara::inline NARA_BUILD {

/// The call stack of a suspended computation.
struct Trace {
  /// The `co_await`s that it is suspended at, the outermost first. None before it has started.
  std::vector<std::source_location> stops;

  /// What the innermost `co_await` waits for: the future's own words (`kWaitsFor`), or its type.
  std::string waits_for;
};

namespace detail {

/// The name of the type `T`, as the compiler prints it.
template <class T>
constexpr std::string_view name_of_type() {
  // Both compilers end the name of this function with [T = …] or [with T = …; …].
  std::string_view name = __PRETTY_FUNCTION__;
  name.remove_prefix(name.find("T = ") + 4);
  return name.substr(0, std::min(name.find(';'), name.rfind(']')));
}

/// Adds to `trace` where `future` stands.
template <class F>
void describe(const F& future, Trace& trace) {
  if constexpr (requires { future.describe(trace); }) {
    future.describe(trace);
  } else if constexpr (requires {
                         { F::kWaitsFor } -> std::convertible_to<std::string_view>;
                       }) {
    trace.waits_for = F::kWaitsFor;
  } else {
    trace.waits_for = name_of_type<F>();
  }
}

}  // namespace detail

}  // namespace nara::inline NARA_BUILD
