// Bytes on their way from one task to another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <nara/context.hpp>
#include <nara/io/result.hpp>
#include <nara/poll.hpp>
#include <nara/waker.hpp>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD::detail {

/// One direction of a duplex: a ring of bytes, who waits for bytes, and who waits for room.
///
/// Thread safety: any thread; one that reads and one that writes at a time.
class BytePipe {
 public:
  /// Holds at most `capacity` bytes.
  explicit BytePipe(std::size_t capacity) : ring_(capacity) {}

  /// Who reads, and who writes.
  enum Side : std::uint8_t { kReader, kWriter };

  /// Ready with how many bytes were read or written.
  template <Side side, class Bytes>
  class [[nodiscard]] Transfer {
   public:
    using Output = io::Result<std::size_t>;
    static constexpr std::string_view kWaitsFor =
        side == kReader ? "DuplexStream::read()" : "DuplexStream::write()";

    Transfer(BytePipe& pipe, Bytes bytes) noexcept : pipe_(&pipe), bytes_(bytes) {}
    Transfer(Transfer&& other) noexcept
        : pipe_(other.pipe_), bytes_(other.bytes_), waits_(std::exchange(other.waits_, false)) {}
    Transfer& operator=(Transfer&&) = delete;
    ~Transfer() {
      if (waits_) pipe_->forget(side);
    }

    Poll<Output> poll(Context& context) {
      Poll<Output> answer = pipe_->poll(bytes_, context);
      waits_ = answer.is_pending();
      return answer;
    }

   private:
    BytePipe* pipe_;
    Bytes bytes_;
    bool waits_ = false;
  };

  using Read = Transfer<kReader, std::span<std::byte>>;
  using Write = Transfer<kWriter, std::span<const std::byte>>;

  /// That side is gone: the other one need not wait any more.
  void end(Side side) noexcept;

 private:
  using Answer = Poll<io::Result<std::size_t>>;

  Answer poll(std::span<std::byte> into, Context& context);
  Answer poll(std::span<const std::byte> bytes, Context& context);
  Answer wait(Side side, Context& context, std::unique_lock<std::mutex> lock) noexcept;
  static Answer later(Context& context) noexcept;
  void wake(Side side, std::unique_lock<std::mutex> lock) noexcept;
  void forget(Side side) noexcept;

  std::mutex mutex_;  // Guards all that follows.
  std::vector<std::byte> ring_;
  std::size_t begin_ = 0;  ///< Where the bytes begin that were not read yet.
  std::size_t size_ = 0;   ///< How many these are.
  std::array<bool, 2> is_gone_{};
  std::array<Waker, 2> wakers_{Waker::noop(), Waker::noop()};
};

}  // namespace nara::inline NARA_BUILD::detail
