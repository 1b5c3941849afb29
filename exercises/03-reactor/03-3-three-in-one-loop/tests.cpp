// The tests of 03-3. The keyboard is a pipe. The clock is a counter that gives beats when the test
// says so. The child is a shell that ends when the test says so.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ctime>
#include <functional>
#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/yield_now.hpp>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <testkit/turned.hpp>
#include <utility>
#include <vector>
#include <watch.hpp>

using nara::Async;
using nara::OwnedFd;
using nara::io::Result;
using nara::test::by_hand;
using nara::test::Pipe;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::test::Turned;

namespace {

/// Writes down what it hears.
struct Notes {
  std::vector<std::string> words;
  std::vector<std::uint64_t> beats;
  Listener listener{.on_words = [this](std::string_view said) { words.emplace_back(said); },
                    .on_beat = [this](std::uint64_t beat) { beats.push_back(beat); }};
};

using Words = std::vector<std::string>;
using Beats = std::vector<std::uint64_t>;

/// Is read like a timerfd, and beats when it is told to. The other end of it may live longer.
class Clock {
 public:
  OwnedFd descriptor() const { return OwnedFd(::dup(counter_.fd())); }

  void beat(std::uint64_t times = 1) const {
    (void)nara::sys::write(counter_.fd(), std::as_bytes(std::span(&times, 1)));
  }

 private:
  OwnedFd counter_{::eventfd(0, EFD_CLOEXEC)};
};

/// A process that ends with 7 when it is told to.
class Child {
 public:
  Source start() const {
    return start_child({"sh", "-c", "read word; exit 7"}, ears_.reader.fd()).value();
  }

  void end() const { ears_.put("now\n"); }

 private:
  Pipe ears_;
};

/// Lets others run, and the kernel speak, until this is true.
Async<> until(std::function<bool()> is_true) {
  while (!is_true()) co_await nara::yield_now();
}

/// More turns than it takes until the kernel has been asked.
Async<> for_a_while() {
  for (int turn = 0; turn < 500; ++turn) co_await nara::yield_now();
}

}  // namespace

// What never ends is ended sooner than other tests.
TEST_SUITE_BEGIN("03-3" * doctest::timeout(5));

TEST_CASE("03-3 Three in one loop: listen hands on what is typed, until there is nobody") {
  Turned runtime;
  Pipe typist;
  const Notes notes;
  auto keyboard = adopt(std::move(typist.reader));
  auto listens = by_hand(listen(*std::move(keyboard), notes.listener));
  step("poll it: pending, and not woken");
  REQUIRE(listens.poll().is_pending());
  REQUIRE_FALSE(listens.is_woken());
  for (const std::string words : {"hello\n", "again\n"}) {
    step("type a word: woken; poll: pending, and not woken; the word has been handed on");
    typist.put(words);
    runtime.turn();
    REQUIRE(listens.is_woken());
    REQUIRE(listens.poll().is_pending());
    REQUIRE_FALSE(listens.is_woken());
    REQUIRE(notes.words.back() == words);
  }
  step("nobody types any more: woken; poll: ready, and nothing was handed on");
  typist.close_writer();
  runtime.turn();
  REQUIRE(listens.is_woken());
  REQUIRE(listens.poll().is_ready());
  CHECK(notes.words == Words{"hello\n", "again\n"});
}

TEST_CASE("03-3 Three in one loop: listen hears two lines that come one by one at the same time") {
  Turned runtime;
  const Pipe typist(O_DIRECT);  // It gives one line at a time, as a terminal does.
  const Notes notes;
  auto keyboard = adopt(OwnedFd(::dup(typist.reader.fd())));
  auto listens = by_hand(listen(*std::move(keyboard), notes.listener));
  REQUIRE(listens.poll().is_pending());
  step("type two lines, and turn once; poll: pending; both were handed on");
  typist.put("one\n");
  typist.put("two\n");
  runtime.turn();
  REQUIRE(listens.poll().is_pending());
  CHECK(notes.words == Words{"one\n", "two\n"});
}

TEST_CASE("03-3 Three in one loop: beat tells of the beats, and counts those that were missed") {
  Turned runtime;
  const Clock clock;
  const Notes notes;
  auto source = adopt(clock.descriptor());
  auto beats = by_hand(beat(*std::move(source), notes.listener));
  step("poll it: pending, and not woken");
  REQUIRE(beats.poll().is_pending());
  REQUIRE_FALSE(beats.is_woken());
  step("the clock beats, once: woken; poll: pending, and not woken; it has told of beat 1");
  clock.beat();
  runtime.turn();
  REQUIRE(beats.is_woken());
  REQUIRE(beats.poll().is_pending());
  REQUIRE_FALSE(beats.is_woken());
  REQUIRE(notes.beats == Beats{1});
  step("the clock beats three times before the next poll: it has told of beat 4");
  clock.beat(3);
  runtime.turn();
  REQUIRE(beats.is_woken());
  REQUIRE(beats.poll().is_pending());
  CHECK(notes.beats == Beats{1, 4});
}

TEST_CASE("03-3 Three in one loop: beat understands a real clock") {
  Turned runtime;
  step("start a clock that beats once an hour, and has done so for three hours and a half");
  constexpr std::time_t kHour = 3600;
  OwnedFd clock(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC));
  const itimerspec hours{.it_interval = {.tv_sec = kHour, .tv_nsec = 0},
                         .it_value = {.tv_sec = std::time(nullptr) - 7 * kHour / 2, .tv_nsec = 0}};
  REQUIRE(::timerfd_settime(clock.fd(), TFD_TIMER_ABSTIME, &hours, nullptr) == 0);
  const Notes notes;
  auto source = adopt(std::move(clock));
  auto beats = by_hand(beat(*std::move(source), notes.listener));
  runtime.turn();
  REQUIRE(beats.poll().is_pending());
  step("it has told of beat 4");
  CHECK(notes.beats == Beats{4});
}

TEST_CASE("03-3 Three in one loop: the heart beats while nobody types, until the child has ended") {
  run_with_drivers([]() -> Async<> {
    Pipe typist;
    const Clock clock;
    const Child child;
    const Notes notes;
    auto keyboard = adopt(std::move(typist.reader));
    auto heart = adopt(clock.descriptor());
    Source process = child.start();
    auto watches = nara::spawn(
        watch(*std::move(keyboard), *std::move(heart), std::move(process), notes.listener));
    for (std::uint64_t number = 1; number <= 3; ++number) {
      step("nobody types; the clock beats; wait until beat ", number, " is told of");
      clock.beat();
      co_await until([&] { return notes.beats.size() == number; });
    }
    step("type a word, and wait until it is handed on");
    typist.put("hello\n");
    co_await until([&] { return notes.words == Words{"hello\n"}; });
    step("the keyboard ends; the clock beats; wait until beat 4 is told of");
    typist.close_writer();
    co_await for_a_while();
    clock.beat();
    co_await until([&] { return notes.beats == Beats{1, 2, 3, 4}; });
    step("the child is still there, and so is the watch");
    REQUIRE_FALSE(watches.is_finished());
    step("the child ends: so does the watch, with the child's exit code");
    child.end();
    const auto ended = co_await watches;
    REQUIRE(ended.has_value());
    CHECK(*ended == Result<int>(7));
  });
}

TEST_CASE("03-3 Three in one loop: when the child has ended, nobody listens or tells any more") {
  run_with_drivers([]() -> Async<> {
    Pipe typist;
    const Clock clock;
    const Child child;
    const Notes notes;
    auto keyboard = adopt(std::move(typist.reader));
    auto heart = adopt(clock.descriptor());
    Source process = child.start();
    step("watch a child that ends at once; nobody has typed, and the clock has not beaten");
    child.end();
    const Result<int> code =
        co_await watch(*std::move(keyboard), *std::move(heart), std::move(process), notes.listener);
    CHECK(code == Result<int>(7));
    step("the keyboard is closed: who types gets EPIPE");
    const auto typed = nara::sys::write(typist.writer.fd(), std::as_bytes(std::span("hello", 5)));
    REQUIRE_FALSE(typed.has_value());
    CHECK(typed.error() == std::errc::broken_pipe);
    step("the clock beats, and nobody tells of it");
    clock.beat();
    co_await for_a_while();
    CHECK(notes.beats.empty());
  });
}

TEST_SUITE_END();
