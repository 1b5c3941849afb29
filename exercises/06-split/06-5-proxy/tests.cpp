// The tests of 06-5, stage by stage. In the first three, bytes go through memory, and the clock
// stands still. From the fourth on, clients and servers are real, and on this machine.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <nara/async.hpp>
#include <nara/io/copy.hpp>
#include <nara/io/duplex.hpp>
#include <nara/io/read.hpp>
#include <nara/io/write.hpp>
#include <nara/join_handle.hpp>
#include <nara/join_set.hpp>
#include <nara/net/split.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_socket.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <proxy.hpp>
#include <string>
#include <string_view>
#include <testkit/diary.hpp>
#include <testkit/gate.hpp>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <testkit/talker.hpp>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using nara::Async;
using nara::JoinHandle;
using nara::io::duplex;
using nara::io::DuplexStream;
using nara::io::write_all;
using nara::net::SocketAddr;
using nara::net::TcpListener;
using nara::net::TcpStream;
using nara::test::connect;
using nara::test::Diary;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::listen;
using nara::test::reset;
using nara::test::run_paused;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::test::Talker;
using nara::test::wait_until;
using nara::time::sleep;
using proxy::End;
using proxy::Limits;
using proxy::Metered;
using proxy::Record;
using proxy::Traffic;

namespace {

/// For those who read what has failed.
std::string text(End end) {
  constexpr std::array kWords{"complete", "broken", "idle", "nobody there", "cut off"};
  return kWords.at(static_cast<std::size_t>(end));
}
std::string text(const Record& record) {
  return std::to_string(record.number) + ": " + std::to_string(record.traffic.up) + " up, " +
         std::to_string(record.traffic.down) + " down, " + text(record.end);
}

/// A client, a server, and your `relay()` between them, all in memory.
struct InMemory {
  explicit InMemory(std::size_t room = 1000) : InMemory(duplex(room), duplex(room)) {}

  DuplexStream client;
  DuplexStream client_side;
  DuplexStream server_side;
  DuplexStream server;
  Traffic traffic;

 private:
  using Pair = std::pair<DuplexStream, DuplexStream>;
  InMemory(Pair one, Pair other)
      : client(std::move(one.first)),
        client_side(std::move(one.second)),
        server_side(std::move(other.first)),
        server(std::move(other.second)) {}
};

JoinHandle<End> start(InMemory& memory) {
  step("start your relay(), with a limit of 60 s");
  return nara::spawn(proxy::relay(memory.client_side, memory.server_side, memory.traffic, 60s));
}

Async<std::string> hear_all(DuplexStream& stream) {
  std::string text;
  (void)co_await nara::io::read_to_string(stream, text);
  co_return text;
}

Async<std::string> hear(DuplexStream& stream, std::size_t size) {
  std::string text(size, '?');
  const auto bytes = std::as_writable_bytes(std::span(text));
  const auto read = co_await nara::time::timeout(1s, nara::io::read_exact(stream, bytes));
  if (!read || !*read) co_return "(nothing)";
  co_return text;
}

/// What is still read, and how it ends: "tea, and the end".
Async<std::string> hear_how_it_ends(const TcpStream& stream) {
  std::string all;
  std::array<std::byte, 4096> buffer;
  while (true) {
    const auto size = co_await stream.read(buffer);
    if (!size) co_return all + ", and " + size.error().message();
    if (*size == 0) co_return all + ", and the end";
    all += nara::io::as_text(std::span(buffer).first(*size));
  }
}

/// The records of all connections that have ended. It lives longer than the runtime.
struct Book {
  std::vector<Record> records;
  proxy::Log log = [this](const Record& record) { records.push_back(record); };

  /// Waits until there are so many.
  Async<> has(std::size_t count) const {
    co_await wait_until([this, count] { return records.size() >= count; });
    REQUIRE(records.size() == count);
  }
  std::string last() const { return records.empty() ? "(none)" : text(records.back()); }
};

/// A connection with your `visit()` in the middle of it.
struct Visit {
  TcpStream client;
  TcpStream server;
  JoinHandle<void> running;
};

const Limits kLimits;

Async<Visit> visited(Book& book) {
  step("connect, and call your visit()");
  const TcpListener server = listen();
  const TcpListener door = listen();
  TcpStream client = co_await connect(door.local_addr().value());
  auto at_the_door = co_await door.accept();
  REQUIRE(at_the_door.has_value());
  auto running = nara::spawn(proxy::visit(std::move(at_the_door->stream), at_the_door->peer, 7,
                                          server.local_addr().value(), kLimits, book.log));
  auto accepted = co_await nara::time::timeout(2s, server.accept());
  REQUIRE_MESSAGE(accepted.has_value(), "visit() did not connect to the server");
  co_return Visit{std::move(client), std::move((*accepted)->stream), std::move(running)};
}

/// A proxy that runs, and a server behind it that gives back what it gets.
struct Running {
  SocketAddr where;
  JoinHandle<void> proxy;
};

Async<> echo(TcpStream stream) {
  auto [reader, writer] = nara::net::split(stream);
  (void)co_await nara::io::copy(reader, writer);
  (void)co_await stream.shutdown();
}

Async<> echo_server(TcpListener listener) {
  while (true) {
    auto accepted = co_await listener.accept();
    if (!accepted) co_return;
    (void)nara::spawn(echo(std::move(accepted->stream)));
  }
}

Async<> opened(Gate& gate) { co_await gate.wait(); }

Running start(Gate& stop, const Limits& limits, Book& book) {
  step("start your serve(), in front of a server that gives back what it gets");
  TcpListener server = listen();
  TcpListener door = listen();
  const SocketAddr upstream = server.local_addr().value();
  const SocketAddr where = door.local_addr().value();
  (void)nara::spawn(echo_server(std::move(server)));
  return {where,
          nara::spawn(proxy::serve(std::move(door), upstream, opened(stop), limits, book.log))};
}

Async<Talker> talk_with(SocketAddr where) {
  TcpStream stream = co_await connect(where);
  co_return Talker(std::move(stream));
}

}  // namespace

TEST_SUITE_BEGIN("06-5" * doctest::timeout(10));

TEST_CASE("06-5 Proxy, stage 1: what is written is counted, when it is taken") {
  run_paused([]() -> Async<> {
    auto [near, far] = duplex(4);
    Traffic traffic;
    const auto begin = traffic.last;
    Metered metered(near, traffic.up, traffic);
    step("10 s later, write six bytes where four have room");
    co_await sleep(10s);
    auto writing = nara::spawn(
        [](auto& stream) -> Async<> { (void)co_await write_all(stream, "sugar!"); }(metered));
    co_await let_run(10);
    CHECK(traffic.up == 4);
    CHECK(traffic.last - begin == 10s);
    step("10 s later, there is room for the rest");
    co_await sleep(10s);
    const std::string heard = co_await hear(far, 6);
    (void)co_await writing;
    CHECK(heard == "sugar!");
    CHECK(traffic.up == 6);
    CHECK(traffic.down == 0);
    CHECK(traffic.last - begin == 20s);
    step("the other side is gone: what was not taken is not counted");
    {
      const DuplexStream gone = std::move(far);
    }
    co_await sleep(10s);
    const auto failed = co_await metered.write(nara::io::as_bytes("milk"));
    CHECK_FALSE(failed.has_value());
    CHECK(traffic.up == 6);
    CHECK(traffic.last - begin == 20s);
  });
}

TEST_CASE("06-5 Proxy, stage 2: it is idle when nothing has moved for so long") {
  run_paused([]() -> Async<> {
    Traffic traffic;
    const Diary since;
    auto idle = nara::spawn(proxy::idle(traffic, 60s));
    step("something moves after 50 s, and after 100 s");
    for (int time = 0; time < 2; ++time) {
      co_await sleep(50s);
      traffic.last = nara::time::now();
    }
    (void)co_await idle;
    CHECK(since.ms() == 160'000);
    step("it has been idle for longer than that: ready at once");
    co_await sleep(100s);
    co_await proxy::idle(traffic, 60s);
    CHECK(since.ms() == 260'000);
  });
}

TEST_CASE("06-5 Proxy, stage 3: bytes and ends pass through, each way for itself") {
  run_paused([]() -> Async<> {
    InMemory memory;
    auto relaying = start(memory);
    step("the client asks, and says its end");
    (void)co_await write_all(memory.client, "tea?");
    (void)co_await memory.client.shutdown();
    const std::string question = co_await hear_all(memory.server);
    CHECK(question == "tea?");
    step("the server answers, and says its end");
    (void)co_await write_all(memory.server, "with milk");
    (void)co_await memory.server.shutdown();
    const std::string answer = co_await hear_all(memory.client);
    CHECK(answer == "with milk");
    const auto end = co_await relaying;
    CHECK(text(end.value()) == "complete");
    CHECK(memory.traffic.up == 4);
    CHECK(memory.traffic.down == 9);
  });
}

TEST_CASE("06-5 Proxy, stage 3: the server may say its end first") {
  run_paused([]() -> Async<> {
    InMemory memory;
    auto relaying = start(memory);
    (void)co_await write_all(memory.server, "hello");
    (void)co_await memory.server.shutdown();
    const std::string hello = co_await hear_all(memory.client);
    CHECK(hello == "hello");
    (void)co_await write_all(memory.client, "and bye");
    (void)co_await memory.client.shutdown();
    const std::string bye = co_await hear_all(memory.server);
    CHECK(bye == "and bye");
    const auto end = co_await relaying;
    CHECK(text(end.value()) == "complete");
  });
}

TEST_CASE("06-5 Proxy, stage 3: what moves in either direction keeps it alive") {
  run_paused([]() -> Async<> {
    InMemory memory;
    const Diary since;
    auto relaying = start(memory);
    step("a byte every 40 s, from the client, and then from the server");
    for (int time = 0; time < 3; ++time) {
      co_await sleep(40s);
      (void)co_await write_all(memory.client, "x");
    }
    for (int time = 0; time < 3; ++time) {
      co_await sleep(40s);
      (void)co_await write_all(memory.server, "x");
    }
    const std::string up = co_await hear(memory.server, 3);
    const std::string down = co_await hear(memory.client, 3);
    CHECK(up == "xxx");
    CHECK(down == "xxx");
    CHECK_FALSE(relaying.is_finished());
    step("then nothing, also when the client has said its end");
    (void)co_await memory.client.shutdown();
    const auto end = co_await relaying;
    CHECK(text(end.value()) == "idle");
    CHECK(since.ms() == 6 * 40'000 + 60'000);
  });
}

TEST_CASE("06-5 Proxy, stage 3: who does not read is slowed down, and idle in the end") {
  run_paused([]() -> Async<> {
    InMemory memory;
    auto relaying = start(memory);
    step("the client sends 1 MiB, and the server reads nothing");
    const Diary since;
    const std::string much(std::size_t{1} << 20, 'x');
    auto flooding = nara::spawn([](DuplexStream& stream, std::string_view what) -> Async<> {
      (void)co_await write_all(stream, what);
    }(memory.client, much));
    step("it has room for 1,000 bytes: that many were taken by the server, in one go");
    co_await let_run(1000);
    CHECK(memory.traffic.up == 1000);
    step("meanwhile, the other direction goes on");
    co_await sleep(50s);
    (void)co_await write_all(memory.server, "stop");
    const std::string heard = co_await hear(memory.client, 4);
    CHECK(heard == "stop");
    const auto end = co_await relaying;
    CHECK(text(end.value()) == "idle");
    CHECK(since.ms() == 110'000);
    flooding.abort();
    (void)co_await flooding;
  });
}

TEST_CASE("06-5 Proxy, stage 3: when one side breaks, it ends at once") {
  run_paused([]() -> Async<> {
    InMemory memory;
    const Diary since;
    auto relaying = start(memory);
    step("the server is gone, and the client still says something");
    {
      const DuplexStream gone = std::move(memory.server);
    }
    (void)co_await write_all(memory.client, "hello?");
    const auto end = co_await relaying;
    CHECK(text(end.value()) == "broken");
    CHECK(since.ms() == 0);
  });
}

TEST_CASE("06-5 Proxy, stage 4: a connection that both sides end is complete") {
  Book book;
  run_with_drivers([&]() -> Async<> {
    Visit visit = co_await visited(book);
    co_await nara::test::write_all(visit.client, "tea?");
    (void)co_await visit.client.shutdown();
    const std::string question = co_await hear_how_it_ends(visit.server);
    CHECK(question == "tea?, and the end");
    step("the server answers with 100,000 bytes, and has gone before the client reads them");
    const std::string much(100'000, 'm');
    auto answering = nara::spawn([](TcpStream server, std::string_view what) -> Async<> {
      co_await nara::test::write_all(server, what);
      (void)co_await server.shutdown();
    }(std::move(visit.server), much));
    co_await let_run(1000);
    const std::string answer = co_await hear_how_it_ends(visit.client);
    const bool is_all = answer == much + ", and the end";
    CHECK(is_all);
    (void)co_await answering;
    co_await book.has(1);
    CHECK(book.last() == "7: 4 up, 100000 down, complete");
    const bool is_from = book.records[0].client == visit.client.local_addr().value();
    CHECK(is_from);
    book.records.clear();
  });
}

TEST_CASE("06-5 Proxy, stage 4: a reset is passed on, and is not turned into an end") {
  Book book;
  run_with_drivers([&]() -> Async<> {
    {
      Visit visit = co_await visited(book);
      step("the client says half of something, and throws its connection away");
      co_await nara::test::write_all(visit.client, "te");
      const std::string half = co_await nara::test::read_exactly(visit.server, 2);
      CHECK(half == "te");
      reset(std::move(visit.client));
      const std::string rest = co_await hear_how_it_ends(visit.server);
      CHECK(rest == ", and Connection reset by peer");
      (void)co_await visit.running;
      CHECK(book.last() == "7: 2 up, 0 down, broken");
    }
    {
      Visit visit = co_await visited(book);
      step("the same from the server, in the middle of its answer");
      co_await nara::test::write_all(visit.server, "with mi");
      const std::string half = co_await nara::test::read_exactly(visit.client, 7);
      CHECK(half == "with mi");
      reset(std::move(visit.server));
      const std::string rest = co_await hear_how_it_ends(visit.client);
      CHECK(rest == ", and Connection reset by peer");
      (void)co_await visit.running;
      CHECK(book.last() == "7: 0 up, 7 down, broken");
    }
    {
      Visit visit = co_await visited(book);
      co_await let_run(100);
      step("the task of the visit is aborted: both see a reset");
      visit.running.abort();
      (void)co_await visit.running;
      const std::string client = co_await hear_how_it_ends(visit.client);
      const std::string server = co_await hear_how_it_ends(visit.server);
      CHECK(client == ", and Connection reset by peer");
      CHECK(server == ", and Connection reset by peer");
      CHECK(book.last() == "7: 0 up, 0 down, cut off");
    }
    book.records.clear();
  });
}

TEST_CASE("06-5 Proxy, stage 4: when the server is not there, the client is hung up on at once") {
  Book book;
  run_paused([&]() -> Async<> {
    const Diary since;
    const TcpListener door = listen();
    for (const bool is_full : {false, true}) {
      // A port at which nobody listens any more, or a server that has no room for anybody else.
      nara::net::TcpSocket socket = nara::net::TcpSocket::new_v4().value();
      REQUIRE(socket.bind({nara::net::IpAddr::loopback_v4(), 0}).has_value());
      const SocketAddr upstream = socket.local_addr().value();
      std::optional<TcpListener> full;
      std::deque<TcpStream> waiting;
      if (is_full) {
        step("a server whose queue is full: nobody answers");
        full = std::move(socket).listen(0).value();
        TcpStream first = co_await connect(upstream);
        waiting.push_back(std::move(first));
      } else {
        step("a server that refuses");
      }
      const TcpStream client = co_await connect(door.local_addr().value());
      auto accepted = co_await door.accept();
      REQUIRE(accepted.has_value());
      co_await proxy::visit(std::move(accepted->stream), accepted->peer, 1, upstream, kLimits,
                            book.log);
      const std::string end = co_await hear_how_it_ends(client);
      CHECK(end == ", and Connection reset by peer");
      CHECK(book.last() == "1: 0 up, 0 down, nobody there");
      CHECK(since.ms() == (is_full ? 5000 : 0));
    }
    book.records.clear();
  });
}

TEST_CASE("06-5 Proxy, stage 5: there are no more than so many at a time") {
  Book book;
  Gate stop;
  const Limits limits{.connections = 2};
  run_with_drivers([&]() -> Async<> {
    const Running running = start(stop, limits, book);
    const Talker first = co_await talk_with(running.where);
    Talker second = co_await talk_with(running.where);
    co_await first.say("one\n");
    co_await second.say("two\n");
    co_await first.hears("one\n");
    co_await second.hears("two\n");
    step("a third one comes: it has to wait");
    const Talker third = co_await talk_with(running.where);
    co_await third.say("three\n");
    co_await let_run(1000);
    CHECK(third.heard() == "");
    step("the second one goes");
    second.leave();
    co_await second.hears_the_end();
    co_await third.hears("three\n");
    CHECK(book.last() == "2: 4 up, 4 down, complete");
  });
}

TEST_CASE("06-5 Proxy, stage 5: at the stop, who is there may finish, and who stays is cut off") {
  Book book;
  Gate stop;
  run_paused([&]() -> Async<> {
    Running running = start(stop, kLimits, book);
    Talker first = co_await talk_with(running.where);
    const TcpStream second = co_await connect(running.where);
    co_await nara::test::write_all(second, "two");
    const std::string two = co_await nara::test::read_exactly(second, 3);
    co_await first.say("one\n");
    co_await first.hears("one\n");
    step("stop: nobody else comes in");
    const Diary since;
    stop.open();
    co_await let_run(100);
    const auto late = co_await TcpStream::connect(running.where);
    CHECK_FALSE(late.has_value());
    step("the first client still asks, is answered, and goes");
    co_await first.say("one more\n");
    co_await first.hears("one more\n");
    first.leave();
    co_await first.hears_the_end();
    co_await book.has(1);
    CHECK(book.last() == "1: 13 up, 13 down, complete");
    step("the second one stays: it sees a reset after 5 s, which pass at once here");
    (void)co_await running.proxy;
    CHECK(since.ms() == 5000);
    CHECK(book.last() == "2: 3 up, 3 down, cut off");
    const std::string end = co_await hear_how_it_ends(second);
    CHECK(end == ", and Connection reset by peer");
  });
}

TEST_CASE("06-5 Proxy, stage 5: what one client does is no matter to the others") {
  Book book;
  Gate stop;
  run_with_drivers([&]() -> Async<> {
    const Running running = start(stop, kLimits, book);
    step("one sends as much as it can, and reads nothing");
    const TcpStream rude = co_await connect(running.where);
    const std::string piece(100'000, 'x');
    std::size_t taken = 0;
    bool is_taken = true;
    while (is_taken && taken < std::size_t{64} << 20) {
      co_await wait_until(
          [&] {
            const auto size = rude.try_write(nara::io::as_bytes(piece));
            if (size) taken += *size;
            is_taken = size.has_value();
            return is_taken;
          },
          200ms);
    }
    step("it was taken ", taken / 1024, " KiB, which are in the kernel, most of them");
    CHECK(taken < std::size_t{32} << 20);
    step("one says nothing, and one resets");
    const TcpStream silent = co_await connect(running.where);
    TcpStream gone = co_await connect(running.where);
    co_await nara::test::write_all(gone, "half a li");
    reset(std::move(gone));
    step("20 others send 30,000 bytes each, and read them again");
    const std::string text = nara::test::numbered_lines(3000).substr(0, 30'000);
    std::deque<Talker> talkers;
    nara::JoinSet<void> saying;
    for (int number = 0; number < 20; ++number) {
      Talker talker = co_await talk_with(running.where);
      talkers.push_back(std::move(talker));
      saying.spawn(talkers.back().say(text));
    }
    while (!saying.empty()) (void)co_await saying.join_next();
    int right = 0;
    for (Talker& talker : talkers) {
      talker.leave();
      co_await talker.hears_the_end();
      if (talker.heard() == text) ++right;
    }
    CHECK(right == 20);
  });
}

TEST_SUITE_END();
