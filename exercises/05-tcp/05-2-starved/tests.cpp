// The tests of 05-2. The guests are real. So is accept4(2), but these tests look at who calls it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <nara/async.hpp>
#include <nara/current.hpp>
#include <nara/spawn.hpp>
#include <nara/yield_now.hpp>
#include <starved.hpp>
#include <system_error>
#include <testkit/runtime.hpp>
#include <testkit/turned.hpp>
#include <vector>

using nara::Async;
using nara::OwnedFd;
using nara::net::SocketAddr;
using nara::test::is_non_blocking;
using nara::test::let_run;
using nara::test::run_with_drivers;
using nara::test::step;

namespace {

/// What was seen of accept4(2).
struct Seen {
  std::atomic<int> calls = 0;
  std::atomic<int> waiting = 0;         ///< Threads that are in a call on a blocking door.
  std::atomic<int> hearts_stopped = 0;  ///< Calls that would have kept the thread of all tasks.
} seen;

}  // namespace

/// Takes the place of the system's function. Where the thread of all tasks would wait, it says
/// `EAGAIN` at once: so that the test can go on, and say what is wrong.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
extern "C" int accept4(int door, sockaddr* peer, socklen_t* size, int flags) {
  ++seen.calls;
  const bool waits = !is_non_blocking(door);
  if (waits && nara::Current::runs() != nullptr) {
    ++seen.hearts_stopped;
    errno = EAGAIN;
    return -1;
  }
  if (waits) ++seen.waiting;
  const auto guest = static_cast<int>(::syscall(SYS_accept4, door, peer, size, flags));
  if (waits) --seen.waiting;
  return guest;
}

namespace {

using Way = Async<std::error_code> (*)(OwnedFd, Greet);

/// A door, and who has come through it. All that use it share it, because tasks and threads may
/// outlive a test that failed.
struct House {
  House() { REQUIRE(door.has_value()); }
  House(const House&) = delete;
  House& operator=(const House&) = delete;
  /// A thread that still waits at the door goes home.
  ~House() { shut(); }

  /// All who listen there are told that nobody will come any more.
  void shut() const { ::shutdown(other_key.fd(), SHUT_RDWR); }

  nara::io::Result<OwnedFd> door = open_door({nara::net::IpAddr::loopback_v4(), 0});
  OwnedFd other_key = OwnedFd(::dup(door->fd()));
  SocketAddr address = nara::sys::local_addr(door->fd()).value();
  std::vector<SocketAddr> greeted;
  long beats = 0;
};

using SharedHouse = std::shared_ptr<House>;

/// Lets the learner's function greet, in a task.
auto start(Way greet_all, const SharedHouse& house) {
  const auto greet = [house](const OwnedFd& guest) {
    house->greeted.push_back(nara::sys::peer_addr(guest.fd()).value());
  };
  return nara::spawn(greet_all(*std::move(house->door), greet));
}

Async<> beat(SharedHouse house) {
  for (;; ++house->beats) co_await nara::yield_now();
}

Async<> until_greeted(House& house, std::size_t guests) {
  while (house.greeted.size() < guests && seen.hearts_stopped == 0) co_await nara::yield_now();
}

/// So many guests connect, at once: nobody has a turn meanwhile. Gives their addresses.
std::vector<SocketAddr> come(const House& house, int guests) {
  std::vector<SocketAddr> addresses;
  for (int guest = 0; guest < guests; ++guest) {
    const OwnedFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(nara::sys::connect(socket.fd(), house.address).has_value());
    addresses.push_back(nara::sys::local_addr(socket.fd()).value());
  }
  return addresses;
}

/// The heart has to go on beating, whoever comes.
void look_at_the_heart(const House& house, long beats_before) {
  INFO("accept4(2) on a blocking socket, on the thread of all tasks, stops the heart");
  REQUIRE(seen.hearts_stopped.load() == 0);
  REQUIRE(house.beats > beats_before);
}

Async<> stand_at_the_door(Way greet_all) {
  const auto house = std::make_shared<House>();
  const int calls_before = seen.calls;
  seen.hearts_stopped = 0;  // Those of the ways before are not this one's.
  step("nobody comes for 500 turns: the heart beats");
  (void)nara::spawn(beat(house));
  auto greeting = start(greet_all, house);
  co_await let_run(500);
  look_at_the_heart(*house, 400);
  REQUIRE_FALSE(greeting.is_finished());
  for (std::size_t guests = 1; guests <= 3; ++guests) {
    step("guest ", guests, " comes, and is greeted");
    const std::vector<SocketAddr> guest = come(*house, 1);
    co_await until_greeted(*house, guests);
    look_at_the_heart(*house, 400);
    REQUIRE(house->greeted.back() == guest.front());
  }
  step("ten come at once: all of them are greeted, in their order");
  const std::vector<SocketAddr> guests = come(*house, 10);
  co_await until_greeted(*house, 13);
  REQUIRE(std::vector(house->greeted.begin() + 3, house->greeted.end()) == guests);
  const long before = house->beats;
  step("nobody comes for 500 turns: the heart beats");
  co_await let_run(500);
  look_at_the_heart(*house, before + 400);
  step("accept4(2) was called twice a guest at most");
  CHECK(seen.calls - calls_before <= 26);
  step("the door is shut: there is an error, and that is what is given");
  house->shut();
  const auto ended = co_await greeting;
  CHECK(ended == std::error_code(EINVAL, std::system_category()));
}

}  // namespace

TEST_SUITE_BEGIN("05-2" * doctest::timeout(5));

TEST_CASE("05-2 Starved: by hand, the heart beats, and all are greeted") {
  run_with_drivers([]() -> Async<> { co_await stand_at_the_door(greet_by_hand); });
}

TEST_CASE("05-2 Starved: elsewhere, the heart beats, and all are greeted") {
  run_with_drivers([]() -> Async<> { co_await stand_at_the_door(greet_elsewhere); });
}

TEST_CASE("05-2 Starved: given up, the thread elsewhere still has its door") {
  run_with_drivers([]() -> Async<> {
    const auto house = std::make_shared<House>();
    const int door = house->door->fd();
    step("wait until a thread waits at the door");
    auto greeting = start(greet_elsewhere, house);
    while (seen.waiting == 0) co_await nara::yield_now();
    step("give it up");
    greeting.abort();
    const auto ended = co_await greeting;
    REQUIRE(ended.error().is_cancelled());
    step("it still waits there, so the door must not be closed: another would get its number");
    const bool is_open = ::fcntl(door, F_GETFD) != -1;
    CHECK(is_open);
    step("a guest comes: the thread lets it in, and nobody greets it");
    come(*house, 1);
    while (seen.waiting > 0) co_await nara::yield_now();
    CHECK(house->greeted.empty());
  });
}

TEST_CASE("05-2 Starved: adopted, the heart beats, and all are greeted") {
  run_with_drivers([]() -> Async<> { co_await stand_at_the_door(greet_adopted); });
}

TEST_SUITE_END();
