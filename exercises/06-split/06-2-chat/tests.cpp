// The tests of 06-2.
#include <doctest/doctest.h>

#include <chat.hpp>
#include <chrono>
#include <nara/time/pause.hpp>
#include <string>
#include <testkit/chat_cases.hpp>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <testkit/talker.hpp>

using namespace std::chrono_literals;

using nara::Async;
using nara::net::SocketAddr;
using nara::net::TcpStream;
using nara::test::a_hundred_talk;
using nara::test::come;
using nara::test::one_floods;
using nara::test::one_resets;
using nara::test::one_says_much;
using nara::test::one_speaks_slowly;
using nara::test::run_paused;
using nara::test::run_with_drivers;
using nara::test::start;
using nara::test::step;
using nara::test::Talker;
using nara::test::two_talk;
using nara::test::wait_until;
using nara::time::advance;

TEST_SUITE_BEGIN("06-2" * doctest::timeout(5));

TEST_CASE("06-2 Multi-client chat: two talk") { run_with_drivers(two_talk); }

TEST_CASE("06-2 Multi-client chat: one speaks slowly, and nobody waits for it") {
  run_with_drivers(one_speaks_slowly);
}

TEST_CASE("06-2 Multi-client chat: a long line arrives whole") { run_with_drivers(one_says_much); }

TEST_CASE("06-2 Multi-client chat: one resets, and the others talk on") {
  run_with_drivers(one_resets);
}

TEST_CASE("06-2 Multi-client chat: one floods, and the others have their turn") {
  run_with_drivers(one_floods);
}

TEST_CASE("06-2 Multi-client chat: a hundred talk") { run_with_drivers(a_hundred_talk); }

TEST_CASE("06-2 Multi-client chat: one never reads, and the others wait for a second") {
  // The clock stands still while the test is busy. It moves when the test says so.
  run_paused([]() -> Async<> {
    const SocketAddr where = start();
    step("client 1 connects, and never reads");
    const TcpStream mute = co_await nara::test::connect(where);
    const Talker second = co_await come(where, 2);
    const Talker third = co_await come(where, 3);
    step("client 2 says lines until client 3 does not hear one");
    const std::string rest = std::string(1000, '.') + "\n";
    std::string line = "first ";
    for (int number = 1; third.has_heard(line) || number == 1; ++number) {
      REQUIRE(number <= 1000);
      line = "line " + std::to_string(number) + " ";
      co_await second.say(line + rest);
      co_await wait_until([&] { return third.has_heard(line); }, 300ms);
    }
    step("after 900 ms, the server still waits for client 1");
    co_await advance(900ms);
    co_await wait_until([&] { return third.has_heard(line); }, 100ms);
    CHECK_FALSE(third.has_heard(line));
    CHECK_FALSE(third.has_heard("client 1 left"));
    step("after 200 ms more, client 3 has heard the line, and client 1 was dropped");
    co_await advance(200ms);
    co_await third.hears(line);
    co_await third.hears("client 1 left\n");
    co_await second.hears("client 1 left\n");
    step("from now on, nobody waits");
    co_await second.say("at last\n");
    co_await third.hears("client 2: at last\n");
    step("client 1 reads what it was sent: there is an end");
    std::string part = ".";
    while (!part.empty()) part = co_await nara::test::read_exactly(mute, 1000);
  });
}

TEST_SUITE_END();
