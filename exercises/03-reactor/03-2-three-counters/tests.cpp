// The tests of 03-2. Bytes come at once and bit by bit, before a look, and in the middle of it.
#include <doctest/doctest.h>
#include <fcntl.h>

#include <chrono>
#include <counters.hpp>
#include <functional>
#include <memory>
#include <nara/async.hpp>
#include <span>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <testkit/turned.hpp>
#include <thread>
#include <utility>

using nara::Async;
using nara::io::Result;
using nara::test::Pipe;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::test::Turned;

namespace {

/// Counts how often it is read, and can do something right after a read that has found nothing, as
/// another thread might.
class SeenOutlet : public Outlet {
 public:
  using Outlet::Outlet;

  Result<std::size_t> read(std::span<std::byte> into) const override {
    ++reads;
    const Result<std::size_t> size = Outlet::read(into);
    if (!size) std::exchange(when_empty, [] {})();
    return size;
  }

  mutable int reads = 0;
  mutable std::function<void()> when_empty = [] {};
};

Source adopt(const Outlet& outlet) {
  return Source::try_new(&outlet, nara::io::Interest::kReadable).value();
}

using Count = Async<Result<void>>(const Source&, std::size_t&);

/// A counter that waits, with a pipe to count, on a reactor that the test turns.
struct Story {
  Turned runtime;
  Pipe pipe{O_NONBLOCK};
  SeenOutlet outlet{std::move(pipe.reader)};
  Source source = adopt(outlet);
  std::size_t counted = 0;
  nara::test::ByHand<Async<Result<void>>> counter;

  explicit Story(Count count) : counter(count(source, counted)) {
    step("poll it: pending, and not woken");
    runtime.turn();
    REQUIRE(counter.poll().is_pending());
    REQUIRE_FALSE(counter.is_woken());
  }

  void write(std::string_view bytes) {
    pipe.put(bytes);
    runtime.turn();
  }
};

/// As many bytes as half a buffer holds, and as two and a half of them do.
constexpr std::string_view kFour = "four";
constexpr std::string_view kTwenty = "twenty bytes at once";

void is_woken_when_it_is_worth_it(Count count) {
  Story story(count);
  for (std::size_t times = 1; times <= 3; ++times) {
    step("write 4 bytes: woken; poll: pending, and not woken");
    story.write(kFour);
    REQUIRE(story.counter.is_woken());
    story.outlet.reads = 0;
    REQUIRE(story.counter.poll().is_pending());
    REQUIRE_FALSE(story.counter.is_woken());
    step("it has read twice: bytes, and EAGAIN");
    CHECK(story.outlet.reads <= 2);
    CHECK(story.counted == 4 * times);
  }
}

void counts_more_than_a_buffer(Count count) {
  Story story(count);
  step("write 20 bytes, for a buffer of 8: woken; poll: pending");
  story.write(kTwenty);
  REQUIRE(story.counter.is_woken());
  REQUIRE(story.counter.poll().is_pending());
  step("it has counted them all");
  CHECK(story.counted == kTwenty.size());
}

void notices_what_comes_while_it_looks(Count count) {
  Story story(count);
  step("write 4 bytes; poll, and write 20 more when a read has just said EAGAIN");
  story.write(kFour);
  story.outlet.when_empty = [&story] { story.write(kTwenty); };
  REQUIRE(story.counter.poll().is_pending());
  step("either it has counted them, or it has been woken");
  const bool is_noticed = story.counted > kFour.size() || story.counter.is_woken();
  REQUIRE(is_noticed);
  step("poll it once more: it has counted them all");
  REQUIRE(story.counter.poll().is_pending());
  CHECK(story.counted == kFour.size() + kTwenty.size());
}

void ends(Count count) {
  Story story(count);
  step("write 4 bytes, and close the pipe: woken; poll: ready; 4 bytes are counted");
  story.write(kFour);
  story.pipe.close_writer();
  story.runtime.turn();
  REQUIRE(story.counter.is_woken());
  auto answer = story.counter.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value().has_value());
  CHECK(story.counted == kFour.size());
}

void counts_for_another_thread(Count count) {
  run_with_drivers([count]() -> Async<> {
    step("count what another thread writes, 20 bytes at a time, until it closes the pipe");
    Pipe pipe(O_NONBLOCK);
    const Outlet outlet(std::move(pipe.reader));
    const Source source = adopt(outlet);
    const std::jthread writer([end = std::move(pipe.writer)] {
      for (int times = 0; times < 100; ++times) {
        (void)nara::sys::write(end.fd(), std::as_bytes(std::span(kTwenty)));
      }
    });
    std::size_t counted = 0;
    const Result<void> result = co_await count(source, counted);
    CHECK(result.has_value());
    CHECK(counted == 100 * kTwenty.size());
  });
}

}  // namespace

// What never ends is ended sooner than other tests.
TEST_SUITE_BEGIN("03-2" * doctest::timeout(3));

TEST_CASE("03-2 Three broken counters: EpollCounter counts everything that one event is about") {
  Pipe pipe(O_NONBLOCK);
  const SeenOutlet outlet(std::move(pipe.reader));
  EpollCounter counter(outlet);
  const auto turn = [&counter] { counter.turn(std::chrono::milliseconds(0)); };
  step("turn: nothing; write 4 bytes, and turn: they are counted");
  turn();
  CHECK(counter.counted() == 0);
  pipe.put(kFour);
  turn();
  CHECK(counter.counted() == 4);
  step("write 20 bytes, for a buffer of 8, and turn once: they are counted");
  pipe.put(kTwenty);
  turn();
  REQUIRE(counter.counted() == 24);
  step("write 4 bytes, and 20 more when a read has just said EAGAIN; turn twice");
  pipe.put(kFour);
  outlet.when_empty = [&pipe] { pipe.put(kTwenty); };
  turn();
  turn();
  CHECK(counter.counted() == 48);
  step("write 4 bytes, close, and turn: they are counted, and the turn ends");
  pipe.put(kFour);
  pipe.close_writer();
  turn();
  CHECK(counter.counted() == 52);
}

TEST_CASE("03-2 Three broken counters: tidy_count is woken when it is worth it, and only then") {
  is_woken_when_it_is_worth_it(tidy_count);
}

TEST_CASE("03-2 Three broken counters: tidy_count counts more than fits into its buffer") {
  counts_more_than_a_buffer(tidy_count);
}

TEST_CASE("03-2 Three broken counters: tidy_count notices what comes while it looks") {
  notices_what_comes_while_it_looks(tidy_count);
}

TEST_CASE("03-2 Three broken counters: tidy_count ends with the pipe") { ends(tidy_count); }

TEST_CASE("03-2 Three broken counters: tidy_count counts what another thread writes") {
  counts_for_another_thread(tidy_count);
}

TEST_CASE("03-2 Three broken counters: keen_count is woken when it is worth it, and only then") {
  is_woken_when_it_is_worth_it(keen_count);
}

TEST_CASE("03-2 Three broken counters: keen_count counts more than fits into its buffer") {
  counts_more_than_a_buffer(keen_count);
}

TEST_CASE("03-2 Three broken counters: keen_count notices what comes while it looks") {
  notices_what_comes_while_it_looks(keen_count);
}

TEST_CASE("03-2 Three broken counters: keen_count ends with the pipe") { ends(keen_count); }

TEST_CASE("03-2 Three broken counters: keen_count counts what another thread writes") {
  counts_for_another_thread(keen_count);
}

TEST_SUITE_END();
