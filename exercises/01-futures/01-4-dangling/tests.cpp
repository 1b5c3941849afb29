// The tests of 01-4. In each of the first three, something dies that a coroutine still refers to.
#include <doctest/doctest.h>

#include <memory>
#include <room.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <utility>

using nara::Poll;
using nara::test::by_hand;
using nara::test::step;

namespace {

const std::string kAda = "Ada, Countess of Lovelace";
const std::string kGrace = "Rear Admiral Grace Hopper";

/// Plays the executor for all visits.
void turn(Room& room) {
  const nara::Waker waker = nara::Waker::noop();
  nara::Context context(waker);
  room.turn(context);
}

void join(Room& room, const std::string& name) {
  auto join = by_hand(room.join(name));
  REQUIRE(join.poll().is_pending());
  REQUIRE(join.poll().is_ready());
}

}  // namespace

TEST_CASE("01-4 Dangling: join works, even if the name that was given is gone by then") {
  Room room;
  step("call join() with a name that is on the heap");
  auto name = std::make_unique<std::string>(kAda);
  auto join = by_hand(room.join(*name));
  step("destroy the name");
  name.reset();
  step("poll the call twice: she is a member");
  REQUIRE(join.poll().is_pending());
  REQUIRE(join.poll().is_ready());
  CHECK(room.has(kAda));
}

TEST_CASE("01-4 Dangling: who leaves while being welcomed is sent no more lines") {
  Room room;
  join(room, kAda);
  step("welcome a member, and poll: the first of three lines arrives");
  auto welcome = by_hand(room.welcome(kAda));
  REQUIRE(welcome.poll().is_pending());
  REQUIRE(room.inbox(kAda).size() == 1);
  step("she leaves");
  room.leave(kAda);
  step("poll the welcome: ready, with 1 line sent");
  Poll<int> sent = welcome.poll();
  REQUIRE(sent.is_ready());
  CHECK(sent.value() == 1);
}

TEST_CASE("01-4 Dangling: who stays is sent three lines, one a turn") {
  Room room;
  join(room, kAda);
  step("welcome a member");
  auto welcome = by_hand(room.welcome(kAda));
  for (std::size_t lines = 1; lines <= 3; ++lines) {
    step("poll: pending, and so far she was sent ", lines);
    REQUIRE(welcome.poll().is_pending());
    REQUIRE(room.inbox(kAda).size() == lines);
  }
  step("poll: ready, with 3 lines sent");
  Poll<int> sent = welcome.poll();
  REQUIRE(sent.is_ready());
  CHECK(sent.value() == 3);
}

TEST_CASE("01-4 Dangling: a guest lives as long as its visit") {
  Room room;
  join(room, kAda);
  step("admit a guest: it joins, is sent three lines, and says one itself");
  room.admit(std::make_unique<Guest>(kGrace, "I have found a bug in mine."));
  for (int number = 1; number <= 4; ++number) {
    step("turn ", number, ": the visit goes on");
    turn(room);
    REQUIRE(room.has(kGrace) == (number > 1));
  }
  REQUIRE(room.inbox(kGrace).size() == 3);
  step("turn 5: the guest says its line, and leaves");
  turn(room);
  REQUIRE(room.inbox(kAda).size() == 1);
  CHECK(room.inbox(kAda).front() == kGrace + ": I have found a bug in mine.");
  CHECK_FALSE(room.has(kGrace));
}

TEST_CASE("01-4 Dangling: when the room is destroyed, each visit ends before its guest does") {
  step("admit a guest, and give it two turns: it is a member");
  auto room = std::make_unique<Room>();
  room->admit(std::make_unique<Guest>(kGrace, "I have found a bug in mine."));
  turn(*room);
  turn(*room);
  REQUIRE(room->has(kGrace));
  step("destroy the room: the visit leaves it, for which it needs the name of the guest");
  room.reset();
}
