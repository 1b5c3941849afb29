// What a descriptor is good for right now, and what somebody wants it to be good for.
#pragma once

#include <cstdint>

namespace nara::inline NARA_BUILD::io {

/// A set of things that a descriptor is ready for: trying them will probably not say `EAGAIN`.
/// Mirrors `tokio::io::Ready`.
class Ready {
 public:
  /// Nothing.
  constexpr Ready() noexcept = default;

  static const Ready kReadable;     ///< There is something to read, or to accept.
  static const Ready kWritable;     ///< There is room to write.
  static const Ready kReadClosed;   ///< The other side will not send any more.
  static const Ready kWriteClosed;  ///< The other side will not read any more.
  static const Ready kPriority;     ///< There is something urgent to read.
  static const Ready kError;        ///< An error waits to be fetched by the next operation.

  constexpr bool is_empty() const noexcept { return bits_ == 0; }

  /// True when a read will not wait, be it that it gives bytes or the end.
  constexpr bool is_readable() const noexcept;

  /// True when a write will not wait, be it that it takes bytes or fails.
  constexpr bool is_writable() const noexcept;

  constexpr bool is_read_closed() const noexcept;
  constexpr bool is_write_closed() const noexcept;
  constexpr bool is_priority() const noexcept;
  constexpr bool is_error() const noexcept;

  /// What is in either, in both, or in the first alone.
  constexpr Ready operator|(Ready other) const noexcept { return Ready(bits_ | other.bits_); }
  constexpr Ready operator&(Ready other) const noexcept { return Ready(bits_ & other.bits_); }
  constexpr Ready operator-(Ready other) const noexcept { return Ready(bits_ & ~other.bits_); }
  constexpr bool operator==(const Ready&) const noexcept = default;

  /// For the readiness word: the set as a number, and back.
  constexpr std::uint16_t bits() const noexcept { return bits_; }
  static constexpr Ready from_bits(std::uint16_t bits) noexcept { return Ready(bits); }

 private:
  constexpr explicit Ready(unsigned bits) noexcept : bits_(static_cast<std::uint16_t>(bits)) {}

  std::uint16_t bits_ = 0;
};

inline constexpr Ready Ready::kReadable{1u << 0};
inline constexpr Ready Ready::kWritable{1u << 1};
inline constexpr Ready Ready::kReadClosed{1u << 2};
inline constexpr Ready Ready::kWriteClosed{1u << 3};
inline constexpr Ready Ready::kPriority{1u << 4};
inline constexpr Ready Ready::kError{1u << 5};

/// What somebody waits for. Mirrors `tokio::io::Interest`.
class Interest {
 public:
  static const Interest kReadable;
  static const Interest kWritable;
  static const Interest kPriority;  ///< Urgent data, as `POLLPRI` understands it.
  static const Interest kError;     ///< An error. It ends the other waits, too.

  /// Either.
  constexpr Interest operator|(Interest other) const noexcept {
    return Interest(mask_ | other.mask_);
  }
  constexpr bool operator==(const Interest&) const noexcept = default;

  /// True when all of `other` is wanted.
  constexpr bool includes(Interest other) const noexcept {
    return (mask_ & other.mask_) == other.mask_;
  }

  /// The readiness that ends the wait: one side's end is worth a try, too.
  constexpr Ready mask() const noexcept { return mask_; }

 private:
  constexpr explicit Interest(Ready mask) noexcept : mask_(mask) {}

  Ready mask_;
};

inline constexpr Interest Interest::kReadable{Ready::kReadable | Ready::kReadClosed};
inline constexpr Interest Interest::kWritable{Ready::kWritable | Ready::kWriteClosed};
inline constexpr Interest Interest::kPriority{Ready::kPriority | Ready::kReadClosed};
inline constexpr Interest Interest::kError{Ready::kError};

constexpr bool Ready::is_readable() const noexcept {
  return !(*this & Interest::kReadable.mask()).is_empty();
}
constexpr bool Ready::is_writable() const noexcept {
  return !(*this & Interest::kWritable.mask()).is_empty();
}
constexpr bool Ready::is_read_closed() const noexcept { return !(*this & kReadClosed).is_empty(); }
constexpr bool Ready::is_write_closed() const noexcept {
  return !(*this & kWriteClosed).is_empty();
}
constexpr bool Ready::is_priority() const noexcept { return !(*this & kPriority).is_empty(); }
constexpr bool Ready::is_error() const noexcept { return !(*this & kError).is_empty(); }

}  // namespace nara::inline NARA_BUILD::io
