// The tests of 06-1. The clients are real, and on this machine.
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <echo.hpp>
#include <nara/async.hpp>
#include <nara/join_handle.hpp>
#include <nara/spawn.hpp>
#include <string>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <testkit/talker.hpp>
#include <utility>

using namespace std::chrono_literals;

using nara::Async;
using nara::JoinHandle;
using nara::io::as_bytes;
using nara::net::Accepted;
using nara::net::SocketAddr;
using nara::net::TcpListener;
using nara::net::TcpStream;
using nara::test::connect;
using nara::test::difference;
using nara::test::let_run;
using nara::test::listen;
using nara::test::numbered_lines;
using nara::test::read_exactly;
using nara::test::reset;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::test::Talker;
using nara::test::wait_until;
using nara::test::write_all;

namespace {

/// Both ends of a connection.
struct Pair {
  TcpStream client;
  TcpStream server;
};

Async<Pair> connected() {
  const TcpListener listener = listen();
  TcpStream client = co_await connect(listener.local_addr().value());
  nara::io::Result<Accepted> accepted = co_await listener.accept();
  REQUIRE(accepted.has_value());
  co_return Pair{std::move(client), std::move(accepted->stream)};
}

/// Calls your `echo()`, as a task.
JoinHandle<void> start_echo(TcpStream stream) {
  step("connect, and call your echo()");
  return nara::spawn(echo(std::move(stream)));
}

Async<> wait_for_end(const JoinHandle<void>& echo) {
  co_await wait_until([&] { return echo.is_finished(); });
  INFO("echo() should have ended, with both of its tasks");
  CHECK(echo.is_finished());
}

}  // namespace

TEST_SUITE_BEGIN("06-1" * doctest::timeout(5));

TEST_CASE("06-1 Echo with split: a line comes back as soon as it is whole") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    const auto echo = start_echo(std::move(pair.server));
    const Talker client(std::move(pair.client));
    step("send \"hello\\n\"");
    co_await client.say("hello\n");
    co_await client.hears("hello\n");
    step("send \"wo\": nothing comes back, as it is no line yet");
    co_await client.say("wo");
    co_await let_run(1000);
    CHECK(client.heard() == "hello\n");
    step("send \"rld\\n\\n!\\n\": three lines come back, and one of them is empty");
    co_await client.say("rld\n\n!\n");
    co_await client.hears("!\n");
    CHECK(client.heard() == "hello\nworld\n\n!\n");
  });
}

TEST_CASE("06-1 Echo with split: who says no more still gets all, and then the end") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    const auto echo = start_echo(std::move(pair.server));
    Talker client(std::move(pair.client));
    const std::string text = numbered_lines(1000);
    step("send 1,000 lines, and end writing");
    co_await client.say(text);
    client.leave();
    co_await client.hears_the_end();
    CHECK(difference(client.heard(), text) == "");
    co_await wait_for_end(echo);
  });
}

TEST_CASE("06-1 Echo with split: it reads on while it waits to write, but not for ever") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    const auto echo = start_echo(std::move(pair.server));
    step("send lines of 64 KiB and read nothing, until your server takes no more");
    const std::string line = std::string((std::size_t{64} << 10) - 1, 'x') + "\n";
    const std::size_t enough = 100 * line.size();
    std::size_t taken = 0;
    bool is_taken = true;
    while (is_taken && taken < enough) {
      co_await wait_until(
          [&] {
            const auto piece = as_bytes(line).subspan(taken % line.size());
            const auto size = pair.client.try_write(piece);
            if (size) taken += *size;
            is_taken = size.has_value();
            return is_taken;
          },
          300ms);
    }
    const std::size_t lines = taken / line.size();
    step("it has taken ", lines, " lines: those in the queue, and a few on their way");
    CHECK(lines >= kRoom + 2);
    CHECK(lines <= kRoom + 8);
    step("go without reading them: a reset");
    reset(std::move(pair.client));
    co_await wait_for_end(echo);
  });
}

TEST_CASE("06-1 Echo with split: it does not end while there is more to write") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    const auto echo = start_echo(std::move(pair.server));
    step("send lines of 64 KiB, half as many as the queue has room for, and end writing");
    std::string text;
    for (std::size_t i = 0; i < kRoom / 2; ++i) text += std::string(0xffff, 'x') + "\n";
    co_await write_all(pair.client, text);
    const auto ended = co_await pair.client.shutdown();
    REQUIRE(ended.has_value());
    co_await let_run(1000);
    step("your server has read all, and cannot write all: echo() has not ended");
    CHECK_FALSE(echo.is_finished());
    step("read all of it");
    const std::string answer = co_await read_exactly(pair.client, text.size());
    CHECK(answer.size() == text.size());
    CHECK(difference(answer, text) == "");
    co_await wait_for_end(echo);
  });
}

TEST_CASE("06-1 Echo with split: a client that resets leaves nothing behind") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    const auto echo = start_echo(std::move(pair.server));
    co_await write_all(pair.client, "half a li");
    co_await let_run(1000);
    step("throw the connection away in the middle of a line");
    reset(std::move(pair.client));
    co_await wait_for_end(echo);
  });
}

TEST_CASE("06-1 Echo with split: when nobody takes lines any more, read_lines() ends") {
  run_with_drivers([]() -> Async<> {
    step("connect, and call your read_lines() with a queue");
    Pair pair = co_await connected();
    auto [reader, writer] = nara::net::into_split(std::move(pair.server));
    JoinHandle<void> reading = [&] {
      auto [sender, receiver] = nara::sync::mpsc::channel<std::string>(kRoom);
      return nara::spawn(read_lines(std::move(reader), std::move(sender)));
    }();
    step("the receiver is gone. Send a line");
    co_await write_all(pair.client, "Is anybody there?\n");
    co_await wait_until([&] { return reading.is_finished(); });
    CHECK(reading.is_finished());
  });
}

TEST_CASE("06-1 Echo with split: a hundred clients at a time") {
  run_with_drivers([]() -> Async<> {
    step("start the server, and connect with 100 clients");
    TcpListener listener = listen();
    const SocketAddr where = listener.local_addr().value();
    (void)nara::spawn(serve(std::move(listener)));
    std::deque<Talker> clients;
    for (int number = 1; number <= 100; ++number) {
      TcpStream stream = co_await connect(where);
      clients.emplace_back(std::move(stream));
    }
    for (int time = 1; time <= 20; ++time) {
      step("each says a line; then each hears it, the last one first");
      const std::string line = " says line " + std::to_string(time) + "\n";
      for (int number = 1; number <= 100; ++number) {
        co_await clients[number - 1].say(std::to_string(number) + line);
      }
      for (int number = 100; number >= 1; --number) {
        co_await clients[number - 1].hears(std::to_string(number) + line);
      }
    }
  });
}

TEST_SUITE_END();
