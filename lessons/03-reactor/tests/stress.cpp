// Descriptors that several threads use, wait for and drop, while one thread turns the driver, and
// while it is shut down. Meant for ThreadSanitizer. NARA_STRESS_ROUNDS=100000 lets it run for long;
// NARA_STRESS_SEED=7 repeats a run.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <deque>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/io/stream.hpp>
#include <nara/spawn.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/random.hpp>
#include <testkit/steps.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "descriptors.hpp"
#include "waiting.hpp"

using nara::Async;
using nara::CurrentThread;
using nara::EpollDriver;
using nara::JoinHandle;
using nara::OwnedFd;
using nara::io::Interest;
using nara::io::ReadStream;
using nara::io::Ready;
using nara::io::WriteStream;
using nara::test::below;
using nara::test::ByHand;
using nara::test::for_each_seed;
using nara::test::Random;
using nara::test::seconds_for_seeds;

namespace {

using Source = nara::AsyncFd<nara::OwnedFd>;

constexpr unsigned kThreads = 3;
constexpr int kRounds = 30;
constexpr int kShort = 300;

/// Both ends of a pipe, in the reactor.
struct Tube {
  Source reader;
  Source writer;

  explicit Tube(Pipe pipe = {})
      : reader(wrap(std::move(pipe.reader))), writer(wrap(std::move(pipe.writer))) {}
};

/// Reads or writes something; is aborted when that takes for ever.
Async<> dabble(const Tube& tube, bool reads, std::size_t size) {
  std::vector<std::byte> bytes(size);
  if (reads) {
    (void)co_await tube.reader.async_io(Interest::kReadable, ReadStream(bytes));
  } else {
    (void)co_await tube.writer.async_io(Interest::kWritable, WriteStream(bytes));
  }
}

/// A descriptor of one's own, that comes and goes.
Async<> open_and_close(bool waits) {
  const Tube tube;
  put(tube.writer.fd(), "x");
  if (waits) (void)co_await tube.reader.readable();
}

/// Hands a byte on around the ring, so many times. If one wake is lost, it stops.
Async<> run_in_ring(const Tube& mine, const Tube& next, int laps) {
  std::array<std::byte, 1> byte{};
  for (int lap = 0; lap < laps; ++lap) {
    const auto read = co_await mine.reader.async_io(Interest::kReadable, ReadStream(byte));
    REQUIRE(read == 1);
    (void)co_await next.writer.async_io(Interest::kWritable, WriteStream(byte));
  }
}

/// What one of the threads does: the ring must not stop, whatever else is going on.
Async<> live(Random random, std::deque<Tube>& ring, std::deque<Tube>& shared, unsigned place) {
  constexpr int kLaps = 5;
  JoinHandle<void> runner =
      nara::spawn(run_in_ring(ring[place], ring[(place + 1) % kThreads], kLaps));
  std::vector<JoinHandle<void>> others;
  while (!runner.is_finished()) {
    const Tube& tube = shared[static_cast<std::size_t>(below(random, 2))];
    const bool reads = below(random, 2) == 0;
    switch (below(random, 4)) {
      case 0:
        others.push_back(nara::spawn(open_and_close(reads)));
        break;
      case 1:
        if (!others.empty()) others[random() % others.size()].abort();
        break;
      default:
        others.push_back(nara::spawn(dabble(tube, reads, 1 + random() % 20'000)));
    }
    for (int turn = below(random, 8); turn >= 0; --turn) co_await nara::yield_now();
    if (others.size() > 20) others.clear();
    std::this_thread::yield();  // Whoever turns the driver needs a core, too.
  }
  for (JoinHandle<void>& other : others) other.abort();
}

void one_round(unsigned seed) {
  std::unique_ptr<EpollDriver> driver = EpollDriver::open().value();
  nara::Services services{};
  driver->provide(services);
  const Inside inside(services);
  std::deque<Tube> ring(kThreads);
  std::deque<Tube> shared(2);
  std::atomic<bool> is_over = false;
  std::thread turner([&] {
    while (!is_over) driver->park(std::nullopt);
  });
  put(ring[0].writer.fd(), "x");
  {
    std::vector<std::jthread> threads;
    for (unsigned place = 0; place < kThreads; ++place) {
      threads.emplace_back([&, place] {
        nara::ExecutorOptions options;
        driver->provide(options.services);
        CurrentThread executor(std::make_unique<nara::ThreadParker>(), std::move(options));
        executor.block_on(live(Random(seed * 31 + place), ring, shared, place));
      });
    }
  }
  is_over = true;
  driver->unpark();
  turner.join();
  CHECK(driver->reactor().size() == 2 * (kThreads + 2));
}

}  // namespace

TEST_CASE("descriptors may be used, awaited and dropped on any thread" *
          doctest::timeout(seconds_for_seeds(kRounds))) {
  for_each_seed(kRounds, one_round);
}

TEST_CASE("an event that comes while somebody begins to wait is seen, or wakes" *
          doctest::timeout(seconds_for_seeds(kShort))) {
  for_each_seed(kShort, [](unsigned) {
    std::vector<nara::detail::Registration> registrations(200);
    std::deque<ByHand<Wait>> readers;
    for (auto& each : registrations) readers.emplace_back(Wait{each, Interest::kReadable});
    std::atomic<bool> begins = false;
    std::thread driver([&] {
      while (!begins) std::this_thread::yield();
      for (auto& each : registrations) deliver(each, Ready::kReadable);
    });
    begins = true;
    std::vector<bool> has_seen;
    for (ByHand<Wait>& reader : readers) has_seen.push_back(reader.poll().is_ready());
    driver.join();
    for (std::size_t i = 0; i < readers.size(); ++i) CHECK((has_seen[i] || readers[i].is_woken()));
  });
}

TEST_CASE("whatever is registered while the driver is shut down is refused, or told" *
          doctest::timeout(seconds_for_seeds(kShort))) {
  for_each_seed(kShort, [](unsigned) {
    std::unique_ptr<EpollDriver> driver = EpollDriver::open().value();
    nara::Reactor& reactor = driver->reactor();
    std::atomic<int> added = 0;
    std::atomic<bool> is_down = false;
    std::thread other([&] {
      std::vector<nara::detail::Registered> all;
      std::deque<OwnedFd> descriptors;
      while (true) {
        descriptors.push_back(nara::sys::eventfd().value());
        auto next = reactor.add(descriptors.back().fd(), Interest::kReadable);
        if (!next) break;
        all.push_back(*std::move(next));
        ++added;
      }
      while (!is_down) std::this_thread::yield();
      descriptors.clear();
      for (const nara::detail::Registered& registered : all) {
        CHECK(registered->readiness().look(Interest::kReadable.mask()).is_shutdown);
      }
    });
    while (added < 10) std::this_thread::yield();
    driver->shut_down();
    is_down = true;
    other.join();
  });
}
