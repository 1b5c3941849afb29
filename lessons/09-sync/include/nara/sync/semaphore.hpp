// A number of permits, for what only so many may do at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <nara/context.hpp>
#include <nara/detail/guard.hpp>
#include <nara/detail/permits.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::sync {

/// The semaphore is closed. Mirrors `tokio::sync::AcquireError`.
struct AcquireError {
  bool operator==(const AcquireError&) const noexcept = default;
  static std::string message() { return "the semaphore is closed"; }
};

/// Why there was no permit at once. Mirrors `tokio::sync::TryAcquireError`.
enum class TryAcquireError : std::uint8_t { kClosed, kNoPermits };

/// Permits of a semaphore, which go back when this is destroyed. It may be kept across a
/// `co_await`, and moved to another thread. `Owner` keeps the semaphore alive. Mirrors
/// `tokio::sync::SemaphorePermit`.
template <class Owner>
class [[nodiscard("destroying it gives the permits back")]] BasicPermit {
 public:
  BasicPermit(detail::Held held, Owner owner) noexcept
      : owner_(std::move(owner)), held_(std::move(held)) {}
  BasicPermit(BasicPermit&& other) noexcept = default;
  /// Gives back what it had.
  BasicPermit& operator=(BasicPermit&& other) noexcept {
    BasicPermit taken(std::move(other));
    std::swap(owner_, taken.owner_);
    std::swap(held_, taken.held_);
    return *this;
  }

  /// How many they are.
  std::size_t count() const noexcept { return held_.count(); }

  /// Adds those of `other`, which has none then. Throws `Misuse` when they are of another
  /// semaphore.
  void merge(BasicPermit other) {
    if (held_.permits() != other.held_.permits()) {
      throw Misuse("merge() was called with permits of another semaphore: keep them apart");
    }
    held_.join(std::move(other.held_));
  }

  /// Takes `count` of them out. Throws `Misuse` when it has fewer.
  BasicPermit split(std::size_t count) {
    if (count > held_.count()) {
      throw Misuse("split(" + std::to_string(count) + ") was called for " +
                   std::to_string(held_.count()) + " permits: ask count() first");
    }
    return {held_.split(count), owner_};
  }

  /// They never go back: the semaphore has fewer from now on.
  void forget() && noexcept { held_.forget(); }

 private:
  [[no_unique_address]] Owner owner_;  // The first: it goes when the permits are given back.
  detail::Held held_;
};

using SemaphorePermit = BasicPermit<detail::NoOwner>;
using OwnedSemaphorePermit = BasicPermit<std::shared_ptr<void>>;

/// Ready with permits, or with an error when the semaphore is closed. Made by
/// `Semaphore::acquire()`, `Semaphore::acquire_many()`, `Semaphore::acquire_owned()` and
/// `Semaphore::acquire_many_owned()`.
template <class Owner>
class [[nodiscard]] Acquire {
 public:
  using Output = std::expected<BasicPermit<Owner>, AcquireError>;
  static constexpr std::string_view kWaitsFor = "Semaphore::acquire()";

  Acquire(detail::Permits& permits, std::size_t count, Owner owner) noexcept
      : owner_(std::move(owner)), waiter_(permits, count) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  Poll<Output> poll(Context& context) {
    Poll<detail::Held> answer = waiter_.poll(context, kWaitsFor);
    if (answer.is_pending()) return kPending;
    detail::Held held = std::move(answer).value();
    if (!held.is_held()) return Output(std::unexpected(AcquireError()));
    return Output(BasicPermit<Owner>(std::move(held), std::move(owner_)));
  }

 private:
  [[no_unique_address]] Owner owner_;
  detail::PermitWaiter waiter_;
};

/// A number of permits. First come, first served, also for who wants many: nobody who wants fewer
/// can overtake.
///
/// Thread safety: any thread, also outside of a runtime. It must outlive its permits, but for those
/// that own it. Mirrors `tokio::sync::Semaphore`.
class Semaphore {
 public:
  using Attempt = std::expected<SemaphorePermit, TryAcquireError>;
  using OwnedAttempt = std::expected<OwnedSemaphorePermit, TryAcquireError>;

  /// The most permits that one can have.
  static constexpr std::size_t kMaxPermits = detail::Permits::kMost;

  /// Throws `Misuse` for more than `kMaxPermits`.
  explicit Semaphore(std::size_t permits) : permits_(checked(permits)) {}

  /// Waits for a permit. An error when it is closed.
  ///
  /// Cancel safety: the place in the line is lost. What was given to it already goes to the next.
  Acquire<detail::NoOwner> acquire() noexcept { return {permits_, 1, {}}; }

  /// Waits for `count` permits, which may come bit by bit. Cancel safety: that of `acquire()`.
  Acquire<detail::NoOwner> acquire_many(std::size_t count) noexcept {
    return {permits_, count, {}};
  }

  /// Waits for a permit that keeps the semaphore alive. Cancel safety: that of `acquire()`.
  static Acquire<std::shared_ptr<void>> acquire_owned(std::shared_ptr<Semaphore> semaphore) {
    return acquire_many_owned(std::move(semaphore), 1);
  }

  /// Waits for `count` permits that keep the semaphore alive. Cancel safety: that of `acquire()`.
  static Acquire<std::shared_ptr<void>> acquire_many_owned(std::shared_ptr<Semaphore> semaphore,
                                                           std::size_t count) {
    detail::Permits& permits = semaphore->permits_;
    return {permits, count, std::move(semaphore)};
  }

  /// Permits, if there are as many now.
  Attempt try_acquire(std::size_t count = 1) noexcept {
    if (!permits_.try_acquire(count)) return std::unexpected(why_not());
    return SemaphorePermit(detail::Held(permits_, count), {});
  }
  static OwnedAttempt try_acquire_owned(std::shared_ptr<Semaphore> semaphore,
                                        std::size_t count = 1) {
    Semaphore& self = *semaphore;
    if (!self.permits_.try_acquire(count)) return std::unexpected(self.why_not());
    return OwnedSemaphorePermit(detail::Held(self.permits_, count), std::move(semaphore));
  }

  /// How many are free now.
  std::size_t available_permits() const noexcept { return permits_.available(); }

  /// It has `count` more from now on. Throws `Misuse` when these are more than `kMaxPermits`.
  void add_permits(std::size_t count) {
    if (count > kMaxPermits - available_permits()) (void)checked(SIZE_MAX);
    permits_.release(count);
  }

  /// Takes away up to `count` of those that are free, and says how many those were.
  std::size_t forget_permits(std::size_t count) noexcept { return permits_.forget(count); }

  /// From now on nobody gets a permit, and all who wait get an error. Those that are held stay
  /// valid.
  void close() noexcept { permits_.close(); }
  bool is_closed() const noexcept { return permits_.is_closed(); }

 private:
  static std::size_t checked(std::size_t permits) {
    if (permits <= kMaxPermits) return permits;
    throw Misuse("a Semaphore cannot have more than Semaphore::kMaxPermits permits: give it fewer");
  }

  TryAcquireError why_not() const noexcept {
    return is_closed() ? TryAcquireError::kClosed : TryAcquireError::kNoPermits;
  }

  detail::Permits permits_;
};

}  // namespace nara::inline NARA_BUILD::sync
