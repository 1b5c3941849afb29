// The tests of 07-3. The members are real, and on this machine; each test has a group of its own.
#include <doctest/doctest.h>

#include <chat.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/spawn.hpp>
#include <string>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <utility>
#include <vector>

using nara::Async;
using nara::net::IpAddr;
using nara::net::SocketAddr;
using nara::test::let_run;
using nara::test::let_run_until;
using nara::test::run_with_drivers;
using nara::test::step;

namespace {

using Texts = std::vector<std::string>;

/// A group that no other test has, also not one that runs at the same time: it is called after a
/// port of TCP, which nobody else is given while the listener lives.
struct Group {
  nara::net::TcpListener owner = nara::test::listen();
  SocketAddr address = after(owner.local_addr().value().port());

  static SocketAddr after(std::uint16_t port) {
    const auto high = static_cast<std::uint8_t>(port >> 8);
    const auto low = static_cast<std::uint8_t>(port & 0xff);
    return {IpAddr::v4(239, 255, high, low), port};
  }
};

/// A member, and all that it has heard.
struct Listener {
  explicit Listener(Member joined) : member(std::move(joined)) {}
  Member member;
  Texts heard;
  bool is_over = false;
};
using Shared = std::shared_ptr<Listener>;  // A task that was forgotten may still use it.

Async<> listen(Shared me) {
  while (true) {
    const auto text = co_await hear(me->member);
    if (!text) break;
    me->heard.push_back(*text);
  }
  me->is_over = true;
}

Async<Shared> come(SocketAddr group) {
  auto joined = co_await join(group);
  INFO("it cannot join: ", joined ? "" : joined.error().message());
  REQUIRE(joined.has_value());
  auto me = std::make_shared<Listener>(*std::move(joined));
  (void)nara::spawn(listen(me));
  co_return me;
}

Async<> speak(Shared me, std::string text) {
  const auto said = co_await say(me->member, text);
  REQUIRE(said.has_value());
}

/// Lets the others run until it has heard so many texts, and a little longer.
Async<Texts> heard(Shared who, std::size_t count) {
  co_await let_run_until([&] { return who->heard.size() >= count; });
  co_await let_run(200);
  co_return who->heard;
}

}  // namespace

TEST_SUITE_BEGIN("07-3" * doctest::timeout(5));

TEST_CASE("07-3 Multicast chat: what one says, all others hear") {
  run_with_drivers([]() -> Async<> {
    const Group group;
    step("three join: ada, basho and chiyo");
    const Shared ada = co_await come(group.address);
    const Shared basho = co_await come(group.address);
    const Shared chiyo = co_await come(group.address);
    step("ada says hello");
    co_await speak(ada, "ada: hello");
    const Texts by_basho = co_await heard(basho, 1);
    const Texts by_chiyo = co_await heard(chiyo, 1);
    CHECK(by_basho == Texts{"ada: hello"});
    CHECK(by_chiyo == Texts{"ada: hello"});
  });
}

TEST_CASE("07-3 Multicast chat: nobody hears their own words") {
  run_with_drivers([]() -> Async<> {
    const Group group;
    const Shared ada = co_await come(group.address);
    const Shared basho = co_await come(group.address);
    step("both say the same");
    co_await speak(ada, "good morning");
    co_await speak(basho, "good morning");
    co_await speak(ada, "and good night");
    const Texts by_ada = co_await heard(ada, 1);
    const Texts by_basho = co_await heard(basho, 2);
    CHECK(by_ada == Texts{"good morning"});
    CHECK(by_basho == Texts{"good morning", "and good night"});
  });
}

TEST_CASE("07-3 Multicast chat: each text is heard as it was said") {
  run_with_drivers([]() -> Async<> {
    const Group group;
    const Shared ada = co_await come(group.address);
    const Shared basho = co_await come(group.address);
    step("ada says three texts; the second one is empty");
    co_await speak(ada, "one");
    co_await speak(ada, "");
    co_await speak(ada, "three\nin two lines");
    const Texts texts = co_await heard(basho, 3);
    CHECK(texts == Texts{"one", "", "three\nin two lines"});
    step("and two that are as long as can be heard, and longer");
    const std::string longest(kLongest, 'x');
    co_await speak(ada, longest);
    co_await speak(ada, longest + "y");
    const Texts more = co_await heard(basho, 5);
    REQUIRE(more.size() == 5);
    CHECK(more[3] == longest);
    CHECK(more[4] == longest + "…");
  });
}

TEST_CASE("07-3 Multicast chat: another group at the same port is not heard") {
  run_with_drivers([]() -> Async<> {
    const Group group;
    const SocketAddr neighbours(IpAddr::v4(239, 254, 1, 1), group.address.port());
    const Shared ada = co_await come(group.address);
    const Shared basho = co_await come(group.address);
    const Shared neighbour = co_await come(neighbours);
    step("a neighbour says something to their own group");
    co_await speak(neighbour, "psst");
    step("somebody sends a datagram to the port, and not to the group");
    const SocketAddr port(IpAddr::v4(127, 0, 0, 2), group.address.port());
    (void)co_await neighbour->member.mouth.send_to(nara::io::as_bytes("psst"), port);
    step("ada says hello to hers");
    co_await speak(ada, "ada: hello");
    const Texts texts = co_await heard(basho, 1);
    CHECK(texts == Texts{"ada: hello"});
    CHECK(neighbour->heard == Texts{});
  });
}

TEST_CASE("07-3 Multicast chat: who has left hears nothing, and the others go on") {
  run_with_drivers([]() -> Async<> {
    const Group group;
    const Shared ada = co_await come(group.address);
    const Shared basho = co_await come(group.address);
    step("chiyo comes, and leaves");
    {
      auto joined = co_await join(group.address);
      REQUIRE(joined.has_value());
      const auto said = co_await say(*joined, "chiyo: good-bye");
      REQUIRE(said.has_value());
    }
    co_await speak(ada, "ada: is she gone?");
    const Texts texts = co_await heard(basho, 2);
    CHECK(texts == Texts{"chiyo: good-bye", "ada: is she gone?"});
    step("chiyo comes back, and hears what is said from now on");
    const Shared chiyo = co_await come(group.address);
    co_await speak(ada, "ada: welcome back");
    const Texts by_chiyo = co_await heard(chiyo, 1);
    CHECK(by_chiyo == Texts{"ada: welcome back"});
  });
}

TEST_CASE("07-3 Multicast chat: ten say ten texts each") {
  run_with_drivers([]() -> Async<> {
    const Group group;
    step("ten join");
    std::vector<Shared> members;
    for (int number = 0; number < 10; ++number) {
      Shared member = co_await come(group.address);
      members.push_back(std::move(member));
    }
    step("each says ten texts, in turn");
    for (int text = 0; text < 10; ++text) {
      for (int number = 0; number < 10; ++number) {
        co_await speak(members[number], std::to_string(number) + ": " + std::to_string(text));
      }
      for (const Shared& member : members) {
        (void)co_await heard(member, 9 * (static_cast<std::size_t>(text) + 1));
      }
    }
    step("each has heard the 90 of the others");
    for (int number = 0; number < 10; ++number) {
      Texts expected;
      for (int text = 0; text < 10; ++text) {
        for (int other = 0; other < 10; ++other) {
          if (other == number) continue;
          expected.push_back(std::to_string(other) + ": " + std::to_string(text));
        }
      }
      REQUIRE(members[number]->heard == expected);
    }
  });
}

TEST_SUITE_END();
