// How a future keeps another one that it was given: inside, or, when it has a name, where it is.
#pragma once

#include <nara/context.hpp>
#include <nara/future.hpp>
#include <nara/poll.hpp>
#include <nara/trace.hpp>
#include <type_traits>

namespace nara::inline NARA_BUILD::detail {

/// A future that somebody else keeps.
template <Future F>
class Borrowed {
 public:
  using Output = OutputOf<F>;

  explicit Borrowed(F& future) noexcept : future_(&future) {}
  Poll<Output> poll(Context& context) { return future_->poll(context); }
  void describe(Trace& trace) const { detail::describe(*future_, trace); }

 private:
  F* future_;
};

/// What keeps a future that was given as an `F&&`.
template <class F>
using Kept = std::conditional_t<std::is_lvalue_reference_v<F>, Borrowed<std::remove_reference_t<F>>,
                                std::remove_cvref_t<F>>;

}  // namespace nara::inline NARA_BUILD::detail
