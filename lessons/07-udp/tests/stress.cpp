// Sockets of UDP on several threads, and runtimes that go.
// NARA_STRESS_ROUNDS=1000 lets it run for long; NARA_STRESS_SEED=7 repeats a run.
#include <atomic>
#include <memory>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <set>
#include <testkit/descriptors.hpp>
#include <testkit/random.hpp>
#include <testkit/worker.hpp>

#include "udp.hpp"

using namespace std::chrono_literals;
using nara::JoinHandle;
using nara::Runtime;
using nara::test::below;
using nara::test::for_each_seed;
using nara::test::open_descriptors;
using nara::test::Random;
using nara::test::seconds_for_seeds;
using nara::test::Worker;

namespace {

constexpr int kRounds = 5;
constexpr int kCount = 400;

/// Gives back what it gets, one by one.
Async<> echo(std::shared_ptr<const UdpSocket> socket) {
  Buffer buffer{};
  while (true) {
    const Result<ReceivedFrom> got = co_await socket->recv_from(buffer);
    if (!got) co_return;
    const auto bytes = std::span(buffer).first(got->size);
    (void)co_await socket->send_to(bytes, got->from);
  }
}

/// The same, many at once.
Async<> echo_in_batches(std::shared_ptr<const UdpSocket> socket) {
  RecvBatch batch(16, 100);
  while (true) {
    const Result<std::size_t> got = co_await socket->recv_batch(batch);
    if (!got) co_return;
    for (std::span<const Datagram> rest = batch; !rest.empty();) {
      const Result<std::size_t> sent = co_await socket->send_batch(rest);
      if (!sent) co_return;
      rest = rest.subspan(*sent);
    }
  }
}

/// Talks with an echo, one datagram at a time, and is understood.
Async<> talk(SocketAddr server, int number, int times) {
  const UdpSocket socket = co_await bound();
  const Result<void> connected = co_await socket.connect(server);
  REQUIRE(connected.has_value());
  for (int i = 0; i < times; ++i) {
    const std::string words = std::to_string(number) + " says " + std::to_string(i);
    const Result<std::size_t> sent = co_await socket.send(as_bytes(words));
    REQUIRE(sent == words.size());
    Buffer buffer{};
    const Result<Received> got = co_await socket.recv(buffer);
    const Result<std::string> answer = text_of(got, buffer);
    if (answer != words) FAIL_CHECK("\"", words, "\" came back as \"", answer.value(), "\"");
  }
}

Async<> send_numbers(const UdpSocket& socket, SocketAddr to, int from, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string text = std::to_string(from + i);
    const Result<std::size_t> sent = co_await socket.send_to(as_bytes(text), to);
    REQUIRE(sent.has_value());
    if (i % 8 == 7) co_await nara::yield_now();
  }
}

/// Receives until it is told to end by an empty datagram. Counts what comes, by whomever.
Async<std::set<std::string>> collect(const UdpSocket& socket, std::atomic<int>& count) {
  std::set<std::string> texts;
  while (true) {
    Buffer buffer{};
    const Result<Received> got = co_await socket.recv(buffer);
    const std::string text = text_of(got, buffer).value();
    if (text.empty()) co_return texts;
    CHECK(texts.insert(text).second);
    ++count;
  }
}

}  // namespace

TEST_CASE("many clients talk with one server, of which several tasks are" *
          doctest::timeout(seconds_for_seeds(kRounds))) {
  for_each_seed(kRounds, [](unsigned seed) {
    const std::ptrdiff_t before = open_descriptors();
    {
      Random random(seed);
      Runtime runtime = Runtime::create().value();
      runtime.block_on([&]() -> Async<> {
        UdpSocket bound_socket = co_await bound();
        const auto server = std::make_shared<const UdpSocket>(std::move(bound_socket));
        (void)server->set_recv_buffer_size(1'000'000);
        const SocketAddr here = server->local_addr().value();
        for (int tasks = 1 + below(random, 3); tasks > 0; --tasks) {
          (void)nara::spawn(echo(server));
          (void)nara::spawn(echo_in_batches(server));
        }
        std::vector<JoinHandle<void>> talks;
        for (int i = 0; i < 30; ++i) talks.push_back(nara::spawn(talk(here, i, 30)));
        for (auto& each : talks) {
          const auto done = co_await each;
          CHECK(done.has_value());
        }
      });
    }
    CHECK(open_descriptors() == before);
  });
}

TEST_CASE("threads may send and receive by one socket, and each datagram is received once" *
          doctest::timeout(seconds_for_seeds(kRounds))) {
  for_each_seed(kRounds, [](unsigned) {
    Runtime runtime = Runtime::create().value();
    const UdpSocket left = runtime.block_on(bound());
    const UdpSocket right = runtime.block_on(bound());
    // Why: nothing may be lost here. 128 kB hold them all, and Linux gives that to everybody.
    REQUIRE(right.set_recv_buffer_size(212'992).has_value());
    const SocketAddr to = right.local_addr().value();
    std::atomic<int> count = 0;
    Worker first;
    Worker second;
    auto receiving = first.executor().spawn(collect(right, count));
    auto receiving_too = second.executor().spawn(collect(right, count));
    auto sending = first.executor().spawn(send_numbers(left, to, 0, kCount / 2));
    auto sending_too = second.executor().spawn(send_numbers(left, to, kCount / 2, kCount / 2));
    CHECK(runtime.block_on(std::move(sending)).has_value());
    CHECK(runtime.block_on(std::move(sending_too)).has_value());
    // Why: what is sent on another core may be overtaken.
    runtime.block_on(nara::test::let_run_until([&] { return count == kCount; }));
    for (int i = 0; i < 2; ++i) CHECK(runtime.block_on(left.send_to({}, to)) == 0);
    auto got = runtime.block_on(std::move(receiving)).value();
    auto got_too = runtime.block_on(std::move(receiving_too)).value();
    CHECK(got.size() + got_too.size() == kCount);
    got.merge(got_too);
    CHECK(got.size() == kCount);
  });
}

TEST_CASE("a runtime may go while other threads use its sockets: they are told" *
          doctest::timeout(seconds_for_seeds(kRounds))) {
  for_each_seed(10 * kRounds, [](unsigned seed) {
    std::optional<Runtime> runtime = Runtime::create().value();
    const auto socket = std::make_shared<const UdpSocket>(runtime->block_on(bound()));
    Worker worker;
    auto waiting = worker.executor().spawn(echo(socket));
    auto waiting_too = worker.executor().spawn(echo_in_batches(socket));
    if (seed % 2 == 0) runtime->block_on(nara::test::let_run(static_cast<int>(seed)));
    runtime.reset();
    CHECK(nara::block_on(std::move(waiting)).has_value());
    CHECK(nara::block_on(std::move(waiting_too)).has_value());
  });
}
