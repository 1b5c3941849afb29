// The tests of 02-2. First by hand, one poll at a time; then between tasks and threads.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/spawn.hpp>
#include <oneshot.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <thread>
#include <utility>

using nara::Async;
using nara::Context;
using nara::Poll;
using nara::Waker;
using nara::test::by_hand;
using nara::test::run;
using nara::test::step;

namespace {

using Answer = Poll<std::expected<int, Closed>>;

/// Stands in for a mutex: knows whether it is locked, and can let somebody act the first time that
/// it is unlocked, as another thread might.
struct SeenMutex {
  void lock() { is_locked = true; }
  void unlock() {
    is_locked = false;
    const auto act = std::exchange(when_unlocked, nullptr);
    if (act) act();
  }

  static inline bool is_locked = false;
  static inline std::function<void()> when_unlocked;
};

Async<> send(Sender<int> sender) {
  CHECK(std::move(sender).send(7).has_value());
  co_return;
}

Async<> never_send(Sender<int>) { co_await nara::pending(); }

}  // namespace

TEST_CASE("02-2 Oneshot: a value that is there already is received at once") {
  step("make a oneshot, and send 7");
  auto [sender, receiver] = oneshot<int>();
  REQUIRE(std::move(sender).send(7).has_value());
  step("poll the receiver: ready with 7");
  auto waits = by_hand(std::move(receiver));
  Answer answer = waits.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value() == 7);
}

TEST_CASE("02-2 Oneshot: a receiver that waits is woken when the value is sent") {
  step("make a oneshot, and poll the receiver: pending; one waker is kept, and not woken");
  auto [sender, receiver] = oneshot<int>();
  auto waits = by_hand(std::move(receiver));
  REQUIRE(waits.poll().is_pending());
  REQUIRE(waits.wakers_out() == 1);
  REQUIRE(waits.wakes() == 0);
  step("poll it again, for no reason: pending; still one waker is kept, and not woken");
  REQUIRE(waits.poll().is_pending());
  REQUIRE(waits.wakers_out() == 1);
  REQUIRE(waits.wakes() == 0);
  step("send 7: woken once, and no waker is kept");
  REQUIRE(std::move(sender).send(7).has_value());
  REQUIRE(waits.wakes() == 1);
  REQUIRE(waits.wakers_out() == 0);
  step("poll it: ready with 7");
  Answer answer = waits.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value() == 7);
}

TEST_CASE("02-2 Oneshot: a value that can only be moved arrives, also after its sender is gone") {
  step("make a oneshot, send a unique_ptr, and destroy the sender");
  auto ends =
      std::make_unique<decltype(oneshot<std::unique_ptr<int>>())>(oneshot<std::unique_ptr<int>>());
  auto waits = by_hand(std::move(ends->second));
  REQUIRE(std::move(ends->first).send(std::make_unique<int>(7)).has_value());
  ends.reset();
  step("poll the receiver: ready with the unique_ptr");
  auto answer = waits.poll();
  REQUIRE(answer.is_ready());
  REQUIRE(answer.value().has_value());
  CHECK(**answer.value() == 7);
}

TEST_CASE("02-2 Oneshot: a sender that is destroyed wakes the receiver, which says Closed") {
  step("make a oneshot, and poll the receiver: pending");
  auto ends = std::make_unique<decltype(oneshot<int>())>(oneshot<int>());
  auto waits = by_hand(std::move(ends->second));
  REQUIRE(waits.poll().is_pending());
  step("destroy the sender: woken once, and no waker is kept");
  ends.reset();
  REQUIRE(waits.wakes() == 1);
  REQUIRE(waits.wakers_out() == 0);
  step("poll the receiver: ready with Closed");
  Answer answer = waits.poll();
  REQUIRE(answer.is_ready());
  CHECK_FALSE(answer.value().has_value());
}

TEST_CASE("02-2 Oneshot: when the receiver is gone, send gives the value back") {
  step("make a oneshot, and destroy the receiver");
  auto [sender, receiver] = oneshot<std::unique_ptr<int>>();
  by_hand(std::move(receiver)).cancel();
  step("send a unique_ptr: it comes back");
  auto sent = std::move(sender).send(std::make_unique<int>(7));
  REQUIRE_FALSE(sent.has_value());
  CHECK(*sent.error() == 7);
}

TEST_CASE("02-2 Oneshot: a receiver that is destroyed while it waits leaves no waker behind") {
  step("make a oneshot, and poll the receiver: pending");
  auto [sender, receiver] = oneshot<int>();
  auto waits = by_hand(std::move(receiver));
  REQUIRE(waits.poll().is_pending());
  step("destroy the receiver, but not the sender: no waker is kept");
  waits.cancel();
  CHECK(waits.wakers_out() == 0);
}

TEST_CASE("02-2 Oneshot: a receiver that was polled by two is going to wake the second") {
  nara::test::WakeCounter first;
  nara::test::WakeCounter second;
  auto [sender, receiver] = oneshot<int>();
  for (auto* const who : {&first, &second}) {
    step("poll the receiver with a waker of the ", who == &first ? "first" : "second");
    const Waker waker = who->waker();
    Context context(waker);
    REQUIRE(receiver.poll(context).is_pending());
  }
  step("send 7: the second is woken, and the first is not");
  REQUIRE(std::move(sender).send(7).has_value());
  CHECK(second.wakes() == 1);
  CHECK(first.wakes() == 0);
}

TEST_CASE("02-2 Oneshot: a value that is sent in the middle of a poll does not go unnoticed") {
  auto [sender, receiver] = oneshot<int, SeenMutex>();
  auto waits = by_hand(std::move(receiver));
  step("poll the receiver; as soon as the poll unlocks the mutex, somebody sends 7");
  SeenMutex::when_unlocked = [&] { CHECK(std::move(sender).send(7).has_value()); };
  const bool is_ready = waits.poll().is_ready();
  step("either that poll was ready, or the receiver has been woken");
  const bool is_noticed = is_ready || waits.is_woken();
  CHECK(is_noticed);
}

TEST_CASE("02-2 Oneshot: the receiver is woken when the mutex is free again") {
  // Why it matters: whoever is woken may poll at once, and that needs the mutex.
  static constexpr nara::WakerVTable kLook{
      .clone = [](void*) noexcept {},
      .wake = [](void* seen) noexcept { *static_cast<bool*>(seen) = SeenMutex::is_locked; },
      .wake_by_ref = [](void* seen) noexcept { *static_cast<bool*>(seen) = SeenMutex::is_locked; },
      .drop = [](void*) noexcept {},
  };
  for (const bool sends : {true, false}) {
    auto ends = std::make_unique<decltype(oneshot<int, SeenMutex>())>(oneshot<int, SeenMutex>());
    auto receiver = std::move(ends->second);
    bool was_locked = false;
    const Waker waker(&was_locked, kLook);
    Context context(waker);
    step("poll the receiver, with a waker that looks at the mutex");
    REQUIRE(receiver.poll(context).is_pending());
    step(sends ? "send 7" : "destroy the sender", ": when it wakes, the mutex is not locked");
    if (sends) REQUIRE(std::move(ends->first).send(7).has_value());
    ends.reset();
    CHECK_FALSE(was_locked);
  }
}

TEST_CASE("02-2 Oneshot: one task sends to another") {
  run([]() -> Async<> {
    auto [sender, receiver] = oneshot<int>();
    step("spawn a task that sends 7, and wait for it");
    const auto task = nara::spawn(send, std::move(sender));
    const std::expected<int, Closed> value = co_await receiver;
    CHECK(value == 7);
  });
}

TEST_CASE("02-2 Oneshot: a task that is aborted before it has sent closes the channel") {
  run([]() -> Async<> {
    auto [sender, receiver] = oneshot<int>();
    step("spawn a task that keeps the sender, and abort it");
    const auto task = nara::spawn(never_send, std::move(sender));
    task.abort();
    step("wait for the value: Closed");
    const std::expected<int, Closed> value = co_await receiver;
    CHECK_FALSE(value.has_value());
  });
}

TEST_CASE("02-2 Oneshot: one thread sends to another") {
  step("wait for a value that another thread sends, 500 times");
  for (int round = 0; round < 500; ++round) {
    auto [sender, receiver] = oneshot<int>();
    const std::jthread thread(
        [round, sender = std::move(sender)]() mutable { (void)std::move(sender).send(round); });
    REQUIRE(nara::block_on(std::move(receiver)) == round);
  }
}
