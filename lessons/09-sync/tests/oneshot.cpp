// One value, once: who sends, who receives, and who goes away before.
#include <doctest/doctest.h>

#include <expected>
#include <memory>
#include <nara/async.hpp>
#include <nara/misuse.hpp>
#include <nara/sync/oneshot.hpp>
#include <optional>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/tracked.hpp>
#include <thread>
#include <utility>
#include <vector>

using nara::Async;
using nara::Misuse;
using nara::sync::oneshot::channel;
using nara::sync::oneshot::RecvError;
using nara::sync::oneshot::TryRecvError;
using nara::test::by_hand;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("a value that is sent wakes the one who waits for it, who gets it") {
  auto [sender, receiver] = channel<int>();
  auto future = by_hand(std::move(receiver));
  CHECK(future.poll().is_pending());
  CHECK(std::move(sender).send(7));
  CHECK(future.wakes() == 1);
  CHECK(future.wakers_out() == 0);
  CHECK(future.poll().value() == 7);
}

TEST_CASE("what was sent before is there at the first poll") {
  auto [sender, receiver] = channel<int>();
  CHECK(std::move(sender).send(7));
  auto future = by_hand(std::move(receiver));
  CHECK(future.poll().value() == 7);
  CHECK(future.wakes() == 0);
}
