// The newest value of a watch channel, and its version.
//
//   Sender::send(C):   value ──► [B]  version 3        value ──► [C]  version 4
//                                 ▲
//                                 │ a Ref that somebody keeps      [B] goes with the last Ref
//
// A value is never changed, only replaced: who looks at one keeps it alive, and needs no lock.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <nara/detail/ends.hpp>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

/// Shared by the handles of a watch channel. Any thread. What is under its mutex are pointers and
/// numbers: no value is copied or destroyed there.
template <class T>
class Latest : public Ends {
 public:
  using Value = std::shared_ptr<const T>;
  using Version = std::uint64_t;

  /// The version of no value.
  static constexpr Version kNone = 0;

  /// How things are at one moment.
  struct Now {
    Value value;
    Version version;
    bool is_closed;  ///< All senders are gone: this is the last value.
  };

  explicit Latest(Value first) noexcept : value_(std::move(first)) {}

  Now look() const noexcept {
    const std::lock_guard lock(mutex_);
    return {value_, version_, senders_ == 0};
  }

  Version version() const noexcept {
    const std::lock_guard lock(mutex_);
    return version_;
  }

  bool is_closed() const noexcept {
    const std::lock_guard lock(mutex_);
    return senders_ == 0;
  }

  /// False when nobody receives: then it was not sent.
  bool send(Value value) noexcept {
    return publish(value, [this] { return receivers_ != 0; });
  }

  /// Sends, even if nobody receives. Returns the value that there was before.
  Value replace(Value value) noexcept {
    publish(value, [] { return true; });
    return value;
  }

  /// Sends, even if nobody receives, but only in place of `before`.
  bool replace_if(const Value& before, Value value) noexcept {
    return publish(value, [&] { return value_ == before; });
  }

  /// A new receiver has seen the version that is returned.
  Version add_receiver() noexcept {
    const std::lock_guard lock(mutex_);
    ++receivers_;
    return version_;
  }

  void remove_receiver() noexcept {
    {
      const std::lock_guard lock(mutex_);
      if (--receivers_ != 0) return;
    }
    leaving().dismiss_all();
  }

 private:
  /// `value` is the old one afterwards. So that goes when the lock is free.
  template <class Condition>
  bool publish(Value& value, Condition condition) noexcept {
    {
      const std::lock_guard lock(mutex_);
      if (!condition()) return false;
      value_.swap(value);
      ++version_;
    }
    changes().dismiss_all();
    return true;
  }

  Value value_;
  Version version_ = kNone + 1;
};

}  // namespace nara::inline NARA_BUILD::detail
