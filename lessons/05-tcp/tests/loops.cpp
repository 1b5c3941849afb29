// Several tasks that accept at one listener.
#include <cerrno>
#include <map>
#include <memory>
#include <nara/current_thread.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <testkit/random.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "faults.hpp"
#include "net.hpp"

using namespace std::chrono_literals;
using nara::CurrentThread;
using nara::EpollDriver;
using nara::JoinHandle;
using nara::test::let_run;
using nara::test::seconds_for_seeds;

namespace {

constexpr int kLoops = 3;
constexpr int kRounds = 10;

/// Who has come, and how often each was accepted.
using Guests = std::map<SocketAddr, int>;

/// Accepts until it is aborted.
Async<> accept_all(const TcpListener& listener, Guests& guests) {
  while (true) {
    const Result<Accepted> accepted = co_await listener.accept();
    REQUIRE(accepted.has_value());
    ++guests[accepted->peer];
  }
}

Async<std::vector<TcpStream>> knock(const TcpListener& listener, int times) {
  const auto address = listener.local_addr().value();
  std::vector<TcpStream> clients;
  for (int i = 0; i < times; ++i) {
    Result<TcpStream> client = co_await TcpStream::connect(address);
    REQUIRE(client.has_value());
    clients.push_back(*std::move(client));
  }
  co_return clients;
}

/// Each of them was accepted once, and nobody else.
void check_guests(const Guests& guests, const std::vector<TcpStream>& clients) {
  CHECK(guests.size() == clients.size());
  for (const TcpStream& client : clients) {
    const auto guest = guests.find(client.local_addr().value());
    CHECK(guest != guests.end());
    if (guest != guests.end()) CHECK(guest->second == 1);
  }
}

/// Accepts so many, in a runtime of its own thread.
void accept_on_a_thread(EpollDriver& driver, const TcpListener& listener, int times,
                        Guests& guests) {
  nara::ExecutorOptions options;
  driver.provide(options.services);
  CurrentThread executor(std::make_unique<nara::ThreadParker>(), std::move(options));
  executor.block_on([&]() -> Async<> {
    for (int i = 0; i < times; ++i) {
      const Result<Accepted> accepted = co_await listener.accept();
      REQUIRE(accepted.has_value());
      ++guests[accepted->peer];
    }
  });
}

}  // namespace

TEST_CASE("when several tasks accept, each connection goes to one of them, and none is lost") {
  run_with_drivers([]() -> Async<> {
    const TcpListener listener = co_await listen();
    Guests guests;
    std::vector<JoinHandle<void>> loops;
    for (int i = 0; i < kLoops; ++i) loops.push_back(nara::spawn(accept_all(listener, guests)));
    const std::vector<TcpStream> clients = co_await knock(listener, 100);
    while (guests.size() < clients.size()) co_await let_run();
    for (const auto& loop : loops) loop.abort();
    check_guests(guests, clients);
  });
}

TEST_CASE("no task that accepts is idle while a connection waits") {
  run_with_drivers([]() -> Async<> {
    const TcpListener listener = co_await listen();
    for (int busy = 0; busy < kLoops; ++busy) {
      step(busy, " of the tasks have got their connections one by one, the others at once");
      std::vector<JoinHandle<Result<Accepted>>> accepts;
      for (int i = 0; i < kLoops; ++i) accepts.push_back(nara::spawn(listener.accept()));
      co_await let_run();
      std::vector<std::vector<TcpStream>> clients;
      for (int i = 0; i < busy; ++i) {
        std::vector<TcpStream> one = co_await knock(listener, 1);
        clients.push_back(std::move(one));
        co_await let_run(200);
      }
      std::vector<TcpStream> rest = co_await knock(listener, kLoops - busy);
      for (auto& accept : accepts) {
        const auto accepted = co_await accept;
        CHECK(accepted.value().has_value());
      }
    }
  });
}

TEST_CASE("a task that is aborted after it was woken leaves the connection to another") {
  Door door;
  auto first = by_hand(door.listener.accept());
  auto second = by_hand(door.listener.accept());
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  const TcpStream client = door.knock();
  CHECK(first.is_woken());
  first.cancel();
  CHECK(second.is_woken());
  CHECK(second.poll().value().value().peer == client.local_addr());
}

TEST_CASE("several tasks that have no descriptors pause side by side, and none is lost") {
  nara::test::run_paused([]() -> Async<> {
    const TcpListener listener = co_await listen();
    Guests guests;
    Script accepts(Call::kAccept, std::vector<int>(12, EMFILE));
    std::vector<JoinHandle<void>> loops;
    for (int i = 0; i < kLoops; ++i) loops.push_back(nara::spawn(accept_all(listener, guests)));
    const std::vector<TcpStream> clients = co_await knock(listener, 10);
    // Each may have had four failures: 10 + 20 + 40 + 80 ms.
    co_await nara::time::sleep(160ms);
    check_guests(guests, clients);
    // Each connection, and each loop that then finds nobody.
    CHECK(accepts.calls() <= 12 + 10 + kLoops);
    for (const auto& loop : loops) loop.abort();
  });
}

TEST_CASE("connections may be accepted on several threads, and each goes to one of them" *
          doctest::timeout(seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, [](unsigned) {
    constexpr int kEach = 30;
    Turned turned;
    const TcpListener listener = finish(turned, listen());
    std::vector<Guests> guests(kLoops);
    std::vector<TcpStream> clients;
    {
      std::vector<std::jthread> threads;
      for (Guests& mine : guests) {
        threads.emplace_back([&] { accept_on_a_thread(turned.driver(), listener, kEach, mine); });
      }
      clients = finish(turned, knock(listener, kLoops * kEach));
      std::jthread turner([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) turned.driver().park(std::nullopt);
      });
      for (std::jthread& thread : threads) thread.join();
      turner.request_stop();
      turned.driver().unpark();
    }
    Guests all;
    for (const Guests& some : guests) {
      for (const auto& [guest, times] : some) all[guest] += times;
    }
    check_guests(all, clients);
  });
}
