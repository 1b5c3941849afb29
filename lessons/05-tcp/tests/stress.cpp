// Very many connections, connections on several threads, and clients that behave badly.
// NARA_STRESS_ROUNDS=1000 lets it run for long; NARA_STRESS_SEED=7 repeats a run.
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <nara/net/buffer_pool.hpp>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <testkit/descriptors.hpp>
#include <testkit/random.hpp>
#include <testkit/worker.hpp>
#include <utility>
#include <vector>

#include "net.hpp"

using nara::JoinHandle;
using nara::Runtime;
using nara::net::Buffer;
using nara::net::BufferPool;
using nara::test::allow_descriptors;
using nara::test::below;
using nara::test::for_each_seed;
using nara::test::open_descriptors;
using nara::test::Random;
using nara::test::seconds_for_seeds;
using nara::test::Worker;

namespace {

constexpr int kRounds = 5;

/// Gives back what it gets, to the end or until the client is gone.
Async<> echo(TcpStream stream, BufferPool& pool) {
  while (true) {
    const Result<Buffer> got = co_await stream.read_some(pool);
    if (!got || got->empty()) co_return;
    for (auto rest = got->bytes(); !rest.empty();) {
      const Result<std::size_t> size = co_await stream.write(rest);
      if (!size) co_return;
      rest = rest.subspan(*size);
    }
  }
}

Async<> serve(const TcpListener& listener, BufferPool& pool) {
  while (true) {
    Result<Accepted> accepted = co_await listener.accept();
    REQUIRE(accepted.has_value());
    (void)nara::spawn(echo(std::move(accepted->stream), pool));
  }
}

/// Talks with an echo, so many times, and is understood each time.
Async<> talk(TcpStream stream, int number, int times) {
  for (int i = 0; i < times; ++i) {
    const std::string words = std::to_string(number) + " says " + std::to_string(i);
    co_await write_all(stream, words);
    const std::string answer = co_await read_exactly(stream, words.size());
    if (answer != words) FAIL_CHECK("\"", words, "\" came back as \"", answer, "\"");
  }
}

Async<TcpStream> connect_to(SocketAddr server) {
  Result<TcpStream> stream = co_await TcpStream::connect(server);
  REQUIRE(stream.has_value());
  co_return *std::move(stream);
}

// Clients. Some are ended by the test, others end by themselves.

Async<> behave_well(SocketAddr server, int number) {
  TcpStream stream = co_await connect_to(server);
  co_await talk(std::move(stream), number, 50);
}

/// Writes as much as it can, and never reads.
Async<> never_read(SocketAddr server) {
  const TcpStream stream = co_await connect_to(server);
  static const std::string much(100'000, 'x');
  while (true) co_await write_all(stream, much);
}

Async<> write_shared(std::shared_ptr<const TcpStream> stream, std::string_view text) {
  co_await write_all(*stream, text);
}

/// Writes very much, and reads it all.
Async<> flood(SocketAddr server) {
  static const std::string much(3'000'000, 'y');
  TcpStream connection = co_await connect_to(server);
  const auto stream = std::make_shared<const TcpStream>(std::move(connection));
  auto writing = nara::spawn(write_shared(stream, much));
  const std::string got = co_await read_exactly(*stream, much.size());
  CHECK((got == much));
  (void)co_await writing;
}

/// Sends a byte, and then the next one.
Async<> dribble(SocketAddr server) {
  const TcpStream stream = co_await connect_to(server);
  for (int i = 0; i < 200; ++i) {
    co_await write_all(stream, "z");
    co_await nara::yield_now();
  }
  (void)co_await stream.shutdown();
  const std::string got = co_await read_exactly(stream, 1000);
  CHECK(got == std::string(200, 'z'));
}

/// Says something, and throws the connection away.
Async<> reset(SocketAddr server, Random random) {
  const TcpStream stream = co_await connect_to(server);
  (void)stream.set_linger(std::chrono::seconds(0));
  const std::string words(static_cast<std::size_t>(below(random, 100'000)), 'r');
  (void)co_await stream.write(as_bytes(words));
  for (int turns = below(random, 5); turns > 0; --turns) co_await nara::yield_now();
}

/// Connects, and says nothing.
Async<> say_nothing(SocketAddr server) {
  const TcpStream stream = co_await connect_to(server);
  co_await nara::pending();
}

JoinHandle<void> some_client(SocketAddr server, Random& random) {
  switch (below(random, 5)) {
    case 0:
      return nara::spawn(never_read(server));
    case 1:
      return nara::spawn(flood(server));
    case 2:
      return nara::spawn(dribble(server));
    case 3:
      return nara::spawn(reset(server, Random(random())));
    default:
      return nara::spawn(say_nothing(server));
  }
}

Async<> bad_day(Random& random, BufferPool& pool) {
  const TcpListener listener = co_await listen();
  const SocketAddr server = listener.local_addr().value();
  JoinHandle<void> serving = nara::spawn(serve(listener, pool));
  std::vector<JoinHandle<void>> bad;
  std::vector<JoinHandle<void>> good;
  for (int i = 0; i < 20; ++i) {
    bad.push_back(some_client(server, random));
    good.push_back(nara::spawn(behave_well(server, i)));
    if (below(random, 4) == 0) bad[static_cast<std::size_t>(below(random, i + 1))].abort();
  }
  for (auto& client : good) {
    const auto done = co_await client;
    CHECK(done.has_value());
  }
  for (const auto& client : bad) client.abort();
  serving.abort();
  (void)co_await serving;
}

}  // namespace

TEST_CASE("ten thousand connections talk at the same time, and each is understood" *
          doctest::timeout(120)) {
  constexpr rlim_t kOthers = 100;
  const auto connections =
      static_cast<int>((allow_descriptors(2 * 10'000 + kOthers) - kOthers) / 2);
  step(connections, " connections: ten thousand, or as many as `ulimit -Hn` allows");
  BufferPool pool(1024);
  const std::ptrdiff_t before = open_descriptors();
  {
    Runtime runtime = Runtime::create().value();
    runtime.block_on([&]() -> Async<> {
      const TcpListener listener = co_await listen();
      std::vector<TcpStream> clients;
      for (int number = 0; number < connections; ++number) {
        Pair pair = co_await connected_to(listener);
        (void)nara::spawn(echo(std::move(pair.server), pool));
        clients.push_back(std::move(pair.client));
      }
      std::vector<JoinHandle<void>> talks;
      int number = 0;
      for (TcpStream& client : clients) {
        talks.push_back(nara::spawn(talk(std::move(client), ++number, 3)));
      }
      for (JoinHandle<void>& each : talks) {
        const auto done = co_await each;
        CHECK(done.has_value());
      }
    });
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("clients that flood, never read, dribble, reset or are silent harm nobody else" *
          doctest::timeout(seconds_for_seeds(kRounds))) {
  for_each_seed(kRounds, [](unsigned seed) {
    const std::ptrdiff_t before = open_descriptors();
    {
      Random random(seed);
      BufferPool pool;
      Runtime runtime = Runtime::create().value();
      runtime.block_on(bad_day(random, pool));
    }
    CHECK(open_descriptors() == before);
  });
}

TEST_CASE("one thread may read a connection while another writes it, and a third turns the driver" *
          doctest::timeout(seconds_for_seeds(kRounds))) {
  static const std::string much(2'000'000, 'm');
  for_each_seed(kRounds, [](unsigned) {
    BufferPool pool;
    Runtime runtime = Runtime::create().value();
    Pair pair = runtime.block_on(connected());
    Worker reader;
    Worker writer;
    auto reading = reader.executor().spawn(read_exactly(pair.client, much.size()));
    auto writing = writer.executor().spawn(write_all(pair.client, much));
    (void)runtime.spawn(echo(std::move(pair.server), pool));
    const auto got = runtime.block_on(std::move(reading));
    CHECK((got.value() == much));
    CHECK(runtime.block_on(std::move(writing)).has_value());
  });
}

TEST_CASE("a runtime may go while other threads use its connections: they are told" *
          doctest::timeout(seconds_for_seeds(kRounds))) {
  for_each_seed(10 * kRounds, [](unsigned seed) {
    std::optional<Runtime> runtime = Runtime::create().value();
    const Pair pair = runtime->block_on(connected());
    Worker worker;
    auto waiting = worker.executor().spawn(read_text(pair.client));
    if (seed % 2 == 0) runtime->block_on(nara::test::let_run(static_cast<int>(seed)));
    runtime.reset();
    const auto answer = nara::block_on(std::move(waiting));
    CHECK(nara::io::is_shutdown(error_of(answer.value())));
  });
}
