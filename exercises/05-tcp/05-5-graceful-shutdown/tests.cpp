// The tests of 05-5. The clients are real, and on this machine. The clock stands still only where
// all depends on a deadline.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <nara/async.hpp>
#include <nara/io/buf_reader.hpp>
#include <nara/io/write.hpp>
#include <nara/join_set.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/cancellation_token.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <server.hpp>
#include <string>
#include <string_view>
#include <testkit/diary.hpp>
#include <testkit/gate.hpp>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using nara::Async;
using nara::net::SocketAddr;
using nara::net::TcpListener;
using nara::net::TcpStream;
using nara::sync::CancellationToken;
using nara::test::Diary;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::listen;
using nara::test::run_paused;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::time::Duration;
using nara::time::sleep;

using Texts = std::vector<std::string>;

namespace {

/// A journal whose disk can be held up. It lives longer than the runtime, in case a task that was
/// forgotten still uses it.
class Book final : public Journal {
 public:
  Book() { disk.open(); }

  Async<> append(std::string line) override {
    const Busy busy(*this);
    begun.open();
    co_await disk.wait();
    taken.push_back(std::move(line));
    if (taken.size() == 200) has_200.open();
  }

  Async<> flush() override {
    co_await nara::yield_now();
    flushed = taken;
  }

  bool is_on_disk(const std::string& line) const {
    return std::ranges::find(flushed, line) != flushed.end();
  }

  Gate disk;          ///< Closed while the disk takes nothing.
  Gate begun;         ///< Open when a line was given to it.
  Gate has_200;       ///< Open when it has taken so many.
  int busy_with = 0;  ///< Lines that were given to it, and are not taken yet.
  Texts taken;
  Texts flushed;

 private:
  struct Busy {
    explicit Busy(Book& book) : book(book) { ++book.busy_with; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;
    ~Busy() { --book.busy_with; }
    Book& book;
  };
};

/// Somebody at the other end.
class Client {
 public:
  explicit Client(TcpStream stream) : lines_(nara::io::BufReader<TcpStream>(std::move(stream))) {}

  Async<> say(std::string text) {
    text += '\n';
    const auto written = co_await nara::io::write_all(lines_.get_inner().get_inner(), text);
    (void)written;  // What has become of it, hear() says.
  }

  /// The next line, or what there is instead of one.
  Async<std::string> hear() {
    const auto next = co_await nara::time::timeout(5s, lines_.next_line());
    REQUIRE_MESSAGE(next.has_value(), "the client has heard nothing for 5 s");
    if (!*next) co_return "(" + next->error().message() + ")";
    co_return (*next)->value_or("(the end)");
  }

 private:
  nara::io::Lines<nara::io::BufReader<TcpStream>> lines_;
};

/// A server that runs. What it uses lives longer than the runtime.
struct Server {
  SocketAddr address;
  nara::JoinHandle<Report> running;
};

Async<> opened(Gate& gate) { co_await gate.wait(); }

Server start(TcpListener listener, Gate& stop, Book& book, Duration grace = 1h) {
  const SocketAddr address = listener.local_addr().value();
  return {address, nara::spawn(serve(std::move(listener), opened(stop), book, grace))};
}

Async<Client> connect(SocketAddr address) {
  auto stream = co_await TcpStream::connect(address);
  REQUIRE(stream.has_value());
  co_return Client(*std::move(stream));
}

/// A client, and a task that talks with it.
struct Talk {
  Client client;
  nara::JoinHandle<void> task;
};

Async<Talk> talk_with(Book& book, const CancellationToken& stopping) {
  const TcpListener listener = listen();
  const auto address = listener.local_addr().value();
  Client client = co_await connect(address);
  auto accepted = co_await listener.accept();
  REQUIRE(accepted.has_value());
  co_return Talk{std::move(client),
                 nara::spawn(talk(std::move(accepted->stream), book, stopping.clone()))};
}

/// Sends lines until somebody says goodbye, and collects those that are acknowledged.
Async<std::string> send_lines(SocketAddr address, std::string name, Texts& kept) {
  Client client = co_await connect(address);
  for (int number = 1;; ++number) {
    const std::string line = name + " " + std::to_string(number);
    co_await client.say(line);
    std::string answer = co_await client.hear();
    if (answer != "kept " + line) co_return answer;
    kept.push_back(line);
  }
}

}  // namespace

TEST_CASE("05-5 Graceful shutdown: a line is kept, and then acknowledged") {
  Book book;
  const CancellationToken stopping;
  run_with_drivers([&]() -> Async<> {
    Talk talk = co_await talk_with(book, stopping);
    step("two lines, one after the other");
    co_await talk.client.say("tea");
    const std::string tea = co_await talk.client.hear();
    CHECK(tea == "kept tea");
    co_await talk.client.say("milk");
    const std::string milk = co_await talk.client.hear();
    CHECK(milk == "kept milk");
    CHECK(book.taken == Texts{"tea", "milk"});
    step("the client goes: so does the task");
    {
      const Client gone = std::move(talk.client);
    }
    const auto ended = co_await nara::time::timeout(5s, std::move(talk.task));
    CHECK(ended.has_value());
  });
}

TEST_CASE("05-5 Graceful shutdown: who says nothing hears the stop") {
  Book book;
  const CancellationToken stopping;
  run_with_drivers([&]() -> Async<> {
    Talk talk = co_await talk_with(book, stopping);
    co_await talk.client.say("tea");
    const std::string tea = co_await talk.client.hear();
    CHECK(tea == "kept tea");
    step("stop, while nothing is to be done");
    stopping.cancel();
    const std::string last = co_await talk.client.hear();
    const std::string end = co_await talk.client.hear();
    CHECK(last == "bye");
    CHECK(end == "(the end)");
  });
}

TEST_CASE("05-5 Graceful shutdown: the line that was begun with is finished, and no other begun") {
  Book book;
  const CancellationToken stopping;
  run_with_drivers([&]() -> Async<> {
    Talk talk = co_await talk_with(book, stopping);
    step("three lines at once, while the disk is slow");
    book.disk.close();
    co_await talk.client.say("tea\nmilk\nsugar");
    co_await book.begun.wait();
    step("stop; then the disk takes the first line");
    stopping.cancel();
    co_await let_run(3);
    book.disk.open();
    const std::string kept = co_await talk.client.hear();
    const std::string last = co_await talk.client.hear();
    const std::string end = co_await talk.client.hear();
    CHECK(kept == "kept tea");
    CHECK(last == "bye");
    CHECK(end == "(the end)");
    CHECK(book.taken == Texts{"tea"});
  });
}

TEST_CASE("05-5 Graceful shutdown: there is one deadline for all, and nobody is left after it") {
  int alive = 0;
  run_paused([&]() -> Async<> {
    struct Alive {
      explicit Alive(int& count) : count(count) { ++count; }
      Alive(const Alive&) = delete;
      Alive& operator=(const Alive&) = delete;
      ~Alive() { --count; }
      int& count;
    };
    static constexpr auto kStay = [](int& alive, Duration time) -> Async<> {
      const Alive here(alive);
      co_await sleep(time);
    };
    Diary diary;
    step("nobody is there: no need to wait");
    nara::JoinSet<void> nobody;
    const int none = co_await drain(nobody, 5s);
    CHECK(none == 0);
    CHECK(diary.ms() == 0);
    step("two need 2 and 4 s, and have 5");
    nara::JoinSet<void> quick;
    quick.spawn(kStay(alive, 2s));
    quick.spawn(kStay(alive, 4s));
    const int in_time = co_await drain(quick, 5s);
    CHECK(in_time == 0);
    CHECK(diary.ms() == 4000);
    step("five need 2, 4, 6, 8 and 10 s, and have 5");
    nara::JoinSet<void> slow;
    for (const Duration time : {2s, 4s, 6s, 8s, 10s}) slow.spawn(kStay(alive, time));
    const int left = co_await drain(slow, 5s);
    CHECK(left == 3);
    CHECK(diary.ms() == 9000);
    CHECK(alive == 0);
  });
}

TEST_CASE("05-5 Graceful shutdown: who is told to stop when nobody is there stops at once") {
  Book book;
  Gate stop;
  run_with_drivers([&]() -> Async<> {
    Server server = start(listen(), stop, book);
    co_await let_run(3);
    stop.open();
    const auto report = co_await nara::time::timeout(5s, std::move(server.running));
    REQUIRE(report.has_value());
    CHECK((*report)->came == 0);
    CHECK((*report)->aborted == 0);
  });
}

TEST_CASE("05-5 Graceful shutdown: after the stop, nobody else comes in") {
  Book book;
  Gate stop;
  run_with_drivers([&]() -> Async<> {
    Server server = start(listen(), stop, book);
    step("one client is there, and its line takes a while");
    book.disk.close();
    Client client = co_await connect(server.address);
    co_await client.say("tea");
    co_await book.begun.wait();
    step("stop, and let another one try to connect");
    stop.open();
    co_await let_run(3);
    const auto late = co_await TcpStream::connect(server.address);
    CHECK_FALSE(late.has_value());
    step("the first one is still served to the end");
    book.disk.open();
    const std::string kept = co_await client.hear();
    const std::string last = co_await client.hear();
    CHECK(kept == "kept tea");
    CHECK(last == "bye");
    {
      const Client gone = std::move(client);
    }
    const auto report = co_await nara::time::timeout(5s, std::move(server.running));
    REQUIRE(report.has_value());
    CHECK((*report)->came == 1);
    CHECK((*report)->aborted == 0);
    CHECK(book.flushed == Texts{"tea"});
  });
}

TEST_CASE("05-5 Graceful shutdown: what was not done at the deadline was not acknowledged either") {
  Book book;
  Gate stop;
  run_with_drivers([&]() -> Async<> {
    Server server = start(listen(), stop, book, 5s);
    step("a line is kept; then the disk is stuck, and another line comes");
    Client client = co_await connect(server.address);
    co_await client.say("tea");
    const std::string kept = co_await client.hear();
    CHECK(kept == "kept tea");
    book.disk.close();
    book.begun.close();
    co_await client.say("milk");
    co_await book.begun.wait();
    step("stop, with 5 s to the deadline");
    nara::time::pause();
    const Diary diary;
    stop.open();
    const auto report = co_await nara::time::timeout(1h, std::move(server.running));
    REQUIRE_MESSAGE(report.has_value(), "it was still waiting after an hour");
    CHECK(diary.ms() / 100 == 50);
    CHECK((*report)->aborted == 1);
    CHECK(book.busy_with == 0);
    nara::time::resume();
    const std::string last = co_await client.hear();
    CHECK(last != "kept milk");
    CHECK(book.flushed == Texts{"tea"});
  });
}

TEST_CASE("05-5 Graceful shutdown: a client that never reads keeps nobody beyond the deadline") {
  Book book;
  Gate stop;
  run_with_drivers([&]() -> Async<> {
    step("buffers are small, and a client sends a line of 1 MiB");
    Server server = start(listen(), stop, book, 5s);
    Client rude = co_await connect(server.address);
    const std::string endless(std::size_t{1} << 20, 'x');
    co_await rude.say(endless);
    co_await book.begun.wait();
    step("it does not read the answer; somebody else is still served");
    Client polite = co_await connect(server.address);
    co_await polite.say("tea");
    const std::string kept = co_await polite.hear();
    CHECK(kept == "kept tea");
    step("stop, with 5 s to the deadline");
    stop.open();
    const std::string last = co_await polite.hear();
    CHECK(last == "bye");
    {
      const Client gone = std::move(polite);
    }
    nara::time::pause();
    const auto report = co_await nara::time::timeout(1h, std::move(server.running));
    REQUIRE_MESSAGE(report.has_value(), "it was still waiting after an hour");
    CHECK((*report)->came == 2);
    CHECK((*report)->aborted == 1);
    CHECK(book.flushed.size() == 2);
  });
}

TEST_CASE("05-5 Graceful shutdown: of fifty clients, nobody loses what was acknowledged") {
  Book book;
  Gate stop;
  std::map<std::string, Texts> kept;
  run_with_drivers([&]() -> Async<> {
    Server server = start(listen(), stop, book);
    step("each sends one line after the other; stop in the midst of it");
    nara::JoinSet<std::string> clients;
    for (int number = 0; number < 50; ++number) {
      const std::string name = "client " + std::to_string(number);
      clients.spawn(send_lines(server.address, name, kept[name]));
    }
    co_await book.has_200.wait();
    stop.open();
    Texts odd_ends;
    while (!clients.empty()) {
      const auto ended = co_await clients.join_next();
      if (ended->value() != "bye") odd_ends.push_back(ended->value());
    }
    CHECK(odd_ends == Texts());
    const auto report = co_await nara::time::timeout(5s, std::move(server.running));
    REQUIRE(report.has_value());
    CHECK((*report)->came == 50);
    step("every line that was acknowledged is on the disk");
    Texts lost;
    for (const auto& [name, lines] : kept) {
      for (const std::string& line : lines) {
        if (!book.is_on_disk(line)) lost.push_back(line);
      }
    }
    CHECK(lost == Texts());
  });
}
