// Whoever waits at a channel can be destroyed there: no message is lost, and nothing is left.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/select.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/yield_now.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <testkit/tracked.hpp>
#include <utility>
#include <vector>

namespace mpsc = nara::sync::mpsc;
using nara::Async;
using nara::test::by_hand;
using nara::test::destroy_at_every_suspension;
using nara::test::run;
using nara::test::Tracked;

TEST_CASE("a receive that loses a select, again and again, loses no message") {
  run([]() -> Async<> {
    auto [sender, receiver] = mpsc::channel<int>(1);
    (void)nara::spawn(
        [](mpsc::Sender<int> mine) -> Async<> {
          for (int i = 0; i < 50; ++i) {
            const auto sent = co_await mine.send(i);
            CHECK(sent.has_value());
            co_await nara::yield_now();
          }
        },
        std::move(sender));
    std::vector<int> received;
    int lost = 0;
    while (received.size() < 50) {
      const auto first = co_await nara::select(receiver.recv(), nara::yield_now());
      if (first.index() == 1) ++lost;
      if (first.index() == 0) received.push_back(std::get<0>(first).value());
    }
    for (int i = 0; i < 50; ++i) CHECK(received.at(i) == i);
    CHECK(lost > 0);
  });
}

TEST_CASE("a receive that was woken and is destroyed leaves its message to the next one") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  auto first = by_hand(receiver.recv());
  CHECK(first.poll().is_pending());
  CHECK(sender.try_send(7).has_value());
  CHECK(first.is_woken());
  first.cancel();
  CHECK(by_hand(receiver.recv()).poll().value() == 7);
}

TEST_CASE("a receive that is destroyed leaves no waker behind, so nobody is woken for it") {
  auto [sender, receiver] = mpsc::unbounded_channel<int>();
  auto recv = by_hand(receiver.recv());
  CHECK(recv.poll().is_pending());
  recv.cancel();
  CHECK(recv.wakers_out() == 0);
  std::vector<int> received;
  auto recv_many = by_hand(receiver.recv_many(received, 1));
  CHECK(recv_many.poll().is_pending());
  recv_many.cancel();
  CHECK(recv_many.wakers_out() == 0);
}

TEST_CASE("a coroutine that sends can be destroyed wherever it waits, and nothing is left") {
  mpsc::Receiver<Tracked>* receiver = nullptr;
  const auto body = [](mpsc::Sender<Tracked> to, mpsc::Receiver<Tracked> from,
                       mpsc::Receiver<Tracked>*& receiver) -> Async<> {
    receiver = &from;
    (void)to.try_send(Tracked());
    (void)co_await to.send(Tracked());
    auto permit = co_await to.reserve();
    std::move(*permit).send(Tracked());
    (void)co_await to.reserve_many(1);
    co_await to.closed();
  };
  const int suspensions = destroy_at_every_suspension(
      [&] {
        auto [to, from] = mpsc::channel<Tracked>(1);
        return body(std::move(to), std::move(from), receiver);
      },
      [&](int poll) {
        if (poll < 4) (void)receiver->try_recv();
        if (poll == 4) receiver->close();
      });
  CHECK(suspensions == 4);
}

TEST_CASE("a coroutine that receives can be destroyed wherever it waits, and nothing is left") {
  mpsc::Sender<Tracked> sender = mpsc::channel<Tracked>(1).first;
  const int suspensions = destroy_at_every_suspension(
      [&] {
        auto [mine, receiver] = mpsc::channel<Tracked>(2);
        sender = std::move(mine);
        return [](mpsc::Receiver<Tracked> from) -> Async<> {
          const auto first = co_await from.recv();
          CHECK(first.has_value());
          std::vector<Tracked> rest;
          const auto count = co_await from.recv_many(rest, 10);
          CHECK(count == 1);
        }(std::move(receiver));
      },
      [&](int) { CHECK(sender.try_send(Tracked()).has_value()); });
  CHECK(suspensions == 2);
}
