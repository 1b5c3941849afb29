// The tests of 06-3.
#include <doctest/doctest.h>

#include <algorithm>
#include <chat.hpp>
#include <chrono>
#include <nara/time/pause.hpp>
#include <string>
#include <testkit/chat_cases.hpp>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <testkit/talker.hpp>
#include <utility>

using namespace std::chrono_literals;

using nara::Async;
using nara::net::SocketAddr;
using nara::net::TcpStream;
using nara::test::a_hundred_talk;
using nara::test::come;
using nara::test::numbered_lines;
using nara::test::one_resets;
using nara::test::one_speaks_slowly;
using nara::test::run_paused;
using nara::test::run_with_drivers;
using nara::test::start;
using nara::test::step;
using nara::test::Talker;
using nara::test::two_talk;
using nara::test::wait_until;
using nara::time::advance;

namespace {

constexpr int kMany = static_cast<int>(kRoom);

/// A line that fills buffers.
std::string long_line(int number) {
  return "line " + std::to_string(number) + " " + std::string(1000, '.') + "\n";
}

}  // namespace

TEST_SUITE_BEGIN("06-3" * doctest::timeout(10));

TEST_CASE("06-3 Chat with queues: two talk") { run_with_drivers(two_talk); }

TEST_CASE("06-3 Chat with queues: one speaks slowly, and nobody waits for it") {
  run_with_drivers(one_speaks_slowly);
}

TEST_CASE("06-3 Chat with queues: one resets, and the others talk on") {
  run_with_drivers(one_resets);
}

TEST_CASE("06-3 Chat with queues: one says as much at once as there is room for") {
  run_with_drivers([]() -> Async<> {
    const SocketAddr where = start();
    const Talker first = co_await come(where, 1);
    const Talker second = co_await come(where, 2);
    step("client 1 says ", kRoom, " lines at once");
    co_await first.say(numbered_lines(kMany));
    co_await wait_until([&] { return second.lines() == 1 + kMany; });
    std::string expected = "welcome, client 2; with you: client 1\n";
    for (int number = 1; number <= kMany; ++number) {
      expected += "client 1: line " + std::to_string(number) + "\n";
    }
    CHECK(second.heard() == expected);
  });
}

TEST_CASE("06-3 Chat with queues: a hundred talk") { run_with_drivers(a_hundred_talk); }

TEST_CASE("06-3 Chat with queues: one never reads, and nobody waits") {
  // The clock stands still while the test is busy: who waits for it waits for ever.
  run_paused([]() -> Async<> {
    const SocketAddr where = start();
    step("client 1 connects, and never reads");
    const TcpStream mute = co_await nara::test::connect(where);
    const Talker second = co_await come(where, 2);
    const Talker third = co_await come(where, 3);
    step("client 2 says lines until client 1 is dropped. Client 3 hears each");
    int number = 0;
    while (!third.has_heard("client 1 left\n") && number < 2 * kMany) {
      ++number;
      co_await second.say(long_line(number));
      co_await third.hears("line " + std::to_string(number) + " ");
    }
    co_await third.hears("client 1 left\n");
    CHECK(number > kMany);
    step("a second later, client 1 reads: what had been sent, and an end. Its queue is gone");
    co_await advance(2s);
    std::string text;
    for (std::string part = "."; !part.empty(); text += part) {
      part = co_await nara::test::read_exactly(mute, 1000);
    }
    CHECK(std::ranges::count(text, '\n') < kMany / 2);
  });
}

TEST_CASE("06-3 Chat with queues: who leaves is still told what was said before") {
  run_paused([]() -> Async<> {
    const SocketAddr where = start();
    step("client 1 connects, and does not read yet");
    TcpStream quiet = co_await nara::test::connect(where);
    const Talker second = co_await come(where, 2);
    const Talker third = co_await come(where, 3);
    step("client 2 says 100 long lines");
    for (int number = 1; number <= 100; ++number) {
      co_await second.say(long_line(number));
      co_await third.hears("line " + std::to_string(number) + " ");
    }
    step("client 1 says that it will say nothing");
    (void)co_await quiet.shutdown();
    co_await third.hears("client 1 left\n");
    step("now it reads: its welcome, who joined, 100 lines, and the end");
    const Talker first(std::move(quiet));
    co_await first.hears_the_end();
    CHECK(first.lines() == 1 + 2 + 100);
  });
}

TEST_SUITE_END();
