// The tests of 08-1. The clock stands still, and skips to the next alarm when all tasks wait.
#include <doctest/doctest.h>

#include <memory>
#include <mirrors.hpp>
#include <nara/async.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <string>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>
#include <vector>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;
using nara::time::sleep;

namespace {

File error(std::string text) { return std::unexpected(std::move(text)); }

/// What came out.
std::string text(const File& file) { return file ? *file : "error " + file.error(); }

/// Answers after a while. Its connections are counted. It lives longer than the runtime, in case a
/// task that was forgotten still uses it.
class Server final : public Mirror {
 public:
  Server(nara::time::Duration delay, File answer) : answer_(std::move(answer)), delay_(delay) {}

  Async<File> fetch() override {
    const Connection connection(*this);
    co_await sleep(delay_);
    co_return answer_;
  }

  int opened = 0;
  int open = 0;

 private:
  struct Connection {
    explicit Connection(Server& server) : server(server) {
      ++server.opened;
      ++server.open;
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { --server.open; }
    Server& server;
  };

  File answer_;
  nara::time::Duration delay_;
};

}  // namespace

TEST_CASE("08-1 Mirrors: the faster one of two wins, whichever it is") {
  Server slow(80ms, "slow");
  Server fast(30ms, "fast");
  run_paused([&]() -> Async<> {
    Diary diary;
    step("the second one answers after 30 ms, the first one after 80 ms");
    const File second = co_await first_of(slow, fast);
    CHECK(text(second) == "fast");
    step("the first one answers after 30 ms, the second one after 80 ms");
    const File first = co_await first_of(fast, slow);
    CHECK(text(first) == "fast");
    CHECK(diary.ms() == 60);
  });
}

TEST_CASE("08-1 Mirrors: the slower one is given up: its connection is closed") {
  Server slow(80ms, "the file");
  Server fast(30ms, "the file");
  run_paused([&]() -> Async<> {
    const File first = co_await first_of(slow, fast);
    step("both were asked, and no connection is open any more");
    CHECK(slow.opened == 1);
    CHECK(fast.opened == 1);
    CHECK(slow.open == 0);
    CHECK(fast.open == 0);
  });
}

TEST_CASE("08-1 Mirrors: of two, an error that comes first is what comes out") {
  Server good(80ms, "the file");
  Server broken(30ms, error("404"));
  run_paused([&]() -> Async<> {
    const File first = co_await first_of(good, broken);
    CHECK(text(first) == "error 404");
  });
}

TEST_CASE("08-1 Mirrors: the first file wins, and errors do not count") {
  Server broken(10ms, error("404"));
  Server late(90ms, "late");
  Server good(40ms, "good");
  Server busy(20ms, error("503"));
  run_paused([&]() -> Async<> {
    Diary diary;
    step("errors after 10 and 20 ms, files after 40 and 90 ms");
    const std::vector<Mirror*> mirrors{&broken, &late, &good, &busy};
    const File first = co_await first_good(mirrors);
    CHECK(text(first) == "good");
    CHECK(diary.ms() == 40);
    step("each was asked once, and no connection is open any more");
    for (const Server* server : {&broken, &late, &good, &busy}) {
      CHECK(server->opened == 1);
      CHECK(server->open == 0);
    }
  });
}

TEST_CASE("08-1 Mirrors: when all fail, the last error comes out") {
  Server slow(50ms, error("timed out"));
  Server fast(10ms, error("404"));
  run_paused([&]() -> Async<> {
    Diary diary;
    const std::vector<Mirror*> mirrors{&slow, &fast};
    const File first = co_await first_good(mirrors);
    CHECK(text(first) == "error timed out");
    CHECK(diary.ms() == 50);
    step("without mirrors there is an error, too");
    const std::vector<Mirror*> no_mirrors;
    const File none = co_await first_good(no_mirrors);
    CHECK(text(none) == "error no mirrors");
  });
}

TEST_CASE("08-1 Mirrors: who stops waiting leaves no connection open") {
  Server one(50ms, "the file");
  Server other(60ms, "the file");
  run_paused([&]() -> Async<> {
    step("give up after 20 ms");
    const std::vector<Mirror*> mirrors{&one, &other};
    const auto nothing = co_await nara::time::timeout(20ms, first_good(mirrors));
    CHECK_FALSE(nothing.has_value());
    step("let the tasks that were aborted have their turn");
    co_await nara::yield_now();
    CHECK(one.open == 0);
    CHECK(other.open == 0);
  });
}

TEST_CASE("08-1 Mirrors: a hundred mirrors are asked at the same time") {
  std::vector<std::unique_ptr<Server>> servers;
  std::vector<Mirror*> mirrors;
  for (int number = 0; number < 100; ++number) {
    servers.push_back(std::make_unique<Server>(100ms - 1ms * number, std::to_string(number)));
    mirrors.push_back(servers.back().get());
  }
  run_paused([&]() -> Async<> {
    Diary diary;
    const File first = co_await first_good(mirrors);
    CHECK(text(first) == "99");
    CHECK(diary.ms() == 1);
    int open = 0;
    for (const auto& server : servers) open += server->open;
    CHECK(open == 0);
  });
}
