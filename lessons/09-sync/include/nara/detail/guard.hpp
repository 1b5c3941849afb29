// What locks give: the way to a value, for as long as it is held; and the future that waits for it.
#pragma once

#include <cstddef>
#include <nara/context.hpp>
#include <nara/detail/permits.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

/// The owner of what a guard refers to, when the guard does not have to keep it alive.
struct NoOwner {};

/// Leads to a `T` that is locked, and unlocks it when it is destroyed. `Owner` keeps alive what it
/// is the lock of.
template <class T, class Owner>
class [[nodiscard("destroying it unlocks")]] Guard {
 public:
  using Value = T;
  using OwnerType = Owner;

  Guard(Held held, T& value, Owner owner) noexcept
      : owner_(std::move(owner)), held_(std::move(held)), value_(&value) {}
  Guard(Guard&& other) noexcept = default;
  /// Unlocks what it had.
  Guard& operator=(Guard&& other) noexcept {
    Guard taken(std::move(other));
    std::swap(owner_, taken.owner_);
    std::swap(held_, taken.held_);
    std::swap(value_, taken.value_);
    return *this;
  }

  /// The value. Throws `Misuse` when the guard was moved from.
  T& operator*() const { return value(); }
  T* operator->() const { return &value(); }

  /// A guard for a part of the value: `part(value)` returns a reference to it. The lock is held for
  /// as long as that guard lives.
  template <class F>
    requires std::is_lvalue_reference_v<std::invoke_result_t<F, T&>>
  auto map(F part) && {
    using Part = std::remove_reference_t<std::invoke_result_t<F, T&>>;
    Part& mapped = part(value());
    return Guard<Part, Owner>(std::move(held_), mapped, std::move(owner_));
  }

 protected:
  T& value() const {
    if (!held_.is_held()) throw_moved();
    return *value_;
  }
  Held& held() noexcept { return held_; }
  Owner& owner() noexcept { return owner_; }

 private:
  [[noreturn, gnu::cold]] static void throw_moved() {
    throw Misuse("a guard was used that holds no lock any more: it was moved away");
  }

  [[no_unique_address]] Owner owner_;  // The first: it goes when the lock is given back.
  Held held_;
  T* value_;
};

/// A guard that has all permits of an `RwLock`.
template <class T, class Owner>
class [[nodiscard("destroying it unlocks")]] WriteGuard : public Guard<T, Owner> {
 public:
  using Guard<T, Owner>::Guard;

  /// Lets others read too, without a moment in which anybody else could write. Throws `Misuse` when
  /// the guard was moved from.
  Guard<const T, Owner> downgrade() && {
    const T& value = this->value();
    Held rest = std::move(this->held());
    Held one = rest.split(1);
    return {std::move(one), value, std::move(this->owner())};
  }
};

/// What one waits for, in traces.
struct MutexLock {
  static constexpr std::string_view kWaitsFor = "Mutex::lock()";
};
struct RwLockRead {
  static constexpr std::string_view kWaitsFor = "RwLock::read()";
};
struct RwLockWrite {
  static constexpr std::string_view kWaitsFor = "RwLock::write()";
};

/// Ready with a guard `G` when it is one's turn. `What::kWaitsFor` says for which.
template <class G, class What>
class [[nodiscard]] Lock {
 public:
  using Output = G;
  static constexpr std::string_view kWaitsFor = What::kWaitsFor;

  /// The guard of `value` is worth `count` of the permits.
  Lock(Permits& permits, std::size_t count, typename G::Value& value,
       typename G::OwnerType owner) noexcept
      : owner_(std::move(owner)), waiter_(permits, count), value_(&value) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  // Why always inline: see PermitWaiter::poll().
  [[gnu::always_inline]] Poll<G> poll(Context& context) {
    Poll<Held> answer = waiter_.poll(context, kWaitsFor);
    if (answer.is_pending()) return kPending;
    return G(std::move(answer).value(), *value_, std::move(owner_));
  }

  /// A guard if one can be had now, without waiting. Instead of the first poll.
  std::optional<G> try_now() && noexcept {
    Held held = waiter_.try_now();
    if (!held.is_held()) return std::nullopt;
    return G(std::move(held), *value_, std::move(owner_));
  }

 private:
  [[no_unique_address]] G::OwnerType owner_;
  PermitWaiter waiter_;
  G::Value* value_;
};

}  // namespace nara::inline NARA_BUILD::detail
