// The simplest thing that answers a waker: a bell, at which whoever polls looks afterwards.
#pragma once

#include <nara/waker.hpp>
#include <utility>

// [bell]
/// Rings when one of its wakers is woken. It has to outlive them.
class Bell {
 public:
  nara::Waker waker() { return nara::Waker(this, kRing); }

  /// Has it rung since this was last asked?
  bool has_rung() { return std::exchange(rung_, false); }

 private:
  static void ring(void* bell) noexcept { static_cast<Bell*>(bell)->rung_ = true; }
  static void nothing(void*) noexcept {}

  static constexpr nara::WakerVTable kRing{
      .clone = nothing, .wake = ring, .wake_by_ref = ring, .drop = nothing};

  bool rung_ = false;
};
// [/bell]
