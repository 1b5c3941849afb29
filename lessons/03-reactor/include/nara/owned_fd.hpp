// A descriptor that somebody is responsible for.
#pragma once

#include <nara/sys/file.hpp>
#include <utility>

namespace nara::inline NARA_BUILD {

/// Owns a descriptor, and closes it when it is destroyed. One that was moved from owns none.
///
/// Thread safety: that of an `int`. Mirrors `std::os::fd::OwnedFd`.
class [[nodiscard]] OwnedFd {
 public:
  /// Takes over `descriptor`; -1 for none.
  explicit OwnedFd(int descriptor = -1) noexcept : descriptor_(descriptor) {}

  OwnedFd(OwnedFd&& other) noexcept : descriptor_(other.release()) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~OwnedFd() {
    if (descriptor_ != -1) sys::close(descriptor_);
  }

  /// The descriptor's number. It stays owned.
  int fd() const noexcept { return descriptor_; }

  /// Gives it away: the caller has to close it. Mirrors `IntoRawFd::into_raw_fd`.
  int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

}  // namespace nara::inline NARA_BUILD
