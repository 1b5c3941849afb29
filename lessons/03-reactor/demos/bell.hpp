// A waker without a task: it calls a function.
#pragma once

#include <functional>
#include <nara/waker.hpp>
#include <utility>

/// Rings when its waker is woken.
class Bell {
 public:
  explicit Bell(std::function<void()> on_ring = [] {}) : on_ring_(std::move(on_ring)) {}

  nara::Waker waker() { return nara::Waker(this, kRing); }

  int rings() const { return rings_; }

 private:
  static void ring(void* data) noexcept {
    auto* const bell = static_cast<Bell*>(data);
    ++bell->rings_;
    bell->on_ring_();
  }
  static void nothing(void*) noexcept {}

  static constexpr nara::WakerVTable kRing{
      .clone = nothing, .wake = ring, .wake_by_ref = ring, .drop = nothing};

  std::function<void()> on_ring_;
  int rings_ = 0;
};
