// The tests of 06-4. Bytes come through memory, and the clock stands still, where all depends on
// how they come. In the last tests, clients are real.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <deque>
#include <fstream>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/io/buf_reader.hpp>
#include <nara/io/duplex.hpp>
#include <nara/io/read.hpp>
#include <nara/io/write.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <span>
#include <store.hpp>
#include <string>
#include <string_view>
#include <testkit/diary.hpp>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <testkit/talker.hpp>
#include <utility>

using namespace std::chrono_literals;

using nara::Async;
using nara::io::BufReader;
using nara::io::duplex;
using nara::io::DuplexStream;
using nara::io::Result;
using nara::io::write_all;
using nara::net::SocketAddr;
using nara::net::TcpListener;
using nara::net::TcpStream;
using nara::test::Diary;
using nara::test::let_run;
using nara::test::run_paused;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::test::Talker;
using nara::time::sleep;

namespace {

constexpr std::size_t kRoom = std::size_t{1} << 16;

/// A line as a test compares it.
std::string seen(const std::optional<Line>& line) {
  if (!line) return "(the end)";
  return line->is_too_long ? "(too long)" : line->text;
}

/// Says all of it, and goes.
Async<> say(DuplexStream stream, std::string text) { (void)co_await write_all(stream, text); }

/// Says all of it, as long as somebody takes it. The stream has to outlive it.
template <class Stream>
Async<> flood(Stream& stream, std::string text) {
  (void)co_await write_all(stream, text);
}

/// All lines of a text, of which so many bytes come at once.
Async<std::string> lines_of(std::string text, std::size_t at_once) {
  auto [client, server] = duplex(at_once);
  auto saying = nara::spawn(say(std::move(client), std::move(text)));
  BufReader reader(server);
  std::string all;
  while (true) {
    const std::optional<Line> line = co_await read_line(reader);
    all += "[" + seen(line) + "]";
    if (!line) break;
  }
  (void)co_await saying;
  co_return all;
}

/// A line of so many bytes, and then another line. They cost nothing until they are read.
class Endless {
 public:
  explicit Endless(std::size_t size) : left_(size) {}

  auto read(std::span<std::byte> into) {
    const std::string_view rest = std::string_view("\nget tea\n").substr(told_);
    std::size_t size = std::min(into.size(), left_ > 0 ? left_ : rest.size());
    if (left_ > 0) {
      std::memset(into.data(), 'x', size);
      left_ -= size;
    } else {
      std::memcpy(into.data(), rest.data(), size);
      told_ += size;
    }
    return nara::ready(Result<std::size_t>(size));
  }

 private:
  std::size_t left_;
  std::size_t told_ = 0;
};

/// How much memory this program has, in MiB. proc(5), statm.
long mebibytes() {
  std::ifstream file("/proc/self/statm");
  long all = 0;
  long resident = 0;
  file >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / (1 << 20);
}

/// A connection that counts how often it is written to.
class Counted {
 public:
  explicit Counted(DuplexStream stream) : stream_(std::move(stream)) {}

  auto read(std::span<std::byte> into) { return stream_.read(into); }
  auto write(std::span<const std::byte> bytes) {
    ++writes;
    return stream_.write(bytes);
  }
  auto flush() { return stream_.flush(); }
  auto shutdown() { return stream_.shutdown(); }

  int writes = 0;

 private:
  DuplexStream stream_;
};

/// A client that sends so many commands, as fast as they are read, and reads all answers.
class Eager {
 public:
  explicit Eager(std::size_t commands) : left_(commands) {}

  auto read(std::span<std::byte> into) {
    constexpr std::string_view kCommand = "get tea\n";
    std::size_t size = 0;
    for (; left_ > 0 && size + kCommand.size() <= into.size(); --left_) {
      std::memcpy(into.subspan(size).data(), kCommand.data(), kCommand.size());
      size += kCommand.size();
    }
    return nara::ready(Result<std::size_t>(size));
  }
  auto write(std::span<const std::byte> bytes) {
    return nara::ready(Result<std::size_t>(bytes.size()));
  }
  auto flush() { return nara::ready(Result<void>()); }
  auto shutdown() { return nara::ready(Result<void>()); }

 private:
  std::size_t left_;
};

/// Calls your `talk()`; the connection is closed when that ends.
Async<> serve_alone(DuplexStream stream) {
  Store store;
  co_await talk(stream, store);
}

/// Reads until there is so much, or for a second.
Async<std::string> hear(DuplexStream& stream, std::size_t size) {
  std::string text(size, '?');
  const auto bytes = std::as_writable_bytes(std::span(text));
  const auto read = co_await nara::time::timeout(1s, nara::io::read_exact(stream, bytes));
  if (!read || !*read) co_return "(nothing)";
  co_return text;
}

/// All that is still said.
Async<std::string> hear_all(DuplexStream& stream) {
  std::string text;
  (void)co_await nara::io::read_to_string(stream, text);
  co_return text;
}

SocketAddr start() {
  step("start your server");
  TcpListener listener = nara::test::listen();
  const SocketAddr where = listener.local_addr().value();
  (void)nara::spawn(serve(std::move(listener)));
  return where;
}

}  // namespace

TEST_SUITE_BEGIN("06-4" * doctest::timeout(10));

TEST_CASE("06-4 Key-value store: a line, however it comes") {
  run_paused([]() -> Async<> {
    for (const std::size_t at_once : {kRoom, std::size_t{1}, std::size_t{3}}) {
      step("with \\n and with \\r\\n, an empty one, and the last one without, ", at_once,
           " bytes at once");
      const std::string all = co_await lines_of("get tea\nset a\r b\r\n\n\r\nget", at_once);
      CHECK(all == "[get tea][set a\r b][][][get][(the end)]");
    }
    step("nothing at all, and one line");
    const std::string nothing = co_await lines_of("", kRoom);
    CHECK(nothing == "[(the end)]");
    const std::string one = co_await lines_of("get tea\n", kRoom);
    CHECK(one == "[get tea][(the end)]");
  });
}

TEST_CASE("06-4 Key-value store: a line that is too long is passed over") {
  run_paused([]() -> Async<> {
    const std::string longest(kLongest, 'x');
    for (const std::size_t at_once : {kRoom, std::size_t{7}}) {
      step("one that is just short enough, one with a byte more, and a short one");
      std::string three = longest + "\n";
      three += longest + "x\nget\n";
      const std::string all = co_await lines_of(std::move(three), at_once);
      CHECK(all == "[" + longest + "][(too long)][get][(the end)]");
      step("the \\r counts");
      const std::string cr = co_await lines_of(longest + "\r\nget\n", at_once);
      CHECK(cr == "[(too long)][get][(the end)]");
      step("the last one, without an end");
      const std::string last = co_await lines_of(std::string(3 * kLongest, 'x'), at_once);
      CHECK(last == "[(too long)][(the end)]");
    }
  });
}

TEST_CASE("06-4 Key-value store: a line of 64 MiB costs no memory") {
  run_paused([]() -> Async<> {
    Endless stream(std::size_t{64} << 20);
    BufReader reader(stream);
    const long before = mebibytes();
    const std::optional<Line> line = co_await read_line(reader);
    const long more = mebibytes() - before;
    CHECK(seen(line) == "(too long)");
    INFO("MiB more than before");
    CHECK(more < 32);
    step("the next line is a line again");
    const std::optional<Line> next = co_await read_line(reader);
    CHECK(seen(next) == "get tea");
  });
}

TEST_CASE("06-4 Key-value store: commands are answered in their order") {
  run_paused([]() -> Async<> {
    auto [client, server] = duplex(kRoom);
    (void)nara::spawn(serve_alone(std::move(server)));
    step("one");
    (void)co_await write_all(client, "get tea\n");
    const std::string first = co_await hear(client, 8);
    CHECK(first == "nothing\n");
    step("three at once, one of them too long, and then the end of what the client says");
    const std::string text = "set tea green\n" + std::string(5000, 'x') + "\nbrew\nget tea";
    (void)co_await write_all(client, text);
    (void)co_await client.shutdown();
    const std::string rest = co_await hear_all(client);
    CHECK(rest ==
          "ok\nerror: too long\nerror: say \"set NAME VALUE\", or \"get NAME\"\nvalue green\n");
  });
}

TEST_CASE("06-4 Key-value store: answers are flushed before it waits, and not earlier") {
  run_paused([]() -> Async<> {
    auto [client, server] = duplex(kRoom);
    Store store;
    Counted counted(std::move(server));
    auto talking = nara::spawn(talk(counted, store));
    step("a line and a half: the first one is answered before the rest comes");
    (void)co_await write_all(client, "get tea\nget mi");
    const std::string early = co_await hear(client, 8);
    CHECK(early == "nothing\n");
    (void)co_await write_all(client, "lk\n");
    const std::string late = co_await hear(client, 8);
    CHECK(late == "nothing\n");
    step("1,000 lines at once: few writes");
    counted.writes = 0;
    std::string many;
    for (int number = 0; number < 1000; ++number) many += "get tea\n";
    (void)co_await write_all(client, many);
    (void)co_await client.shutdown();
    const auto ended = co_await nara::time::timeout(1s, std::move(talking));
    REQUIRE(ended.has_value());
    CHECK(counted.writes <= 2);
  });
}

TEST_CASE("06-4 Key-value store: a line has 30 s, however many bytes come meanwhile") {
  run_paused([]() -> Async<> {
    auto [client, server] = duplex(kRoom);
    const Diary since;
    auto talking = nara::spawn(serve_alone(std::move(server)));
    step("a line every 20 s, five times: all are in time");
    for (int number = 0; number < 5; ++number) {
      (void)co_await write_all(client, "get tea\n");
      const std::string answer = co_await hear(client, 8);
      CHECK(answer == "nothing\n");
      co_await sleep(20s);
    }
    step("then a byte every second");
    for (int number = 0; number < 100 && !talking.is_finished(); ++number) {
      (void)co_await write_all(client, "x");
      co_await sleep(1s);
    }
    REQUIRE_MESSAGE(talking.is_finished(), "a byte a second, and it still waits for the line");
    CHECK(since.ms() <= 111'000);
    const std::string last = co_await hear_all(client);
    CHECK(last == "error: too slow\n");
  });
}

TEST_CASE("06-4 Key-value store: who says nothing is let go, and so is who does not read") {
  run_paused([]() -> Async<> {
    {
      step("nothing is said");
      auto [client, server] = duplex(kRoom);
      const Diary since;
      (void)nara::spawn(serve_alone(std::move(server)));
      const std::string last = co_await hear_all(client);
      CHECK(last == "error: too slow\n");
      CHECK(since.ms() == 30'000);
    }
    // The first lets few answers through: they wait to be flushed. The second lets in so many
    // commands at once that the answers to them do not fit into a buffer.
    for (const std::size_t room : {100, 10'000}) {
      step("commands without end, and none of the answers is read; room for ", room, " bytes");
      auto [client, server] = duplex(room);
      const Diary since;
      auto talking = nara::spawn(serve_alone(std::move(server)));
      std::string many;
      for (int number = 0; number < 10'000; ++number) many += "brew\n";
      auto flooding = nara::spawn(flood(client, std::move(many)));
      const auto ended = co_await nara::time::timeout(1h, std::move(talking));
      REQUIRE_MESSAGE(ended.has_value(), "after an hour, it still waited for its client to read");
      CHECK(since.ms() == 30'000);
      (void)co_await flooding;
    }
  });
}

TEST_CASE("06-4 Key-value store: who sends as much as it can lets the others have their turn") {
  run_paused([]() -> Async<> {
    step("10,000 commands, which are there at once; meanwhile, another task counts its turns");
    Store store;
    Eager eager(10'000);
    auto talking = nara::spawn(talk(eager, store));
    int turns = 0;
    while (!talking.is_finished()) {
      ++turns;
      co_await nara::yield_now();
    }
    CHECK(turns >= 10'000 * 8 / (8 << 10));
  });
}

TEST_CASE("06-4 Key-value store: what one client does is no matter to the others") {
  run_with_drivers([]() -> Async<> {
    const SocketAddr where = start();
    step("one throws its connection away in the middle of a line");
    TcpStream gone = co_await nara::test::connect(where);
    co_await nara::test::write_all(gone, "set te");
    co_await let_run(100);
    nara::test::reset(std::move(gone));
    step("one says half a line; one sends commands without end, and reads nothing");
    const TcpStream slow = co_await nara::test::connect(where);
    co_await nara::test::write_all(slow, "get t");
    const TcpStream rude = co_await nara::test::connect(where);
    auto flooding = nara::spawn(flood(rude, std::string(20'000'000, '\n')));
    step("100 others set a value each, and get it");
    std::deque<Talker> clients;
    for (int number = 0; number < 100; ++number) {
      TcpStream stream = co_await nara::test::connect(where);
      clients.emplace_back(std::move(stream));
      const std::string name = std::to_string(number);
      std::string lines = "set " + name + " tea ";
      lines += name + "\r\nget ";
      lines += name + "\r\n";
      co_await clients.back().say(std::move(lines));
    }
    for (int number = 0; number < 100; ++number) {
      co_await clients[number].hears("ok\nvalue tea " + std::to_string(number) + "\n");
    }
    step("and the last one to come sees what the others have set");
    co_await clients[0].say("get 99\n");
    co_await clients[0].hears("value tea 99\n");
    flooding.abort();
    const auto ended = co_await flooding;
    CHECK_FALSE(ended.has_value());
  });
}

TEST_SUITE_END();
