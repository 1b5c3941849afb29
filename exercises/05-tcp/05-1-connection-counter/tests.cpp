// The tests of 05-1. The clients are real, and on this machine.
#include <doctest/doctest.h>

#include <counter.hpp>
#include <deque>
#include <iostream>
#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <vector>

using nara::Async;
using nara::net::SocketAddr;
using nara::net::TcpListener;
using nara::net::TcpStream;
using nara::test::connect;
using nara::test::difference;
using nara::test::let_run_until;
using nara::test::listen;
using nara::test::read_exactly;
using nara::test::reset;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::test::write_all;

namespace {

/// New ones. They live to the end, because tasks that still count may outlive a test that failed.
Counters& new_counters() {
  static std::deque<Counters> all;
  return all.emplace_back();
}

/// While it lives, it keeps what is printed to `std::cout`.
class Printed {
 public:
  Printed() = default;
  Printed(const Printed&) = delete;
  Printed& operator=(const Printed&) = delete;
  ~Printed() { std::cout.rdbuf(before_); }

  std::vector<std::string> lines() const {
    std::istringstream text(text_.str());
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

 private:
  std::ostringstream text_;
  std::streambuf* before_ = std::cout.rdbuf(text_.rdbuf());
};

/// A server that runs, and those who have connected with it, before it did.
struct Server {
  Counters& counters;
  SocketAddr address;
  std::vector<TcpStream> clients;
};

Async<Server> serve(int clients) {
  Counters& counters = new_counters();
  step("connect with ", clients, clients == 1 ? " client" : " clients");
  TcpListener listener = listen();
  Server server{counters, listener.local_addr().value(), {}};
  for (int client = 0; client < clients; ++client) {
    TcpStream stream = co_await connect(server.address);
    server.clients.push_back(std::move(stream));
  }
  step("start your server, and let it accept them");
  (void)nara::spawn(serve(std::move(listener), counters));
  co_await let_run_until([&] { return counters.opened == clients; });
  co_return server;
}

/// Says it, and then that it says nothing more.
Async<> say_all(const TcpStream& client, std::string_view text) {
  co_await write_all(client, text);
  const auto ended = co_await client.shutdown();
  REQUIRE(ended.has_value());
}

/// Says it, and hears it.
Async<> talk(const TcpStream& client, std::string text) {
  co_await write_all(client, text);
  const std::string answer = co_await read_exactly(client, text.size());
  REQUIRE(difference(answer, text) == "");
}

}  // namespace

TEST_SUITE_BEGIN("05-1" * doctest::timeout(5));

TEST_CASE("05-1 Connection counter: a hundred come, and each has a number of its own") {
  run_with_drivers([]() -> Async<> {
    const Printed printed;
    const Server server = co_await serve(100);
    REQUIRE(server.counters.opened.load() == 100);
    CHECK(server.counters.closed.load() == 0);
    CHECK(server.counters.active() == 100);
    step("look at what was printed");
    co_await let_run_until([&] { return printed.lines().size() == 100; });
    const std::vector<std::string> lines = printed.lines();
    INFO("Print with std::cout: this is what the test reads.");
    REQUIRE(lines.size() == 100);
    for (int number = 1; number <= 100; ++number) {
      std::ostringstream expected;
      const auto peer = server.clients[number - 1].local_addr().value();
      expected << "Connection #" << number << " from " << peer;
      REQUIRE(lines[number - 1] == expected.str());
    }
  });
}

TEST_CASE("05-1 Connection counter: what each of them says comes back") {
  run_with_drivers([]() -> Async<> {
    const Printed printed;
    const Server server = co_await serve(100);
    for (int line = 1; line <= 3; ++line) {
      step("each client sends line ", line, " and reads it back, the last one first");
      for (std::size_t client = server.clients.size(); client-- > 0;) {
        co_await talk(server.clients[client], "line " + std::to_string(line) + " of client " +
                                                  std::to_string(client) + "\n");
      }
    }
    CHECK(server.counters.opened.load() == 100);
    CHECK(server.counters.closed.load() == 0);
  });
}

TEST_CASE("05-1 Connection counter: who has gone is counted, however they went") {
  run_with_drivers([]() -> Async<> {
    const Printed printed;
    Server server = co_await serve(100);
    Counters& counters = server.counters;
    step("50 clients close");
    server.clients.erase(server.clients.begin(), server.clients.begin() + 50);
    co_await let_run_until([&] { return counters.closed == 50; });
    CHECK(counters.closed.load() == 50);
    CHECK(counters.active() == 50);
    step("one client throws its connection away: a reset");
    reset(std::move(server.clients.back()));
    server.clients.pop_back();
    co_await let_run_until([&] { return counters.closed == 51; });
    CHECK(counters.closed.load() == 51);
    step("another one ends writing: it reads what it has sent, and then the end");
    TcpStream last = std::move(server.clients.back());
    server.clients.pop_back();
    co_await say_all(last, "good night\n");
    const std::string answer = co_await read_exactly(last, 1000);
    CHECK(difference(answer, "good night\n") == "");
    CHECK(counters.closed.load() == 52);
    step("the other 48 send a line and read it back");
    for (const TcpStream& client : server.clients) co_await talk(client, "still here\n");
    CHECK(counters.opened.load() == 100);
    CHECK(counters.active() == 48);
  });
}

TEST_CASE("05-1 Connection counter: who sends much and reads it late loses nothing") {
  run_with_drivers([]() -> Async<> {
    const Printed printed;
    const Server server = co_await serve(2);
    std::string much;
    for (int number = 0; much.size() < std::size_t{2} << 20; ++number) {
      much += "number " + std::to_string(number) + "\n";
    }
    step("one client sends 2 MiB, and reads nothing, until there is no more room on the way");
    auto sent = nara::spawn(say_all(server.clients[0], much));
    co_await let_run_until([&] { return sent.is_finished(); });
    REQUIRE_FALSE(sent.is_finished());
    step("meanwhile, the other one sends a line and reads it back");
    co_await talk(server.clients[1], "hello\n");
    step("the first one reads all that it has sent");
    std::string answer;
    for (std::string part = "."; !part.empty(); answer += part) {
      part = co_await read_exactly(server.clients[0], 997);
      co_await nara::test::let_run(3);
    }
    CHECK(answer.size() == much.size());
    CHECK(difference(answer, much) == "");
  });
}

TEST_CASE("05-1 Connection counter: who goes while the server writes is counted, too") {
  run_with_drivers([]() -> Async<> {
    const Printed printed;
    Server server = co_await serve(1);
    step("a client sends without an end, and reads nothing, until there is no more room");
    {
      const std::string much(std::size_t{1} << 16, '.');
      const TcpStream client = std::move(server.clients.back());
      std::size_t idle = 0;
      for (; idle < 1000; ++idle) {
        while (client.try_write(nara::io::as_bytes(much))) idle = 0;
        co_await nara::test::let_run();
      }
      step("it closes, with all that it has not read");
    }
    co_await let_run_until([&] { return server.counters.closed == 1; });
    CHECK(server.counters.closed.load() == 1);
  });
}

TEST_SUITE_END();
