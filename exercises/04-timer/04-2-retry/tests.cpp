// The tests of 04-2. The clock stands still, and skips to the next alarm when all tasks wait; and
// chance is what the test says.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <expected>
#include <memory>
#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/time/timeout.hpp>
#include <random>
#include <retry.hpp>
#include <string>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <vector>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;
using nara::time::sleep;

namespace {

using Answer = std::expected<int, std::string>;

/// Answers when it has failed so often.
class Server {
 public:
  explicit Server(Diary& diary, int failures) : diary_(diary), failures_(failures) {}

  /// An attempt to ask it.
  auto asked() {
    return [this]() -> Async<Answer> {
      diary_.note("ask");
      ++asked_;
      if (takes > 0ms) co_await sleep(takes);
      if (asked_ > failures_) co_return 7;
      co_return std::unexpected("failure " + std::to_string(asked_));
    };
  }

  nara::time::Duration takes = 0ms;

 private:
  Diary& diary_;
  int failures_;
  int asked_ = 0;
};

/// Gives these numbers, and then none.
class Numbers {
 public:
  explicit Numbers(std::vector<double> numbers) : numbers_(std::move(numbers)) {}

  double operator()() { return numbers_.at(next_++); }

 private:
  std::vector<double> numbers_;
  std::size_t next_ = 0;
};

/// Chance that always means the longest wait.
const auto kLongest = [] { return 1.0; };

constexpr int kNever = 1'000'000;

}  // namespace

TEST_CASE("04-2 Retry: what works at once is tried once") {
  run_paused([]() -> Async<> {
    Diary diary;
    Server server(diary, 0);
    const RetryPolicy policy{.attempts = 5, .first = 100ms, .cap = 1s};
    step("ask a server that answers");
    const Answer answer = co_await retry(policy, server.asked(), kLongest);
    CHECK(answer == 7);
    CHECK(diary.text() == "ask 0");
    CHECK(diary.ms() == 0);
  });
}

TEST_CASE("04-2 Retry: each wait is twice the one before, up to the cap") {
  run_paused([]() -> Async<> {
    Diary diary;
    Server server(diary, 6);
    const RetryPolicy policy{.attempts = 10, .first = 100ms, .cap = 1s};
    step("ask a server that fails six times; wait as long as may be: 100 ms at first, at most 1 s");
    const Answer answer = co_await retry(policy, server.asked(), kLongest);
    CHECK(answer == 7);
    CHECK(diary.text() == "ask 0, ask 100, ask 300, ask 700, ask 1500, ask 2500, ask 3500");
  });
}

TEST_CASE("04-2 Retry: the first wait is not longer than the cap either") {
  run_paused([]() -> Async<> {
    Diary diary;
    Server server(diary, 2);
    const RetryPolicy policy{.attempts = 10, .first = 500ms, .cap = 200ms};
    step("ask a server that fails twice: 500 ms at first, at most 200 ms");
    const Answer answer = co_await retry(policy, server.asked(), kLongest);
    CHECK(answer == 7);
    CHECK(diary.text() == "ask 0, ask 200, ask 400");
  });
}

TEST_CASE("04-2 Retry: chance decides how long a wait is, but not how long the next may be") {
  run_paused([]() -> Async<> {
    Diary diary;
    Server server(diary, 4);
    const RetryPolicy policy{.attempts = 10, .first = 100ms, .cap = 1s};
    step("ask a server that fails four times; wait 0.5, 0, 0.25 and 1 times as long as may be");
    Numbers numbers({0.5, 0.0, 0.25, 1.0});
    const Answer answer = co_await retry(policy, server.asked(), numbers);
    CHECK(answer == 7);
    CHECK(diary.text() == "ask 0, ask 50, ask 50, ask 150, ask 950");
  });
}

TEST_CASE("04-2 Retry: it gives up with the last failure, and does not wait after that") {
  run_paused([]() -> Async<> {
    Diary diary;
    Server server(diary, kNever);
    RetryPolicy policy{.attempts = 3, .first = 100ms, .cap = 1s};
    step("ask a server that always fails, three times at most");
    const Answer answer = co_await retry(policy, server.asked(), kLongest);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error() == "failure 3");
    CHECK(diary.text() == "ask 0, ask 100, ask 300");
    CHECK(diary.ms() == 300);
    step("the same, once at most");
    policy.attempts = 1;
    const Answer second = co_await retry(policy, server.asked(), kLongest);
    CHECK_FALSE(second.has_value());
    CHECK(diary.ms() == 300);
  });
}

TEST_CASE("04-2 Retry: the wait begins when the attempt has failed") {
  run_paused([]() -> Async<> {
    Diary diary;
    Server server(diary, 2);
    server.takes = 30ms;
    const RetryPolicy policy{.attempts = 5, .first = 100ms, .cap = 1s};
    step("ask a server that takes 30 ms to fail");
    const Answer answer = co_await retry(policy, server.asked(), kLongest);
    CHECK(answer == 7);
    CHECK(diary.text() == "ask 0, ask 130, ask 360");
  });
}

TEST_CASE("04-2 Retry: after many failures, the wait is still the cap") {
  run_paused([]() -> Async<> {
    Diary diary;
    Server server(diary, kNever);
    const RetryPolicy policy{.attempts = 200, .first = 100ms, .cap = 1min};
    step("ask a server that always fails, 200 times: 10 waits that grow, and 189 of a minute");
    const Answer answer = co_await retry(policy, server.asked(), kLongest);
    CHECK_FALSE(answer.has_value());
    CHECK(diary.ms() == 102'300 + 189 * 60'000);
  });
}

TEST_CASE("04-2 Retry: a crowd that failed together does not come back together") {
  run_paused([]() -> Async<> {
    Diary diary;
    std::array<int, 10> came = {};  // In each tenth of the second after the failure.
    std::vector<nara::JoinHandle<void>> crowd;
    step("100 clients fail at the same moment, and try again within a second");
    for (unsigned seed = 1; seed <= 100; ++seed) {
      crowd.push_back(nara::spawn([&, seed]() -> Async<> {
        bool has_failed = false;
        const auto ask = [&]() -> Async<Answer> {
          if (!std::exchange(has_failed, true)) co_return std::unexpected("busy");
          ++came.at(std::min<std::size_t>(9, static_cast<std::size_t>(diary.ms() / 100)));
          co_return 7;
        };
        const RetryPolicy policy{.attempts = 2, .first = 1s, .cap = 1s};
        std::mt19937 engine(seed);
        auto random = [&engine] { return std::uniform_real_distribution()(engine); };
        (void)co_await retry(policy, ask, random);
      }));
    }
    for (auto& client : crowd) (void)co_await client;
    step("in no tenth of that second come more than 25 of them");
    CHECK(std::ranges::max(came) <= 25);
  });
}

TEST_CASE("04-2 Retry: who stops waiting for it stops it") {
  run_paused([]() -> Async<> {
    Diary diary;
    Server server(diary, kNever);
    const RetryPolicy policy{.attempts = 100, .first = 100ms, .cap = 1s};
    step("ask a server that always fails, for 500 ms at most");
    const auto answer =
        co_await nara::time::timeout(500ms, retry(policy, server.asked(), kLongest));
    CHECK_FALSE(answer.has_value());
    CHECK(diary.ms() == 500);
    step("another minute later, nobody has asked again");
    co_await sleep(1min);
    CHECK(diary.text() == "ask 0, ask 100, ask 300");
  });
}

TEST_CASE("04-2 Retry: a value that can only be moved comes out") {
  run_paused([]() -> Async<> {
    const auto attempt = []() -> Async<std::expected<std::unique_ptr<int>, int>> {
      co_return std::make_unique<int>(7);
    };
    const RetryPolicy policy{.attempts = 1, .first = 1s, .cap = 1s};
    const auto answer = co_await retry(policy, attempt, kLongest);
    REQUIRE(answer.has_value());
    CHECK(**answer == 7);
  });
}
