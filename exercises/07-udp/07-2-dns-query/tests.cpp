// The tests of 07-2. The server is played by the test, on this machine; the clock stands still, and
// the test moves it.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <message.hpp>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/join_handle.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/spawn.hpp>
#include <nara/time/pause.hpp>
#include <optional>
#include <resolve.hpp>
#include <span>
#include <string>
#include <string_view>
#include <testkit/random.hpp>
#include <testkit/runtime.hpp>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using dns::Answer;
using dns::Bytes;
using dns::View;
using nara::Async;
using nara::net::SocketAddr;
using nara::net::UdpSocket;
using nara::test::let_run;
using nara::test::let_run_until;
using nara::test::run_paused;
using nara::test::step;
using nara::time::advance;

namespace {

using Socket = std::shared_ptr<const UdpSocket>;  // A task that was forgotten may still use it.

constexpr std::uint16_t kGood = 0x8180;    ///< The flags of an answer.
constexpr std::uint16_t kToName = 0xc00c;  ///< A pointer to the name in the question.

/// Bytes, from numbers and texts: `bytes(4, "nara", 0)`.
template <class... Parts>
Bytes bytes(const Parts&... parts) {
  Bytes all;
  const auto put = [&](const auto& part) {
    if constexpr (std::is_convertible_v<decltype(part), int>) {
      all.push_back(static_cast<std::byte>(part));
    } else {
      const auto text = nara::io::as_bytes(part);
      all.insert(all.end(), text.begin(), text.end());
    }
  };
  (put(parts), ...);
  return all;
}

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Bytes u16(std::uint16_t number) {
  Bytes two;
  dns::put_u16(two, number);
  return two;
}

/// What goes before the data of each record: type, class, and a minute to live.
Bytes record(std::uint16_t type, const Bytes& data) {
  return u16(type) + u16(dns::kClassIn) + bytes(0, 0, 0, 60) +
         u16(static_cast<std::uint16_t>(data.size())) + data;
}

/// 192.0.2.N: an address that is for examples.
Bytes address(int last) { return record(dns::kTypeA, bytes(192, 0, 2, last)); }

/// An answer to that query: its id and its question, these flags, so many records.
Bytes reply(const Bytes& query, std::uint16_t flags, int count, const Bytes& records) {
  Bytes message(query.begin(), query.begin() + 2);
  message =
      message + u16(flags) + u16(1) + u16(static_cast<std::uint16_t>(count)) + bytes(0, 0, 0, 0);
  message.insert(message.end(), query.begin() + 12, query.end());
  return message + records;
}

Bytes good_reply(const Bytes& query) { return reply(query, kGood, 1, u16(kToName) + address(7)); }

/// In words: "192.0.2.7", "nothing", or why not.
std::string text(const Answer& answer) {
  if (!answer) return std::string(dns::to_text(answer.error()));
  std::string all;
  for (const auto& address : *answer) all += (all.empty() ? "" : " ") + address.to_string();
  return all.empty() ? "nothing" : all;
}

Async<Socket> new_socket() {
  auto socket = co_await UdpSocket::bind("127.0.0.1:0");
  REQUIRE(socket.has_value());
  co_return std::make_shared<const UdpSocket>(*std::move(socket));
}

Async<Answer> resolve_from(Socket socket, SocketAddr server, std::string name) {
  Answer answer = co_await dns::resolve(*socket, server, name);
  co_return answer;
}

/// A server, played by the test, and somebody who asks it for nara.test.
class Scene {
 public:
  static Async<Scene> begin(std::string name = "nara.test") {
    Socket server = co_await new_socket();
    Socket client = co_await new_socket();
    step("your resolve() asks for ", name);
    const SocketAddr where = server->local_addr().value();
    auto asking = nara::spawn(resolve_from(client, where, name));
    co_return Scene(std::move(server), std::move(client), std::move(asking));
  }

  /// The next query. The clock stands still meanwhile, since the test never waits.
  Async<Bytes> query() {
    Bytes query;
    co_await let_run_until([&] {
      query.resize(1000);
      const auto got = server_->try_recv_from(query);
      query.resize(got ? got->size : 0);
      return got.has_value();
    });
    INFO("the server should be asked");
    REQUIRE(query.size() > 12);
    co_return query;
  }

  bool is_asked() const {
    std::array<std::byte, 1000> buffer;
    return server_->try_recv_from(buffer).has_value();
  }

  Async<> say(Bytes message) {
    const auto sent = co_await server_->send_to(message, client_->local_addr().value());
    REQUIRE(sent.has_value());
  }

  /// Somebody else says it.
  Async<> intrude(Bytes message) {
    const Socket stranger = co_await new_socket();
    const auto sent = co_await stranger->send_to(message, client_->local_addr().value());
    REQUIRE(sent.has_value());
  }

  bool is_answered() const { return asking_.is_finished(); }

  /// What your resolve() gives, in words.
  Async<std::string> ends() {
    co_await let_run_until([&] { return is_answered(); });
    if (!is_answered()) {
      asking_.abort();
      co_return "(it still waits)";
    }
    const auto done = co_await asking_;
    co_return text(*done);
  }

 private:
  Scene(Socket server, Socket client, nara::JoinHandle<Answer> asking)
      : server_(std::move(server)), client_(std::move(client)), asking_(std::move(asking)) {}

  Socket server_;
  Socket client_;
  nara::JoinHandle<Answer> asking_;
};

/// What comes out when the server answers with the message that `make(query)` gives.
Async<std::string> answer_with(std::function<Bytes(const Bytes&)> make) {
  Scene scene = co_await Scene::begin();
  const Bytes query = co_await scene.query();
  co_await scene.say(make(query));
  const std::string end = co_await scene.ends();
  co_return end;
}

bool is_name(std::string_view name, Bytes& out) {
  out.clear();
  return dns::put_name(out, name);
}

}  // namespace

TEST_SUITE_BEGIN("07-2" * doctest::timeout(5));

TEST_CASE("07-2 DNS query: a name, as it is sent") {
  Bytes out;
  step("names");
  CHECK(is_name("nara.test", out));
  CHECK(out == bytes(4, "nara", 4, "test", 0));
  CHECK(is_name("a", out));
  CHECK(out == bytes(1, "a", 0));
  CHECK(is_name("www.a-long-name.example", out));
  CHECK(out == bytes(3, "www", 11, "a-long-name", 7, "example", 0));
  step("the longest label, and one that is too long: its size would look like a pointer");
  CHECK(is_name(std::string(63, 'x'), out));
  CHECK(out == bytes(63, std::string(63, 'x'), 0));
  CHECK_FALSE(is_name(std::string(64, 'x'), out));
  CHECK_FALSE(is_name(std::string(255, 'x'), out));
  step("no names");
  CHECK_FALSE(is_name("", out));
  CHECK_FALSE(is_name(".test", out));
  CHECK_FALSE(is_name("nara..test", out));
  std::string long_name = "x";
  while (long_name.size() < 253) long_name += ".x";
  CHECK(is_name(long_name, out));
  CHECK_FALSE(is_name(long_name + ".x", out));
}

TEST_CASE("07-2 DNS query: a question and its answer") {
  run_paused([]() -> Async<> {
    Scene scene = co_await Scene::begin();
    const Bytes query = co_await scene.query();
    step("look at the query");
    const Bytes rest(query.begin() + 2, query.end());
    CHECK(rest == bytes(1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, "nara", 4, "test", 0, 0, 1, 0, 1));
    step("answer it");
    co_await scene.say(good_reply(query));
    const std::string end = co_await scene.ends();
    CHECK(end == "192.0.2.7");
  });
}

TEST_CASE("07-2 DNS query: what answers look like") {
  run_paused([]() -> Async<> {
    step("two addresses, one with its name in full");
    const std::string two = co_await answer_with([](const Bytes& query) {
      const Bytes name = bytes(4, "NARA", 4, "Test", 0);
      return reply(query, kGood, 2, u16(kToName) + address(1) + name + address(2));
    });
    CHECK(two == "192.0.2.1 192.0.2.2");
    step("another name for www.test, and its address");
    const std::string alias = co_await answer_with([](const Bytes& query) {
      // The data of the first record begins at byte 39. Its second label is in the question.
      const Bytes cname = record(dns::kTypeCname, bytes(3, "www", 0xc0, 17));
      return reply(query, kGood, 2, u16(kToName) + cname + u16(0xc000 + 39) + address(3));
    });
    CHECK(alias == "192.0.2.3");
    step("an address of somebody else's, and one record of a kind that nobody has asked for");
    const std::string others = co_await answer_with([](const Bytes& query) {
      const Bytes mail = record(15, bytes(0, 1, 0xc0, 12));
      return reply(query, kGood, 2, bytes(4, "evil", 0) + address(66) + u16(kToName) + mail);
    });
    CHECK(others == "nothing");
    step("there is no such name");
    const std::string none =
        co_await answer_with([](const Bytes& query) { return reply(query, kGood | 3, 0, {}); });
    CHECK(none == "there is no such name");
    step("the server refuses");
    const std::string refused =
        co_await answer_with([](const Bytes& query) { return reply(query, kGood | 5, 0, {}); });
    CHECK(refused == "the server has refused");
  });
}

TEST_CASE("07-2 DNS query: what does not come from the server, or is no answer, is passed over") {
  run_paused([]() -> Async<> {
    Scene scene = co_await Scene::begin();
    const Bytes query = co_await scene.query();
    const Bytes bad = reply(query, kGood, 1, u16(kToName) + address(66));
    step("somebody else answers");
    co_await scene.intrude(bad);
    step("the server answers with another id");
    Bytes other_id = bad;
    other_id[0] ^= std::byte{1};
    co_await scene.say(other_id);
    step("the server answers another question");
    Bytes other_question = bad;
    other_question[13] = std::byte{'m'};
    co_await scene.say(other_question);
    step("the server sends the query back, no bytes at all, and eleven");
    co_await scene.say(query);
    co_await scene.say({});
    co_await scene.say(Bytes(query.begin(), query.begin() + 11));
    co_await let_run(300);
    CHECK_FALSE(scene.is_answered());
    CHECK_FALSE(scene.is_asked());
    step("and then the answer comes");
    co_await scene.say(good_reply(query));
    const std::string end = co_await scene.ends();
    CHECK(end == "192.0.2.7");
  });
}

TEST_CASE("07-2 DNS query: what is lost is asked for again, after a second") {
  run_paused([]() -> Async<> {
    Scene scene = co_await Scene::begin();
    const Bytes first = co_await scene.query();
    step("nothing comes for 999 ms");
    co_await advance(999ms);
    co_await let_run(300);
    CHECK_FALSE(scene.is_asked());
    step("2 ms more: the same question again");
    co_await advance(2ms);
    const Bytes second = co_await scene.query();
    CHECK(second == first);
    step("the answer to the first one comes, late");
    co_await scene.say(good_reply(first));
    const std::string end = co_await scene.ends();
    CHECK(end == "192.0.2.7");
  });
}

TEST_CASE("07-2 DNS query: after three attempts it gives up") {
  run_paused([]() -> Async<> {
    Scene scene = co_await Scene::begin();
    for (int attempt = 1; attempt <= 3; ++attempt) {
      step("attempt ", attempt, " is lost");
      (void)co_await scene.query();
      CHECK_FALSE(scene.is_answered());
      co_await advance(1001ms);
    }
    const std::string end = co_await scene.ends();
    CHECK(end == "nobody has answered");
    CHECK_FALSE(scene.is_asked());
  });
}

TEST_CASE("07-2 DNS query: the time runs on, whatever else comes") {
  run_paused([]() -> Async<> {
    Scene scene = co_await Scene::begin();
    const Bytes query = co_await scene.query();
    for (int ms = 300; ms <= 900; ms += 300) {
      step("after ", ms, " ms, somebody else answers");
      co_await advance(300ms);
      co_await scene.intrude(good_reply(query));
      co_await let_run(300);
    }
    CHECK_FALSE(scene.is_answered());
    CHECK_FALSE(scene.is_asked());
    step("after 1,001 ms, it asks again");
    co_await advance(101ms);
    const Bytes second = co_await scene.query();
    CHECK(second == query);
    step("and takes the answer");
    co_await scene.say(good_reply(second));
    const std::string end = co_await scene.ends();
    CHECK(end == "192.0.2.7");
  });
}

TEST_CASE("07-2 DNS query: an answer that does not fit is truncated") {
  run_paused([]() -> Async<> {
    step("the server says so");
    const std::string said = co_await answer_with([](const Bytes& query) {
      return reply(query, kGood | dns::kTruncated, 1, u16(kToName) + address(1));
    });
    CHECK(said == "the answer is too long for UDP");
    step("the server sends 40 addresses, which is more than 512 bytes");
    const std::string longer = co_await answer_with([](const Bytes& query) {
      Bytes records;
      for (int last = 1; last <= 40; ++last) records = records + u16(kToName) + address(last);
      return reply(query, kGood, 40, records);
    });
    CHECK(longer == "the answer is too long for UDP");
  });
}

TEST_CASE("07-2 DNS query: what is malformed is an error, and no more") {
  run_paused([]() -> Async<> {
    step("a name that leads to itself");
    const std::string circle = co_await answer_with([](const Bytes& query) {
      const int here = static_cast<int>(query.size());
      return reply(query, kGood, 1, bytes(0xc0, here) + address(1));
    });
    CHECK(circle == "that is no message of DNS");
    step("a record that is longer than the message");
    const std::string beyond = co_await answer_with([](const Bytes& query) {
      const Bytes head = u16(dns::kTypeA) + u16(dns::kClassIn) + bytes(0, 0, 0, 60) + u16(60000);
      return reply(query, kGood, 1, u16(kToName) + head + bytes(1, 2, 3, 4));
    });
    CHECK(beyond == "that is no message of DNS");
    step("your resolve() is asked for what is no name");
    Scene scene = co_await Scene::begin("nara..test");
    const std::string no_name = co_await scene.ends();
    CHECK(no_name == "that is no message of DNS");
    CHECK_FALSE(scene.is_asked());
  });
}

TEST_CASE("07-2 DNS query: a good answer that was cut, or has changed on the way") {
  const Bytes query = dns::make_query("nara.test");
  const Bytes cname = record(dns::kTypeCname, bytes(3, "www", 0xc0, 17));
  const Bytes good = reply(
      query, kGood, 3,
      u16(kToName) + cname + u16(0xc000 + 39) + address(3) + bytes(1, "x", 0xc0, 12) + address(4));
  REQUIRE(text(dns::parse_answer(good)) == "192.0.2.3");
  step("cut it at each place");
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    INFO("the first ", size, " bytes of ", good.size());
    REQUIRE(text(dns::parse_answer(cut)) == "that is no message of DNS");
    REQUIRE(dns::is_answer_to(query, cut) == (size >= query.size()));
  }
  step("change some bytes of it, 5,000 times");
  nara::test::Random random(1);
  for (int round = 0; round < 5000; ++round) {
    Bytes changed = good;
    for (int change = nara::test::below(random, 4); change >= 0; --change) {
      const int place = nara::test::below(random, static_cast<int>(changed.size()));
      changed[place] = static_cast<std::byte>(nara::test::below(random, 256));
    }
    (void)dns::is_answer_to(query, changed);
    const Answer answer = dns::parse_answer(changed);
    REQUIRE((!answer || answer->size() <= 2));
  }
}

TEST_SUITE_END();
