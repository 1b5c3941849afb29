// The wheel beside the simplest thing that does the same: many random steps, and both agree.
// NARA_STRESS_ROUNDS=10000 lets it run for long; NARA_STRESS_SEED=7 repeats a run.
#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <nara/detail/wheel.hpp>
#include <testkit/random.hpp>
#include <utility>
#include <vector>

using nara::detail::Alarm;
using nara::detail::Wheel;
using nara::test::below;
using nara::test::Random;

namespace {

using Tick = std::uint64_t;

/// Both, side by side. What one is told, the other is told.
class Twins {
 public:
  explicit Twins(unsigned seed) : random_(seed) {}
  ~Twins() {
    for (const auto& [when, alarm] : model_) wheel_.remove(*alarm);
  }
  Twins(const Twins&) = delete;
  Twins& operator=(const Twins&) = delete;

  void one_step() {
    switch (below(random_, 8)) {
      case 0:
        take(now_ + some_time(), below(random_, 4));  // Some of those that are due may stay.
        break;
      case 1:
        if (const std::optional<Tick> next = wheel_.next()) take(*next, 1'000'000);
        break;
      case 2:
      case 3:
        remove();
        break;
      default:
        insert();
        break;
    }
    REQUIRE(wheel_.now() == now_);
    REQUIRE(wheel_.empty() == model_.empty());
    REQUIRE(wheel_.next().has_value() == !model_.empty());
    if (!model_.empty()) REQUIRE(*wheel_.next() <= model_.begin()->first);
  }

  void take_all() {
    while (!model_.empty()) take(model_.begin()->first, 1'000'000);
    REQUIRE(wheel_.empty());
  }

 private:
  /// Most often little, sometimes as far as the last level and beyond it.
  Tick some_time() {
    const int bits = below(random_, below(random_, 4) == 0 ? 39 : 14);
    const Tick bits_of_chance = (Tick{random_()} << 31) ^ random_();
    return bits_of_chance & ((Tick{1} << bits) - 1);
  }

  void insert() {
    auto alarm = std::make_unique<Alarm>();
    alarm->when = now_ + some_time();
    if (below(random_, 3) == 0 && !model_.empty()) alarm->when = any()->first;
    const bool is_to_come = alarm->when > now_;
    REQUIRE(wheel_.insert(*alarm) == is_to_come);
    if (is_to_come) model_.emplace(alarm->when, std::move(alarm));
  }

  void remove() {
    if (model_.empty()) return;
    const auto place = any();
    wheel_.remove(*place->second);
    REQUIRE_FALSE(place->second->is_linked());
    model_.erase(place);
  }

  /// Time moves on, and at most so many are given out.
  void take(Tick tick, int most) {
    for (int taken = 0; taken < most; ++taken) {
      const Alarm* const alarm = wheel_.expire(tick);
      if (model_.empty() || model_.begin()->first > tick) {
        REQUIRE(alarm == nullptr);
        now_ = std::max(now_, tick);
        return;
      }
      REQUIRE(alarm == model_.begin()->second.get());
      now_ = alarm->when;
      model_.erase(model_.begin());
    }
  }

  std::multimap<Tick, std::unique_ptr<Alarm>>::iterator any() {
    return std::next(model_.begin(), below(random_, static_cast<int>(model_.size())));
  }

  Random random_;
  Tick now_ = 0;
  std::multimap<Tick, std::unique_ptr<Alarm>> model_;
  Wheel wheel_;
};

}  // namespace

TEST_CASE("the wheel does what a sorted list would do" *
          doctest::timeout(nara::test::seconds_for_seeds(100))) {
  nara::test::for_each_seed(100, [](unsigned seed) {
    Twins twins(seed);
    for (int i = 0; i < 500; ++i) twins.one_step();
    twins.take_all();
  });
}
