// The tests of 05-3. The guests are real, and the clock stands still: it skips to the next alarm
// when all tasks wait.
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <deque>
#include <desk.hpp>
#include <map>
#include <nara/async.hpp>
#include <nara/owned_fd.hpp>
#include <nara/spawn.hpp>
#include <nara/sys/socket.hpp>
#include <nara/time/sleep.hpp>
#include <string>
#include <system_error>
#include <testkit/diary.hpp>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <utility>

using namespace std::chrono_literals;

using nara::Async;
using nara::OwnedFd;
using nara::net::TcpListener;
using nara::net::TcpStream;
using nara::test::Diary;
using nara::test::listen;
using nara::test::run_paused;
using nara::test::step;
using nara::time::now;
using nara::time::sleep;

namespace {

/// A desk in a hotel. Guests have names, and each takes so long.
class Hotel final : Service {
 public:
  /// One that lives to the end, because clerks may outlive a test that failed.
  static Hotel& build(nara::time::Duration patience) {
    static std::deque<Hotel> all;
    return all.emplace_back(patience);
  }

  explicit Hotel(nara::time::Duration patience) : Hotel(listen(), patience) {}

  /// Somebody connects, now. Nobody else has a turn meanwhile.
  void come(std::string name, nara::time::Duration takes) {
    OwnedFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(nara::sys::connect(socket.fd(), address_).has_value());
    pollfd door{.fd = door_, .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&door, 1, -1) == 1);  // The kernel has told the listener, too.
    const auto from = nara::sys::local_addr(socket.fd()).value();
    guests_.emplace(from, Guest{std::move(name), takes, std::move(socket)});
  }

  /// Lets so many clerks work, and notes when they have gone home.
  Async<> open(int clerks) {
    const int guests = co_await desk_.open(clerks);
    diary.note("closed");
    CHECK(guests == served_);
  }

  /// Nobody can come any more.
  void lock() const { ::shutdown(door_, SHUT_RDWR); }

  Diary diary;

 private:
  struct Guest {
    std::string name;
    nara::time::Duration takes;
    OwnedFd socket;
  };

  Hotel(TcpListener listener, nara::time::Duration patience)
      : door_(listener.fd()),
        address_(listener.local_addr().value()),
        desk_(std::move(listener), *this, patience) {}

  Async<> serve(int clerk, TcpStream stream) override {
    ++served_;
    const Guest& guest = guests_.at(stream.peer_addr().value());
    diary.note(guest.name);
    co_await sleep(guest.takes);
  }

  int door_;
  nara::net::SocketAddr address_;
  std::map<nara::net::SocketAddr, Guest> guests_;
  int served_ = 0;
  FrontDesk desk_;
};

}  // namespace

TEST_SUITE_BEGIN("05-3" * doctest::timeout(5));

TEST_CASE("05-3 Front desk: who comes in time is let in, and who comes later stays in the queue") {
  run_paused([]() -> Async<> {
    Diary diary;
    const TcpListener listener = listen();
    const auto address = listener.local_addr().value();
    step("nobody comes for 100 ms: timed_out");
    const auto nobody = co_await accept_until(now() + 100ms, listener);
    REQUIRE_FALSE(nobody.has_value());
    CHECK(nobody.error() == std::errc::timed_out);
    CHECK(diary.ms() == 100);
    step("somebody comes, and nobody waits for them; later they are let in at once");
    const TcpStream guest = co_await nara::test::connect(address);
    co_await sleep(100ms);
    const auto late = co_await accept_until(now() + 100ms, listener);
    REQUIRE(late.has_value());
    CHECK(late->peer == guest.local_addr().value());
    CHECK(diary.ms() == 200);
    step("somebody is there already, and it is too late: they are let in");
    const TcpStream another = co_await nara::test::connect(address);
    const auto too_late = co_await accept_until(now() - 1ms, listener);
    REQUIRE(too_late.has_value());
    CHECK(too_late->peer == another.local_addr().value());
    step("the listener is broken: its error");
    ::shutdown(listener.fd(), SHUT_RDWR);
    const auto broken = co_await accept_until(now() + 100ms, listener);
    REQUIRE_FALSE(broken.has_value());
    CHECK(broken.error() == std::errc::invalid_argument);
  });
}

TEST_CASE("05-3 Front desk: one clerk serves one after the other, and closes when nobody comes") {
  run_paused([]() -> Async<> {
    Hotel& hotel = Hotel::build(1000ms);
    step("three guests come at once, and each takes 100 ms; the patience is 1000 ms");
    for (const auto* name : {"A", "B", "C"}) hotel.come(name, 100ms);
    co_await hotel.open(1);
    CHECK(hotel.diary.text() == "A 0, B 100, C 200, closed 1200");
  });
}

TEST_CASE("05-3 Front desk: three clerks serve three guests at a time") {
  run_paused([]() -> Async<> {
    Hotel& hotel = Hotel::build(1000ms);
    step("seven guests come at once, and each takes 100 ms, but for B, who takes 10");
    for (const auto* name : {"A", "B", "C", "D", "E", "F", "G"}) {
      hotel.come(name, *name == 'B' ? 10ms : 100ms);
    }
    co_await hotel.open(3);
    CHECK(hotel.diary.text() == "A 0, B 0, C 0, D 10, E 100, F 100, G 110, closed 1110");
  });
}

TEST_CASE("05-3 Front desk: as long as somebody comes now and then, all clerks stay") {
  run_paused([]() -> Async<> {
    Hotel& hotel = Hotel::build(100ms);
    auto desk = nara::spawn(hotel.open(3));
    step("every 80 ms a guest comes who takes 10; the patience is 100 ms");
    for (const auto* name : {"A", "B", "C", "D"}) {
      hotel.come(name, 10ms);
      co_await sleep(80ms);
    }
    step("then three come at once, who take 50: all three clerks are still there");
    for (const auto* name : {"E", "F", "G"}) hotel.come(name, 50ms);
    (void)co_await desk;
    CHECK(hotel.diary.text() == "A 0, B 80, C 160, D 240, E 320, F 320, G 320, closed 420");
  });
}

TEST_CASE("05-3 Front desk: who waits while the last clerk is busy is served") {
  run_paused([]() -> Async<> {
    Hotel& hotel = Hotel::build(100ms);
    step("A takes 500 ms; the other clerk goes home; after 300 ms comes B");
    hotel.come("A", 500ms);
    auto desk = nara::spawn(hotel.open(2));
    co_await sleep(300ms);
    hotel.come("B", 10ms);
    (void)co_await desk;
    CHECK(hotel.diary.text() == "A 0, B 500, closed 600");
  });
}

TEST_CASE("05-3 Front desk: a broken listener sends all clerks home") {
  run_paused([]() -> Async<> {
    Hotel& hotel = Hotel::build(1000ms);
    auto desk = nara::spawn(hotel.open(3));
    co_await sleep(50ms);
    step("after 50 ms, the listener is broken");
    hotel.lock();
    (void)co_await desk;
    CHECK(hotel.diary.text() == "closed 50");
  });
}

TEST_SUITE_END();
