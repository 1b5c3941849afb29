// Accepting when there are no descriptors left: not at once again, and not never.
#include <array>
#include <cerrno>
#include <chrono>
#include <nara/misuse.hpp>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <testkit/descriptors.hpp>
#include <testkit/diary.hpp>
#include <utility>
#include <vector>

#include "faults.hpp"
#include "net.hpp"

using namespace std::chrono_literals;
using nara::JoinHandle;
using nara::Misuse;
using nara::Runtime;
using nara::test::Diary;
using nara::test::FewDescriptors;
using nara::test::let_run;
using nara::test::run_paused;

namespace {

/// A listener, and somebody who waits to be accepted.
struct Waiting {
  TcpListener listener;
  TcpStream client;
};

Async<Waiting> waiting() {
  TcpListener listener = co_await listen();
  const auto address = listener.local_addr().value();
  Result<TcpStream> client = co_await TcpStream::connect(address);
  co_return Waiting{std::move(listener), *std::move(client)};
}

}  // namespace

TEST_CASE(
    "an accept without descriptors tries again after 10 ms, and after twice as long each time") {
  run_paused([]() -> Async<> {
    const Waiting door = co_await waiting();
    for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
      step("accept4() says ", system_error(error).message());
      for (const auto& [failures, ms] : {std::pair(1, 10), {2, 30}, {3, 70}, {7, 1270}}) {
        Result<TcpStream> client = co_await TcpStream::connect(door.listener.local_addr().value());
        REQUIRE(client.has_value());
        Script accepts(Call::kAccept, std::vector<int>(static_cast<std::size_t>(failures), error));
        const Diary diary;
        const Result<Accepted> accepted = co_await door.listener.accept();
        CHECK(accepted.has_value());
        CHECK(diary.ms() == ms);
        CHECK(accepts.calls() == static_cast<std::size_t>(failures) + 1);
      }
    }
  });
}

TEST_CASE("the longest pause is a second, and nothing spins meanwhile") {
  run_paused([]() -> Async<> {
    const Waiting door = co_await waiting();
    Script accepts(Call::kAccept, std::vector<int>(20, EMFILE));
    const Diary diary;
    const Result<Accepted> accepted = co_await door.listener.accept();
    CHECK(accepted.has_value());
    // 10 + 20 + … + 640, and then a second each.
    CHECK(diary.ms() == 1270 + 13 * 1000);
    CHECK(accepts.calls() == 21);
  });
}

TEST_CASE("each accept begins with a short pause, and tries at once when there are connections") {
  run_paused([]() -> Async<> {
    const Waiting door = co_await waiting();
    const auto address = door.listener.local_addr().value();
    const Result<TcpStream> second = co_await TcpStream::connect(address);
    Script accepts(Call::kAccept, {EMFILE, EMFILE, 0, EMFILE, 0});
    Diary diary;
    Result<Accepted> accepted = co_await door.listener.accept();
    diary.note("first");
    accepted = co_await door.listener.accept();
    diary.note("second");
    CHECK(diary.text() == "first 30, second 40");
  });
}

TEST_CASE("who comes during a pause waits in the kernel's queue, and is accepted after it") {
  run_paused([]() -> Async<> {
    const Waiting door = co_await waiting();
    Script accepts(Call::kAccept, {EMFILE, EMFILE, EMFILE});
    JoinHandle<Result<Accepted>> accept = nara::spawn(door.listener.accept());
    co_await let_run(3);
    const auto address = door.listener.local_addr().value();
    std::vector<TcpStream> clients;
    for (int i = 0; i < 10; ++i) {
      Result<TcpStream> client = co_await TcpStream::connect(address);
      clients.push_back(*std::move(client));
    }
    CHECK(accepts.calls() == 1);
    const auto first = co_await accept;
    CHECK(first.value().value().peer == door.client.local_addr());
    for (const TcpStream& client : clients) {
      const Result<Accepted> next = co_await door.listener.accept();
      CHECK(next.value().peer == client.local_addr());
    }
    CHECK(accepts.calls() == 14);
  });
}

TEST_CASE("a connection that fails between two pauses does not end them, nor make them shorter") {
  run_paused([]() -> Async<> {
    const Waiting door = co_await waiting();
    Script accepts(Call::kAccept, {EMFILE, ECONNABORTED, EMFILE, 0});
    const Diary diary;
    const Result<Accepted> accepted = co_await door.listener.accept();
    CHECK(accepted.has_value());
    CHECK(diary.ms() == 30);
  });
}

TEST_CASE("an accept that is given up in its pause leaves the connection, and the next takes it") {
  run_paused([]() -> Async<> {
    const Waiting door = co_await waiting();
    Script accepts(Call::kAccept, {EMFILE, EMFILE, EMFILE});
    const Diary diary;
    const auto nothing = co_await nara::time::timeout(15ms, door.listener.accept());
    CHECK_FALSE(nothing.has_value());
    CHECK(diary.ms() == 15);
    step("it has left nothing that wakes anybody");
    co_await nara::time::sleep(10s);
    CHECK(accepts.calls() == 2);
    const Result<Accepted> accepted = co_await door.listener.accept();
    CHECK(accepted.value().peer == door.client.local_addr());
  });
}

TEST_CASE("poll_accept pauses, too, and goes on where it was") {
  run_paused([]() -> Async<> {
    Waiting door = co_await waiting();
    const auto address = door.listener.local_addr().value();
    const Result<TcpStream> second = co_await TcpStream::connect(address);
    Script accepts(Call::kAccept, {EMFILE, EMFILE, EMFILE, 0, EMFILE, 0});
    Diary diary;
    auto accept =
        nara::poll_fn([&](nara::Context& context) { return door.listener.poll_accept(context); });
    Result<Accepted> accepted = co_await accept;
    diary.note("first");
    step("the next one begins with a short pause again");
    accepted = co_await accept;
    diary.note("second");
    CHECK(diary.text() == "first 70, second 80");
  });
}

TEST_CASE("while an accept pauses, it says why") {
  run_paused([]() -> Async<> {
    const Waiting door = co_await waiting();
    Script accepts(Call::kAccept, {EMFILE});
    auto accept = by_hand(door.listener.accept());
    const std::string descriptor = std::to_string(door.listener.fd());
    CHECK(described(accept.future()) == "accept(), AsyncFd readable, descriptor " + descriptor);
    while (accepts.calls() == 0) {
      CHECK(accept.poll().is_pending());
      co_await nara::yield_now();
    }
    CHECK(described(accept.future()) == "accept(): no descriptors are left");
    co_await nara::time::sleep(10ms);
    CHECK(accept.is_woken());
    CHECK(accept.poll().is_ready());
    CHECK(described(accept.future()) == "accept(), AsyncFd readable, descriptor " + descriptor);
  });
}

TEST_CASE("an accept that pauses when its runtime goes is woken, and told that it is a misuse") {
  std::optional<Runtime> runtime = Runtime::create().value();
  const Waiting door = runtime->block_on(waiting());
  const nara::Handle handle = runtime->handle();
  Script accepts(Call::kAccept, {EMFILE});
  auto accept = by_hand(door.listener.accept());
  runtime->block_on(nara::poll_fn([&](nara::Context& context) -> nara::Poll<void> {
    CHECK(accept.poll().is_pending());
    if (accepts.calls() > 0) return nara::kReady;
    context.yield();
    return nara::kPending;
  }));
  runtime.reset();
  CHECK(accept.is_woken());
  CHECK_THROWS_AS((void)accept.poll(), Misuse);
}

TEST_CASE("an accept without descriptors needs a runtime with a clock") {
  Runtime runtime = Runtime::Builder::current_thread().enable_io().build().value();
  const Waiting door = runtime.block_on(waiting());
  Script accepts(Call::kAccept, {EMFILE});
  CHECK_THROWS_AS((void)runtime.block_on(door.listener.accept()), Misuse);
  step("when there are some, it needs none");
  CHECK(runtime.block_on(door.listener.accept()).has_value());
}

TEST_CASE("when this process really has no descriptors left, it accepts as soon as it has one") {
  run_paused([]() -> Async<> {
    const Waiting door = co_await waiting();
    co_await nara::time::sleep(1ms);
    auto accept = by_hand(door.listener.accept());
    for (const auto pause : {10ms, 20ms, 40ms}) {
      {
        const FewDescriptors few(0);
        CHECK(accept.poll().is_pending());
      }
      CHECK_FALSE(accept.is_woken());
      co_await nara::time::sleep(pause);
      CHECK(accept.is_woken());
    }
    CHECK(accept.poll().value().value().peer == door.client.local_addr());
  });
}

TEST_CASE("to make a socket without descriptors is an error") {
  const auto errors = [] {
    const FewDescriptors few(0);
    return std::array{error_of(TcpSocket::new_v4()), error_of(TcpSocket::new_v6()),
                      error_of(TcpSocket::new_for(kAnyPort))};
  }();
  for (const std::error_code error : errors) CHECK(error == std::errc::too_many_files_open);
}
