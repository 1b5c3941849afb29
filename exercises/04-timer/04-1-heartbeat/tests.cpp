// The tests of 04-1. The clock stands still, and skips to the next alarm when all tasks wait: an
// hour passes in no time, and every time is exact.
#include <doctest/doctest.h>

#include <monitor.hpp>
#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::by_hand;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;
using nara::time::sleep;
using nara::time::timeout;

namespace {

/// Writes down each change.
Async<> watch(Monitor& monitor, Diary& diary) {
  while (true) {
    const Change change = co_await monitor.changed();
    diary.note(change == Change::kSilent ? "silent" : "back");
  }
}

/// So many beats, each after a pause.
Async<> beat_after(Monitor& monitor, nara::time::Duration pause, int beats = 1) {
  for (int count = 0; count < beats; ++count) {
    co_await sleep(pause);
    monitor.beat();
  }
}

/// Writes down when it begins, and takes a while. One of the beats takes longer than the others.
class Heart {
 public:
  explicit Heart(Diary& diary) : diary_(diary) {}

  Async<> beat() {
    diary_.note("beat");
    ++beats_;
    const auto work = beats_ == stumbles_at ? 250ms : 30ms;
    co_await sleep(work);
  }

  int stumbles_at = 0;

 private:
  Diary& diary_;
  int beats_ = 0;
};

}  // namespace

TEST_CASE("04-1 Heartbeat: silence is noticed at the very end of the limit") {
  run_paused([]() -> Async<> {
    Diary diary;
    Monitor monitor(100ms);
    step("no beat comes; wait for 1 s");
    (void)co_await timeout(1s, watch(monitor, diary));
    CHECK(diary.text() == "silent 100");
  });
}

TEST_CASE("04-1 Heartbeat: each beat begins the limit anew") {
  run_paused([]() -> Async<> {
    Diary diary;
    Monitor monitor(100ms);
    step("a beat every 90 ms, ten times; no more after that");
    auto beats = nara::spawn(beat_after(monitor, 90ms, 10));
    (void)co_await timeout(2s, watch(monitor, diary));
    CHECK(diary.text() == "silent 1000");
    (void)co_await beats;
  });
}

TEST_CASE("04-1 Heartbeat: the first beat after silence is noticed at once") {
  run_paused([]() -> Async<> {
    Diary diary;
    Monitor monitor(100ms);
    step("beats at 250, 300 and 700 ms");
    auto beats = nara::spawn([&monitor]() -> Async<> {
      co_await beat_after(monitor, 250ms);
      co_await beat_after(monitor, 50ms);
      co_await beat_after(monitor, 400ms);
    });
    (void)co_await timeout(2s, watch(monitor, diary));
    CHECK(diary.text() == "silent 100, back 250, silent 400, back 700, silent 800");
    (void)co_await beats;
  });
}

TEST_CASE("04-1 Heartbeat: a beat in time costs the one who waits no poll") {
  run_paused([]() -> Async<> {
    Monitor monitor(100ms);
    step("poll it: pending, and nobody was woken");
    auto waits = by_hand(monitor.changed());
    REQUIRE(waits.poll().is_pending());
    step("a thousand beats, all in time");
    co_await beat_after(monitor, 50ms, 1000);
    CHECK(waits.wakes() == 0);
    step("no more beats for 100 ms: woken, once; poll it: ready");
    co_await sleep(100ms);
    CHECK(waits.wakes() == 1);
    CHECK(waits.poll().is_ready());
  });
}

TEST_CASE("04-1 Heartbeat: who stops waiting, and waits again, misses nothing") {
  run_paused([]() -> Async<> {
    Diary diary;
    Monitor monitor(100ms);
    step("wait for a change, and give up every 30 ms");
    auto beats = nara::spawn(beat_after(monitor, 250ms));
    for (int tries = 0; tries < 20; ++tries) (void)co_await timeout(30ms, watch(monitor, diary));
    CHECK(diary.text() == "silent 100, back 250, silent 350");
    (void)co_await beats;
  });
}

TEST_CASE("04-1 Heartbeat: a pulse keeps its pace, however long a beat takes") {
  run_paused([]() -> Async<> {
    Diary diary;
    Heart heart(diary);
    const auto beat = [&heart]() -> Async<> { co_await heart.beat(); };
    step("5 beats, one every 100 ms; each takes 30 ms");
    co_await pulse(100ms, 5, beat);
    CHECK(diary.text() == "beat 0, beat 100, beat 200, beat 300, beat 400");
    step("it is over when the last beat is");
    CHECK(diary.ms() == 430);
  });
}

TEST_CASE("04-1 Heartbeat: after a beat that took too long, none is made up for") {
  run_paused([]() -> Async<> {
    Diary diary;
    Heart heart(diary);
    heart.stumbles_at = 2;
    const auto beat = [&heart]() -> Async<> { co_await heart.beat(); };
    step("5 beats, one every 100 ms; the second takes 250 ms");
    co_await pulse(100ms, 5, beat);
    CHECK(diary.text() == "beat 0, beat 100, beat 350, beat 400, beat 500");
  });
}

TEST_CASE("04-1 Heartbeat: a monitor watches a pulse") {
  run_paused([]() -> Async<> {
    Diary diary;
    Monitor monitor(150ms);
    Diary beats;
    Heart heart(beats);
    heart.stumbles_at = 20;
    step("30 beats, one every 100 ms; the 20th takes 250 ms; the limit is 150 ms");
    const auto beat = [&]() -> Async<> {
      monitor.beat();
      co_await heart.beat();
    };
    auto beating = nara::spawn(pulse(100ms, 30, beat));
    (void)co_await timeout(5s, watch(monitor, diary));
    CHECK(diary.text() == "silent 2050, back 2150, silent 3150");
    (void)co_await beating;
  });
}
