// Waiting for a descriptor, without a kernel: who is woken, when, and what a waker may do.
#include <doctest/doctest.h>

#include <deque>
#include <memory>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/last_words.hpp>
#include <utility>
#include <vector>

#include "waiting.hpp"

using nara::Context;
using nara::Waker;
using nara::detail::Registration;
using nara::io::Interest;
using nara::io::Ready;
using nara::test::by_hand;
using nara::test::ByHand;
using nara::test::step;

namespace {

Wait readable(Registration& registration) { return {registration, Interest::kReadable}; }
Wait writable(Registration& registration) { return {registration, Interest::kWritable}; }

}  // namespace

TEST_CASE("who waits keeps the waker, is woken by the event, and is ready then") {
  Registration registration;
  auto reader = by_hand(readable(registration));
  CHECK(reader.poll().is_pending());
  CHECK(reader.wakers_out() == 1);
  deliver(registration, Ready::kReadable);
  CHECK(reader.is_woken());
  CHECK(reader.poll().value().ready == Ready::kReadable);
}

TEST_CASE("who is woken finds the event, even in the middle of the wake") {
  Registration registration;
  Calls calls;
  auto reader = by_hand(readable(registration));
  calls.on_wake = [&] { CHECK(reader.poll().is_ready()); };
  auto first = readable(registration);
  const Waker waker = calls.waker();
  Context context(waker);
  CHECK(first.poll(context).is_pending());
  deliver(registration, Ready::kReadable);
  CHECK(reader.polls() == 1);
}

TEST_CASE("what has come before the wait ends it at once") {
  Registration registration;
  deliver(registration, Ready::kReadable);
  auto reader = by_hand(readable(registration));
  CHECK(reader.poll().value().ready == Ready::kReadable);
  CHECK(reader.wakers_out() == 0);
}

TEST_CASE("readiness that is left lets the next one through, and readiness that is cleared not") {
  Registration registration;
  deliver(registration, Ready::kReadable);
  const nara::detail::ReadyEvent seen = by_hand(readable(registration)).poll().value();
  CHECK(by_hand(readable(registration)).poll().is_ready());
  registration.readiness().clear(seen);
  CHECK(by_hand(readable(registration)).poll().is_pending());
}

TEST_CASE("an event wakes those who wait for it, and nobody else") {
  Registration registration;
  auto reader = by_hand(readable(registration));
  auto writer = by_hand(writable(registration));
  auto either = by_hand(Wait{registration, Interest::kReadable | Interest::kWritable});
  CHECK(reader.poll().is_pending());
  CHECK(writer.poll().is_pending());
  CHECK(either.poll().is_pending());
  deliver(registration, Ready::kWritable);
  CHECK_FALSE(reader.is_woken());
  CHECK(writer.is_woken());
  CHECK(either.is_woken());
  CHECK(either.poll().value().ready == Ready::kWritable);
}

TEST_CASE("an end ends the wait of its own side") {
  Registration registration;
  auto reader = by_hand(readable(registration));
  auto writer = by_hand(writable(registration));
  CHECK(reader.poll().is_pending());
  CHECK(writer.poll().is_pending());
  deliver(registration, Ready::kReadClosed);
  CHECK(reader.poll().value().ready.is_read_closed());
  CHECK(writer.poll().is_pending());
  deliver(registration, Ready::kWriteClosed);
  CHECK(writer.poll().value().ready.is_write_closed());
}

TEST_CASE("the shutdown wakes everybody, and nobody waits from then on") {
  Registration registration;
  auto reader = by_hand(readable(registration));
  auto writer = by_hand(writable(registration));
  auto urgent = by_hand(Wait{registration, Interest::kPriority});
  CHECK(reader.poll().is_pending());
  CHECK(writer.poll().is_pending());
  CHECK(urgent.poll().is_pending());
  registration.shut_down();
  CHECK(reader.is_woken());
  CHECK(writer.is_woken());
  CHECK(urgent.is_woken());
  CHECK(reader.poll().value().is_shutdown);
  CHECK(writer.poll().value().is_shutdown);
  CHECK(urgent.poll().value().is_shutdown);
  CHECK(by_hand(readable(registration)).poll().value().is_shutdown);
}

TEST_CASE("a wait that is woken for something that is gone again waits on") {
  Registration registration;
  auto reader = by_hand(readable(registration));
  CHECK(reader.poll().is_pending());
  deliver(registration, Ready::kReadable);
  step("somebody else was faster");
  registration.readiness().clear(registration.readiness().look(Ready::kReadable));
  CHECK(reader.poll().is_pending());
  deliver(registration, Ready::kReadable);
  CHECK(reader.is_woken());
  CHECK(reader.poll().is_ready());
}

TEST_CASE("a hundred may wait for the same event, and the first is woken first") {
  Registration registration;
  std::vector<int> order;
  std::deque<Calls> calls(100);
  std::deque<Wait> waits;
  for (int number = 0; number < 100; ++number) {
    Calls& call = calls[static_cast<std::size_t>(number)];
    call.on_wake = [&order, number] { order.push_back(number); };
    const Waker waker = call.waker();
    Context context(waker);
    waits.push_back(readable(registration));
    CHECK(waits.back().poll(context).is_pending());
  }
  deliver(registration, Ready::kReadable);
  std::vector<int> all(100);
  for (int number = 0; number < 100; ++number) all[static_cast<std::size_t>(number)] = number;
  CHECK(order == all);
}

TEST_CASE("no lock is held while somebody is woken: a waker may wait for the same descriptor") {
  Registration registration;
  auto writer = by_hand(writable(registration));
  Calls calls;
  calls.on_wake = [&] { CHECK(writer.poll().is_pending()); };
  auto reader = readable(registration);
  const Waker waker = calls.waker();
  Context context(waker);
  CHECK(reader.poll(context).is_pending());
  deliver(registration, Ready::kReadable);
  CHECK(writer.polls() == 1);
  deliver(registration, Ready::kWritable);
  CHECK(writer.is_woken());
}

TEST_CASE("no lock is held while a waker is replaced: what it drops may wait, too") {
  Registration registration;
  auto writer = by_hand(writable(registration));
  Calls calls;
  auto reader = readable(registration);
  {
    const Waker first = calls.waker();
    Context context(first);
    CHECK(reader.poll(context).is_pending());
  }
  calls.on_drop = [&] { CHECK(writer.poll().is_pending()); };
  nara::test::WakeCounter counter;
  const Waker second = counter.waker();
  Context context(second);
  CHECK(reader.poll(context).is_pending());
  CHECK(writer.polls() == 1);
  step("only the second is woken");
  calls.on_drop = [] {};
  calls.on_wake = [] { CHECK(false); };
  deliver(registration, Ready::kReadable);
  CHECK(counter.wakes() == 1);
}

TEST_CASE("a waker that would wake the same task is not cloned again") {
  Registration registration;
  Calls calls;
  auto reader = readable(registration);
  const Waker waker = calls.waker();
  for (int poll = 0; poll < 3; ++poll) {
    Context context(waker);
    CHECK(reader.poll(context).is_pending());
  }
  CHECK(calls.clones == 1);
}

TEST_CASE("a waker may destroy the wait that it belongs to, and others that are woken with it") {
  constexpr int kWaits = 100;
  Registration registration;
  int wakes = 0;
  Calls calls;
  std::vector<std::unique_ptr<Wait>> waits;
  calls.on_wake = [&] {
    ++wakes;
    waits.clear();
  };
  const Waker waker = calls.waker();
  for (int number = 0; number < kWaits; ++number) {
    waits.push_back(std::make_unique<Wait>(registration, Interest::kReadable));
    Context context(waker);
    CHECK(waits.back()->poll(context).is_pending());
  }
  deliver(registration, Ready::kReadable);
  step("those whose wakers were taken already are woken, the others have left");
  CHECK(wakes >= 1);
  CHECK(wakes < kWaits);
}

TEST_CASE("a wait that is destroyed takes its waker with it, wherever it stands") {
  Registration registration;
  std::deque<ByHand<Wait>> waits;
  for (int number = 0; number < 3; ++number) {
    waits.emplace_back(readable(registration));
    CHECK(waits.back().poll().is_pending());
  }
  for (const std::size_t number : {1u, 0u, 2u}) {
    waits[number].cancel();
    CHECK(waits[number].wakers_out() == 0);
  }
  deliver(registration, Ready::kReadable);
  for (const ByHand<Wait>& wait : waits) CHECK(wait.wakes() == 0);
}

TEST_CASE("a wait can be destroyed before its first poll, while it waits, and once it was woken") {
  std::optional<Registration> registration;
  const auto make = [&] {
    registration.emplace();
    return readable(*registration);
  };
  const auto go_on = [&](int) { deliver(*registration, Ready::kReadable); };
  CHECK(nara::test::destroy_at_every_suspension(make, go_on) == 1);
}

TEST_CASE("when the budget is spent, a wait that could end gives way, and ends in the next turn") {
  Registration registration;
  auto reader = by_hand(readable(registration));
  CHECK(reader.poll().is_pending());
  deliver(registration, Ready::kReadable);
  Calls calls;
  int wakes = 0;
  calls.on_wake = [&] { ++wakes; };
  const Waker waker = calls.waker();
  Context context(waker);
  while (context.spend()) {
  }
  CHECK(reader.future().poll(context).is_pending());
  CHECK(wakes == 1);
  CHECK(reader.poll().is_ready());
}

TEST_CASE("a wait that ends costs one unit of the budget, and one that does not end costs none") {
  Registration registration;
  const Waker waker = Waker::noop();
  Context context(waker);
  auto reader = readable(registration);
  CHECK(reader.poll(context).is_pending());
  deliver(registration, Ready::kReadable);
  CHECK(reader.poll(context).is_ready());
  int left = 0;
  while (context.spend()) ++left;
  CHECK(left == Context::kBudget - 1);
}

TEST_CASE("to move a wait after its first poll ends the program") {
  const std::string words = nara::test::last_words([] {
    Registration registration;
    auto reader = readable(registration);
    const Waker waker = Waker::noop();
    Context context(waker);
    (void)reader.poll(context);
    const Wait moved = std::move(reader);
  });
  CHECK(words.find("a future was moved after its first poll") != words.npos);
}

TEST_CASE("a wait that is over may be moved, and used again") {
  Registration registration;
  deliver(registration, Ready::kReadable);
  auto first = readable(registration);
  const Waker waker = Waker::noop();
  Context context(waker);
  const nara::detail::ReadyEvent seen = first.poll(context).value();
  Wait second = std::move(first);
  registration.readiness().clear(seen);
  CHECK(second.poll(context).is_pending());
}
