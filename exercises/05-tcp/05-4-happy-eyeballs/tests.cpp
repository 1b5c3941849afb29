// The tests of 05-4. A script says which address answers when; the clock stands still, and skips to
// the next alarm when all tasks wait. In the last test, the connections are real.
#include <doctest/doctest.h>

#include <chrono>
#include <eyeballs.hpp>
#include <map>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using nara::Async;
using nara::net::SocketAddr;
using nara::net::TcpStream;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::time::Duration;
using nara::time::sleep;

namespace {

/// 4a, 4b, 4c, … are addresses of IPv4, and 6a, 6b, 6c, … of IPv6.
SocketAddr address(std::string_view name) {
  const auto last = static_cast<unsigned char>(name[1] - 'a' + 1);
  if (name[0] == '4') return {nara::net::IpAddr::v4(192, 0, 2, last), 80};
  return {nara::net::IpAddr::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last}), 80};
}

std::string name(const SocketAddr& address) {
  const char letter = static_cast<char>('a' + address.ip().bytes().back() - 1);
  return std::string(address.is_v4() ? "4" : "6") + letter;
}

/// "6a 4a 6b".
std::vector<SocketAddr> addresses(std::string_view names) {
  std::vector<SocketAddr> all;
  for (; !names.empty(); names.remove_prefix(names.size() > 2 ? 3 : 2)) {
    all.push_back(address(names));
  }
  return all;
}

std::string in_turn(std::string_view given) {
  std::string all;
  for (const SocketAddr& each : interleaved(addresses(given))) {
    all += (all.empty() ? "" : " ") + name(each);
  }
  return all;
}

/// A network after a script. It lives longer than the runtime, in case a task that was forgotten
/// still uses it.
class Network {
  struct Attempt {
    explicit Attempt(Network& network) : network(network) { ++network.attempts; }
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    ~Attempt() { --network.attempts; }
    Network& network;
  };
  struct Scene {
    Duration after = 24h;
    bool is_there = false;
  };

 public:
  /// A connection: it is counted.
  class Line {
   public:
    Line(Network& network, std::string name) : network_(&network), name(std::move(name)) {
      ++network.lines;
    }
    Line(Line&& other) noexcept
        : network_(std::exchange(other.network_, nullptr)), name(std::move(other.name)) {}
    Line& operator=(Line&& other) noexcept {
      std::swap(network_, other.network_);
      std::swap(name, other.name);
      return *this;
    }
    ~Line() {
      if (network_ != nullptr) --network_->lines;
    }

   private:
    Network* network_;

   public:
    std::string name;
  };

  /// It answers after so long, says no after so long, or says nothing, which is what an address
  /// does of which there is nothing in the script.
  void answers(std::string_view who, Duration after) { script_[address(who)] = {after, true}; }
  void refuses(std::string_view who, Duration after) { script_[address(who)] = {after, false}; }

  /// Connects with one of "6a 4a …", and writes down what happens, and when.
  Async<> connect(std::string_view names) {
    diary.emplace();
    const Dial dial{this};
    auto given = addresses(names);
    auto connecting = connect_first(std::move(given), dial);
    auto connected = co_await nara::time::timeout(1h, std::move(connecting));
    if (!connected) {
      diary->note("it waits for ever");
    } else if (*connected) {
      line.emplace(**std::move(connected));
      diary->note("connected with " + line->name);
    } else {
      const std::error_code error = connected->error();
      diary->note(error == std::errc::connection_refused ? "refused" : error.message());
    }
  }

  /// What `connect_first()` connects with.
  struct Dial {
    Network* network;

    Async<nara::io::Result<Line>> operator()(SocketAddr to) const {
      const Attempt attempt(*network);
      network->diary->note(name(to));
      const Scene scene = network->script_[to];
      co_await sleep(scene.after);
      if (!scene.is_there) {
        co_return std::unexpected(std::make_error_code(std::errc::connection_refused));
      }
      co_return Line(*network, name(to));
    }
  };

  int attempts = 0;  ///< Those that are under way.
  int lines = 0;     ///< Connections that are open.
  std::optional<Line> line;
  std::optional<Diary> diary;

 private:
  std::map<SocketAddr, Scene> script_;
};

}  // namespace

TEST_CASE("05-4 Happy eyeballs: both families in turn") {
  CHECK(in_turn("6a 6b 4a 4b") == "6a 4a 6b 4b");
  CHECK(in_turn("4a 6a 6b 4b") == "4a 6a 4b 6b");
  step("one family has more than the other");
  CHECK(in_turn("6a 6b 6c 4a") == "6a 4a 6b 6c");
  CHECK(in_turn("6a 4a 4b 4c") == "6a 4a 4b 4c");
  step("one alone, and none");
  CHECK(in_turn("4c 4a 4b") == "4c 4a 4b");
  CHECK(in_turn("6a") == "6a");
  CHECK(in_turn("") == "");
}

TEST_CASE("05-4 Happy eyeballs: the first one answers soon: no other is bothered") {
  Network network;
  run_paused([&]() -> Async<> {
    network.answers("6a", 30ms);
    network.answers("4a", 0ms);
    co_await network.connect("6a 4a");
    CHECK(network.diary->text() == "6a 0, connected with 6a 30");
  });
}

TEST_CASE("05-4 Happy eyeballs: the first one is silent: the next one begins after 250 ms") {
  Network network;
  run_paused([&]() -> Async<> {
    network.answers("6b", 30ms);
    co_await network.connect("6a 4a 6b");
    CHECK(network.diary->text() == "6a 0, 4a 250, 6b 500, connected with 6b 530");
    step("the others are given up, and nothing but the one connection is left");
    CHECK(network.attempts == 0);
    CHECK(network.lines == 1);
  });
}

TEST_CASE("05-4 Happy eyeballs: a failure lets the next one begin at once") {
  Network network;
  Network other;
  run_paused([&]() -> Async<> {
    step("the first two refuse after 10 ms each");
    network.refuses("6a", 10ms);
    network.refuses("4a", 10ms);
    network.answers("6b", 30ms);
    co_await network.connect("6a 4a 6b");
    CHECK(network.diary->text() == "6a 0, 4a 10, 6b 20, connected with 6b 50");
    step("the second one refuses while the first one is silent: 250 ms begin anew");
    other.refuses("4a", 10ms);
    other.answers("4b", 5ms);
    co_await other.connect("6a 4a 6b 4b");
    CHECK(other.diary->text() == "6a 0, 4a 250, 6b 260, 4b 510, connected with 4b 515");
  });
}

TEST_CASE("05-4 Happy eyeballs: who has begun goes on, and may still win") {
  Network network;
  Network other;
  run_paused([&]() -> Async<> {
    network.answers("6a", 300ms);
    network.answers("4a", 100ms);
    co_await network.connect("6a 4a 6b");
    CHECK(network.diary->text() == "6a 0, 4a 250, connected with 6a 300");
    CHECK(network.attempts == 0);
    step("it fails while the last one is under way: that one is waited for");
    other.refuses("6a", 300ms);
    other.answers("4a", 10s);
    co_await other.connect("6a 4a");
    CHECK(other.diary->text() == "6a 0, 4a 250, connected with 4a 10250");
  });
}

TEST_CASE("05-4 Happy eyeballs: two succeed at the same moment: one connection is left") {
  Network network;
  run_paused([&]() -> Async<> {
    network.answers("6a", 300ms);
    network.answers("4a", 50ms);
    co_await network.connect("6a 4a");
    CHECK(network.line.has_value());
    CHECK(network.lines == 1);
    CHECK(network.attempts == 0);
  });
}

TEST_CASE("05-4 Happy eyeballs: when all fail, the last error comes out") {
  Network network;
  run_paused([&]() -> Async<> {
    network.refuses("6a", 400ms);
    network.refuses("4a", 20ms);
    co_await network.connect("6a 4a");
    CHECK(network.diary->text() == "6a 0, 4a 250, refused 400");
    step("no addresses");
    const Network::Dial dial{&network};
    std::vector<SocketAddr> nowhere;
    const auto nobody = co_await connect_first(std::move(nowhere), dial);
    REQUIRE_FALSE(nobody.has_value());
    CHECK(nobody.error() == nara::net::Errc::kNoSuchHost);
  });
}

TEST_CASE("05-4 Happy eyeballs: who gives up leaves no attempt behind") {
  Network network;
  run_paused([&]() -> Async<> {
    step("three silent ones; give up after 600 ms");
    const auto gave_up = co_await nara::time::timeout(600ms, network.connect("6a 4a 6b"));
    CHECK_FALSE(gave_up.has_value());
    CHECK(network.diary->text() == "6a 0, 4a 250, 6b 500");
    step("let the tasks that were aborted have their turn");
    co_await nara::yield_now();
    CHECK(network.attempts == 0);
  });
}

TEST_CASE("05-4 Happy eyeballs: with real addresses, of which one refuses") {
  run_with_drivers([]() -> Async<> {
    step("somebody listens at 127.0.0.1, and nobody at the same port of ::1");
    const auto listener = co_await nara::net::TcpListener::bind("127.0.0.1:0");
    REQUIRE(listener.has_value());
    const SocketAddr there = listener->local_addr().value();
    const SocketAddr not_there(nara::net::IpAddr::loopback_v6(), there.port());
    std::vector<SocketAddr> both{not_there, there};
    const auto stream = co_await connect_first(std::move(both), TcpStream::connect);
    REQUIRE(stream.has_value());
    const auto accepted = co_await listener->accept();
    REQUIRE(accepted.has_value());
    CHECK(accepted->peer == stream->local_addr().value());
  });
}
