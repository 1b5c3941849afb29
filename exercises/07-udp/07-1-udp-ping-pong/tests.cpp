// The tests of 07-1. The sockets are real, and on this machine. Where it matters how late it is,
// the clock stands still, and the test moves it.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/join_handle.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/spawn.hpp>
#include <nara/time/pause.hpp>
#include <optional>
#include <ping.hpp>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <testkit/runtime.hpp>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using nara::Async;
using nara::net::SocketAddr;
using nara::net::UdpSocket;
using nara::test::let_run_until;
using nara::test::run_paused;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::time::advance;
using nara::time::Duration;

namespace {

using Time = nara::io::Result<std::optional<Duration>>;
using Socket = std::shared_ptr<const UdpSocket>;  // A task that was forgotten may still use it.

Async<Socket> new_socket() {
  auto socket = co_await UdpSocket::bind("127.0.0.1:0");
  REQUIRE(socket.has_value());
  co_return std::make_shared<const UdpSocket>(*std::move(socket));
}

SocketAddr address(const Socket& socket) { return socket->local_addr().value(); }

Async<> send(Socket from, std::string text, SocketAddr to) {
  const auto sent = co_await from->send_to(nara::io::as_bytes(text), to);
  REQUIRE(sent.has_value());
}

/// The next datagram, and who has sent it.
struct Heard {
  std::string text = "(nothing)";
  SocketAddr from;
};

/// Lets the others run until it is there. The clock stands still meanwhile, since this task never
/// waits.
Async<Heard> hear(Socket socket) {
  Heard heard;
  co_await let_run_until([&] {
    std::array<std::byte, 100> buffer;
    const auto got = socket->try_recv_from(buffer);
    if (!got) return false;
    heard.text = nara::io::as_text(std::span(buffer).first(got->size));
    heard.from = got->from;
    return true;
  });
  co_return heard;
}

Async<> answer_all(Socket socket) {
  const auto ended = co_await answer(*socket);
  FAIL_CHECK("answer() has ended: ", ended.error().message());
}

Async<Time> ping_from(Socket socket, int number, Duration limit) {
  Time time = co_await ping(*socket, number, limit);
  co_return time;
}

/// Two sockets, A and B. Your code has one of them.
struct Two {
  Socket a;
  Socket b;
};

Async<Two> two() {
  Socket a = co_await new_socket();
  Socket b = co_await new_socket();
  const auto connected = co_await a->connect(address(b));
  REQUIRE(connected.has_value());
  co_return Two{std::move(a), std::move(b)};
}

/// Lets it end, and gives what it gave, in words: "5 ms", or "lost".
Async<std::string> ended(nara::JoinHandle<Time> pinging) {
  co_await let_run_until([&] { return pinging.is_finished(); });
  if (!pinging.is_finished()) {
    pinging.abort();
    co_return "(it still waits)";
  }
  const auto done = co_await pinging;
  const Time& time = *done;
  if (!time) co_return time.error().message();
  if (!*time) co_return "lost";
  co_return std::to_string(**time / 1ms) + " ms";
}

std::string as_ms(const std::vector<Duration>& times, int percent) {
  return std::to_string(percentile(times, percent) / 1ms) + " ms";
}

std::vector<Duration> all_to(int most) {
  std::vector<Duration> times;
  for (int ms = 1; ms <= most; ++ms) times.emplace_back(std::chrono::milliseconds(ms));
  std::ranges::shuffle(times, std::minstd_rand(7));
  return times;
}

}  // namespace

TEST_SUITE_BEGIN("07-1" * doctest::timeout(5));

TEST_CASE("07-1 UDP ping-pong: a ping is answered with a pong") {
  run_with_drivers([]() -> Async<> {
    const Two sockets = co_await two();
    (void)nara::spawn(answer_all(sockets.b));
    for (const std::string text : {"", " 7", " 12345", "\n"}) {
      step("send \"ping", text == "\n" ? "\\n" : text, "\" to your answer()");
      co_await send(sockets.a, "ping" + text, address(sockets.b));
      const Heard heard = co_await hear(sockets.a);
      CHECK(heard.text == "pong" + text);
      CHECK(heard.from == address(sockets.b));
    }
  });
}

TEST_CASE("07-1 UDP ping-pong: who has asked is answered, and nobody else") {
  run_with_drivers([]() -> Async<> {
    const Two sockets = co_await two();
    const Socket other = co_await new_socket();
    (void)nara::spawn(answer_all(sockets.b));
    step("two ask, in turn");
    co_await send(sockets.a, "ping 1", address(sockets.b));
    co_await send(other, "ping 2", address(sockets.b));
    const Heard first = co_await hear(sockets.a);
    const Heard second = co_await hear(other);
    CHECK(first.text == "pong 1");
    CHECK(second.text == "pong 2");
  });
}

TEST_CASE("07-1 UDP ping-pong: what is no ping is not answered") {
  run_with_drivers([]() -> Async<> {
    const Two sockets = co_await two();
    (void)nara::spawn(answer_all(sockets.b));
    step("send a pong, nothing at all, and a short word; and then a ping");
    for (const std::string text : {"pong 1", "", "pin", "ping 2"}) {
      co_await send(sockets.a, text, address(sockets.b));
    }
    const Heard heard = co_await hear(sockets.a);
    INFO("Somebody who answers a pong with a pong may find a friend, and never stop.");
    CHECK(heard.text == "pong 2");
  });
}

TEST_CASE("07-1 UDP ping-pong: the time from the question to its answer") {
  run_paused([]() -> Async<> {
    const Two sockets = co_await two();
    step("your ping() asks B");
    auto pinging = nara::spawn(ping_from(sockets.a, 7, 100ms));
    const Heard heard = co_await hear(sockets.b);
    CHECK(heard.text == "ping 7");
    CHECK(heard.from == address(sockets.a));
    step("5 ms later, B answers");
    co_await advance(5ms);
    co_await send(sockets.b, "pong 7", heard.from);
    const std::string time = co_await ended(std::move(pinging));
    CHECK(time == "5 ms");
  });
}

TEST_CASE("07-1 UDP ping-pong: a ping that is not answered in time is lost") {
  run_paused([]() -> Async<> {
    const Two sockets = co_await two();
    step("your ping() asks B, which says nothing for 99 ms");
    auto pinging = nara::spawn(ping_from(sockets.a, 1, 100ms));
    (void)co_await hear(sockets.b);
    co_await advance(99ms);
    CHECK_FALSE(pinging.is_finished());
    step("2 ms more");
    co_await advance(2ms);
    const std::string time = co_await ended(std::move(pinging));
    CHECK(time == "lost");
  });
}

TEST_CASE("07-1 UDP ping-pong: a late answer is not that to the next question") {
  run_paused([]() -> Async<> {
    const Two sockets = co_await two();
    step("the answer to ping 1 comes when nobody waits for it any more");
    auto first = nara::spawn(ping_from(sockets.a, 1, 100ms));
    const Heard heard = co_await hear(sockets.b);
    co_await advance(101ms);
    const std::string lost = co_await ended(std::move(first));
    REQUIRE(lost == "lost");
    co_await send(sockets.b, "pong 1", heard.from);
    step("ask ping 2, which B answers after 3 ms");
    auto second = nara::spawn(ping_from(sockets.a, 2, 100ms));
    const Heard asked = co_await hear(sockets.b);
    CHECK(asked.text == "ping 2");
    co_await nara::test::let_run(200);
    co_await advance(3ms);
    co_await send(sockets.b, "pong 2", heard.from);
    const std::string time = co_await ended(std::move(second));
    CHECK(time == "3 ms");
  });
}

TEST_CASE("07-1 UDP ping-pong: the limit is that of the ping, whatever comes meanwhile") {
  run_paused([]() -> Async<> {
    const Two sockets = co_await two();
    auto pinging = nara::spawn(ping_from(sockets.a, 1, 100ms));
    const Heard heard = co_await hear(sockets.b);
    for (int ms = 40; ms <= 80; ms += 40) {
      step("after ", ms, " ms, B says something else");
      co_await advance(40ms);
      co_await send(sockets.b, "what?", heard.from);
      co_await nara::test::let_run(200);
    }
    CHECK_FALSE(pinging.is_finished());
    step("after 101 ms, it is lost");
    co_await advance(21ms);
    const std::string time = co_await ended(std::move(pinging));
    CHECK(time == "lost");
  });
}

TEST_CASE("07-1 UDP ping-pong: nobody is there") {
  run_with_drivers([]() -> Async<> {
    Two sockets = co_await two();
    step("close B, and ask");
    sockets.b.reset();
    auto pinging = nara::spawn(ping_from(sockets.a, 1, 1h));
    const std::string time = co_await ended(std::move(pinging));
    CHECK(time == "Connection refused");
  });
}

TEST_CASE("07-1 UDP ping-pong: the minimum, the median and p99") {
  step("the times 1, 2, … 100 ms, in no order");
  CHECK(as_ms(all_to(100), 0) == "1 ms");
  CHECK(as_ms(all_to(100), 50) == "50 ms");
  CHECK(as_ms(all_to(100), 99) == "99 ms");
  CHECK(as_ms(all_to(100), 100) == "100 ms");
  step("1, 2, … 1000 ms");
  CHECK(as_ms(all_to(1000), 50) == "500 ms");
  CHECK(as_ms(all_to(1000), 99) == "990 ms");
  step("1, 2, … 5 ms");
  CHECK(as_ms(all_to(5), 0) == "1 ms");
  CHECK(as_ms(all_to(5), 50) == "3 ms");
  CHECK(as_ms(all_to(5), 99) == "5 ms");
  step("one alone");
  CHECK(as_ms(all_to(1), 0) == "1 ms");
  CHECK(as_ms(all_to(1), 99) == "1 ms");
}

TEST_CASE("07-1 UDP ping-pong: a thousand pings between two tasks") {
  run_with_drivers([]() -> Async<> {
    const Two sockets = co_await two();
    (void)nara::spawn(answer_all(sockets.b));
    step("your ping() asks your answer() a thousand times");
    const auto start = nara::time::now();
    const auto pings = co_await ping_many(*sockets.a, 1000, 4s);
    const Duration all = nara::time::now() - start;
    REQUIRE(pings.has_value());
    CHECK(pings->lost == 0);
    REQUIRE(pings->times.size() == 1000);
    step("look at the times");
    Duration sum(0);
    for (const Duration time : pings->times) sum += time;
    CHECK(sum <= all);
    CHECK(percentile(pings->times, 0) > 0ns);
    CHECK(percentile(pings->times, 50) <= percentile(pings->times, 99));
  });
}

TEST_CASE("07-1 UDP ping-pong: every third ping is lost on the way") {
  run_paused([]() -> Async<> {
    const Two sockets = co_await two();
    step("your ping() asks nine times; B answers two of three after a millisecond each");
    const auto ask = [](Socket a) -> Async<nara::io::Result<Pings>> {
      auto pings = co_await ping_many(*a, 9, 100ms);
      co_return pings;
    };
    auto pinging = nara::spawn(ask(sockets.a));
    for (int number = 1; number <= 9; ++number) {
      const Heard heard = co_await hear(sockets.b);
      REQUIRE(heard.text == "ping " + std::to_string(number));
      const bool is_lost = number % 3 == 0;
      const Duration passes = is_lost ? 101ms : 1ms;
      co_await advance(passes);
      if (!is_lost) co_await send(sockets.b, "pong " + std::to_string(number), heard.from);
    }
    co_await let_run_until([&] { return pinging.is_finished(); });
    REQUIRE(pinging.is_finished());
    const auto done = co_await pinging;
    const auto& pings = *done;
    REQUIRE(pings.has_value());
    CHECK(pings->lost == 3);
    CHECK(pings->times == std::vector<Duration>(6, 1ms));
  });
}

TEST_SUITE_END();
