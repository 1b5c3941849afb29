// Any stream in two halves, for two tasks.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <nara/context.hpp>
#include <nara/detail/not_moved.hpp>
#include <nara/future.hpp>
#include <nara/io/concepts.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/trace.hpp>
#include <optional>
#include <span>
#include <utility>

namespace nara::inline NARA_BUILD::io {

namespace detail {

/// A stream, and who may touch it.
template <class S>
struct SharedStream {
  explicit SharedStream(S given) : stream(std::move(given)) {}
  std::mutex mutex;
  S stream;
};

/// A future of a shared stream: nobody else touches the stream while it is polled.
template <class S, Future F>
class [[nodiscard]] Locked {
 public:
  using Output = OutputOf<F>;

  Locked(std::shared_ptr<SharedStream<S>> shared, F future)
      : shared_(std::move(shared)), future_(std::move(future)) {}
  Locked(Locked&&) noexcept = default;
  Locked& operator=(Locked&&) = delete;
  ~Locked() {
    if (shared_ == nullptr) return;
    const std::lock_guard lock(shared_->mutex);
    future_.reset();
  }

  Poll<Output> poll(Context& context) {
    const std::lock_guard lock(shared_->mutex);
    return future_->poll(context);
  }

  void describe(Trace& trace) const { nara::detail::describe(*future_, trace); }

 private:
  std::shared_ptr<SharedStream<S>> shared_;
  std::optional<F> future_;
};

/// What both halves are.
template <class S>
class Half {
 public:
  explicit Half(std::shared_ptr<SharedStream<S>> shared) noexcept : shared_(std::move(shared)) {}

 protected:
  SharedStream<S>& shared() const { return nara::detail::not_moved(shared_, "a half of a stream"); }

  template <class Make>
  auto locked(Make make) const {
    return Locked(shared_, make(shared().stream));
  }

  std::shared_ptr<SharedStream<S>> shared_;
};

}  // namespace detail

template <class S>
class WriteHalf;

/// The half of `split()` that reads. Cancel safety: that of the stream. Thread safety: it may be on
/// another thread than its other half. Mirrors `tokio::io::ReadHalf`.
template <class S>
class ReadHalf : public detail::Half<S> {
 public:
  using detail::Half<S>::Half;

  auto read(std::span<std::byte> into) const {
    return this->locked([into](S& stream) { return stream.read(into); });
  }

  /// True when both come from the same `split()`.
  bool is_pair_of(const WriteHalf<S>& other) const { return &this->shared() == &other.shared(); }

  /// The stream again. Throws `Misuse` when `other` is half of another one.
  S unsplit(WriteHalf<S> other) && {
    if (!is_pair_of(other)) {
      throw Misuse("unsplit() was given a half of another stream: ask is_pair_of() before");
    }
    return std::move(this->shared().stream);
  }
};

/// The half of `split()` that writes. When it is destroyed, nothing happens to the stream: call
/// `shutdown()` before. Cancel safety: that of the stream. Thread safety: that of the other half.
/// Mirrors `tokio::io::WriteHalf`.
template <class S>
class WriteHalf : public detail::Half<S> {
 public:
  using detail::Half<S>::Half;

  auto write(std::span<const std::byte> bytes) const {
    return this->locked([bytes](S& stream) { return stream.write(bytes); });
  }
  auto flush() const {
    return this->locked([](S& stream) { return stream.flush(); });
  }
  auto shutdown() const {
    return this->locked([](S& stream) { return stream.shutdown(); });
  }

  bool is_pair_of(const ReadHalf<S>& other) const { return other.is_pair_of(*this); }

 private:
  friend ReadHalf<S>;
};

/// Both halves of any stream. They share it under a mutex, which is held while one of them is
/// polled. Mirrors `tokio::io::split`.
template <class S>
  requires AsyncRead<S> && AsyncWrite<S>
std::pair<ReadHalf<S>, WriteHalf<S>> split(S stream) {
  auto shared = std::make_shared<detail::SharedStream<S>>(std::move(stream));
  return {ReadHalf<S>(shared), WriteHalf<S>(shared)};
}

}  // namespace nara::inline NARA_BUILD::io
