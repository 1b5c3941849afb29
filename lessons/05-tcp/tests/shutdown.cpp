// Ending one direction of a connection, or both.
#include <array>
#include <cerrno>
#include <nara/misuse.hpp>
#include <utility>

#include "faults.hpp"
#include "net.hpp"

TEST_CASE("a side that has ended writing is read to the end, and can still read") {
  run_with_drivers([]() -> Async<> {
    const Pair pair = co_await connected();
    co_await write_all(pair.client, "the question");
    const Result<void> ended = co_await pair.client.shutdown();
    CHECK(ended.has_value());
    const std::string question = co_await read_exactly(pair.server, 1000);
    CHECK(question == "the question");
    co_await write_all(pair.server, "the answer");
    const Result<void> also = co_await pair.server.shutdown();
    CHECK(also.has_value());
    const std::string answer = co_await read_exactly(pair.client, 1000);
    CHECK(answer == "the answer");
  });
}

TEST_CASE("to end writing again is no error, but to write is") {
  TurnedPair pair;
  const auto shut_down = [&] { return by_hand(pair.client.shutdown()).poll().value(); };
  for (int i = 0; i < 3; ++i) CHECK(shut_down().has_value());
  CHECK(error_of(pair.client.try_write(as_bytes("x"))) == std::errc::broken_pipe);
  CHECK(error_of(finish(pair.turned, pair.client.write(as_bytes("x")))) == std::errc::broken_pipe);
  CHECK(finish(pair.turned, read_text(pair.server)) == "");
}

TEST_CASE("to end writing when the other side is gone is no error") {
  TurnedPair pair;
  REQUIRE(pair.server.set_linger(std::chrono::seconds(0)).has_value());
  pair.close_server();
  Script shutdowns(Call::kShutdown, {});
  for (int i = 0; i < 3; ++i) CHECK(by_hand(pair.client.shutdown()).poll().value().has_value());
  CHECK(shutdowns.calls() == 3);
}

TEST_CASE("to end writing may fail, and says why") {
  TurnedPair pair;
  Script shutdowns(Call::kShutdown, {ENOBUFS});
  CHECK(error_of(by_hand(pair.client.shutdown()).poll().value()) == std::errc::no_buffer_space);
  CHECK(by_hand(pair.client.shutdown()).poll().value().has_value());
}

TEST_CASE("writing is ended by the first poll of shutdown(), and not before") {
  TurnedPair pair;
  Script shutdowns(Call::kShutdown, {});
  {
    auto given_up = by_hand(pair.client.shutdown());
  }
  CHECK(shutdowns.calls() == 0);
  auto shutdown = by_hand(pair.client.shutdown());
  CHECK(shutdown.poll().value().has_value());
  CHECK(shutdowns.calls() == 1);
  CHECK_THROWS_AS((void)shutdown.poll(), nara::Misuse);
}

TEST_CASE("what was written before a stream is destroyed still arrives") {
  TurnedPair pair;
  finish(pair.turned, write_all(pair.server, "last words"));
  pair.close_server();
  CHECK(finish(pair.turned, read_exactly(pair.client, 1000)) == "last words");
}
