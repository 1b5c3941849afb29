// A future that a demo polls by hand, so that one sees who is woken.
#pragma once

#include <nara/context.hpp>
#include <nara/future.hpp>
#include <nara/waker.hpp>
#include <optional>
#include <utility>

/// Somebody who waits: a future, and a waker that notes down that it was woken.
template <nara::Future F>
class Polled {
 public:
  explicit Polled(F future) : future_(std::move(future)) {}

  /// Polls once. True when it is ready.
  bool poll() {
    is_woken_ = false;
    const nara::Waker waker(&is_woken_, kNotes);
    nara::Context context(waker);
    return future_->poll(context).is_ready();
  }

  bool is_woken() const { return is_woken_; }

  /// Destroys the future: whoever it was does not wait any more.
  void go_away() { future_.reset(); }

 private:
  static void note(void* data) noexcept { *static_cast<bool*>(data) = true; }
  static void nothing(void*) noexcept {}
  static constexpr nara::WakerVTable kNotes{nothing, note, note, nothing};

  std::optional<F> future_;
  bool is_woken_ = false;
};
