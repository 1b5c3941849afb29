// Reading and writing a connection.
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <nara/spawn.hpp>
#include <string>
#include <utility>
#include <vector>

#include "faults.hpp"
#include "net.hpp"

using namespace std::string_literals;

namespace {

using Buffer = std::array<std::byte, 100>;

/// The first bytes of a buffer, as text.
std::string text_of(const Buffer& buffer, std::size_t size) {
  return std::string(as_text(std::span(buffer).first(size)));
}

/// What a read gives that is polled once.
Result<std::size_t> now(auto future) {
  auto answer = by_hand(std::move(future)).poll();
  REQUIRE(answer.is_ready());
  return std::move(answer).value();
}

bool waits(auto future) { return by_hand(std::move(future)).poll().is_pending(); }

std::string number_text(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * i % 251);
  return text;
}

/// Memory as the kernel wants it. Also for writing, where it is only read.
std::vector<iovec> pieces_of(std::span<std::byte> bytes, std::size_t size) {
  std::vector<iovec> pieces;
  while (!bytes.empty()) {
    const std::span<std::byte> next = bytes.first(std::min(size, bytes.size()));
    pieces.push_back({.iov_base = next.data(), .iov_len = next.size()});
    bytes = bytes.subspan(next.size());
  }
  return pieces;
}

/// The server throws the connection away.
void reset(TurnedPair& pair) {
  REQUIRE(pair.server.set_linger(std::chrono::seconds(0)).has_value());
  pair.close_server();
}

}  // namespace

TEST_CASE("a read gives what there is, at most what there is room for, and later the rest") {
  TurnedPair pair;
  pair.deliver("abcdefghij");
  Buffer buffer{};
  CHECK(now(pair.client.read(std::span(buffer).first(4))) == 4);
  CHECK(text_of(buffer, 4) == "abcd");
  CHECK(now(pair.client.read(std::span(buffer).first(6))) == 6);
  CHECK(text_of(buffer, 6) == "efghij");
  CHECK(waits(pair.client.read(buffer)));
}

TEST_CASE("a read sleeps until there are bytes") {
  TurnedPair pair;
  Buffer buffer{};
  auto read = by_hand(pair.client.read(buffer));
  CHECK(read.poll().is_pending());
  CHECK_FALSE(read.is_woken());
  pair.deliver("abc");
  CHECK(read.is_woken());
  CHECK(read.poll().value() == 3);
  CHECK(text_of(buffer, 3) == "abc");
}

TEST_CASE("the end of a connection can be read again and again, after all bytes") {
  TurnedPair pair;
  pair.deliver("abc");
  pair.close_server();
  Buffer buffer{};
  CHECK(now(pair.client.read(buffer)) == 3);
  for (int i = 0; i < 3; ++i) CHECK(now(pair.client.read(buffer)) == 0);
  CHECK(now(pair.client.peek(buffer)) == 0);
}

TEST_CASE("an end that comes later wakes who reads") {
  TurnedPair pair;
  Buffer buffer{};
  auto read = by_hand(pair.client.read(buffer));
  CHECK(read.poll().is_pending());
  pair.close_server();
  CHECK(read.is_woken());
  CHECK(read.poll().value() == 0);
}

TEST_CASE("what is peeked stays there for the next peek, and for the read") {
  TurnedPair pair;
  Buffer buffer{};
  auto peek = by_hand(pair.client.peek(buffer));
  CHECK(peek.poll().is_pending());
  pair.deliver("abc");
  CHECK(peek.is_woken());
  CHECK(peek.poll().value() == 3);
  CHECK(text_of(buffer, 3) == "abc");
  CHECK(now(pair.client.peek(std::span(buffer).first(2))) == 2);
  CHECK(now(pair.client.peek(buffer)) == 3);
  CHECK(now(pair.client.read(buffer)) == 3);
  CHECK(text_of(buffer, 3) == "abc");
  CHECK(waits(pair.client.peek(buffer)));
}

TEST_CASE("bytes come in order out of many pieces, and into many pieces") {
  TurnedPair pair;
  std::string sent = number_text(5000);
  std::string got(5000, '\0');
  const auto from = pieces_of(std::as_writable_bytes(std::span(sent)), 7);
  const auto into = pieces_of(std::as_writable_bytes(std::span(got)), 11);
  CHECK(now(pair.server.write_vectored(from)) == 5000);
  await_news(pair.turned, pair.client);
  CHECK(now(pair.client.read_vectored(into)) == 5000);
  CHECK(got == sent);
  CHECK(waits(pair.client.read_vectored(into)));
}

TEST_CASE("of more than 1,024 pieces, the first 1,024 are taken") {
  TurnedPair pair;
  std::string sent = number_text(3000);
  std::string got(3000, '\0');
  const auto from = pieces_of(std::as_writable_bytes(std::span(sent)), 2);
  const auto into = pieces_of(std::as_writable_bytes(std::span(got)), 1);
  CHECK(now(pair.server.write_vectored(from)) == 2048);
  await_news(pair.turned, pair.client);
  CHECK(now(pair.client.read_vectored(into)) == 1024);
  CHECK(got.substr(0, 1024) == sent.substr(0, 1024));
  CHECK(now(pair.client.read_vectored(into)) == 1024);
  CHECK(got.substr(0, 1024) == sent.substr(1024, 1024));
}

TEST_CASE("no bytes at all are written and read at once") {
  TurnedPair pair;
  CHECK(now(pair.client.write({})) == 0);
  CHECK(now(pair.client.write_vectored({})) == 0);
  pair.deliver("abc");
  CHECK(now(pair.client.read({})) == 0);
  CHECK(now(pair.client.read_vectored({})) == 0);
  CHECK(finish(pair.turned, read_text(pair.client)) == "abc");
}

TEST_CASE("a write takes what there is room for, waits for more room, and then goes on") {
  TurnedPair pair;
  const std::string much = number_text(8'000'000);
  auto answer = by_hand(pair.client.write(as_bytes(much))).poll();
  REQUIRE(answer.is_ready());
  const std::size_t first = answer.value().value();
  CHECK(first > 0);
  REQUIRE(first < much.size());
  const std::size_t more = fill(pair.turned, pair.client);
  auto write = by_hand(pair.client.write(as_bytes("goes on")));
  CHECK(write.poll().is_pending());
  (void)pair.turned.turn();
  CHECK_FALSE(write.is_woken());
  step("the other side reads all that");
  CHECK((finish(pair.turned, read_exactly(pair.server, first)) == much.substr(0, first)));
  CHECK(finish(pair.turned, read_exactly(pair.server, more)).size() == more);
  while (!write.is_woken()) pair.turned.driver().park(std::nullopt);
  CHECK(write.poll().value() == 7);
  CHECK(finish(pair.turned, read_text(pair.server)) == "goes on");
}

TEST_CASE("eight megabytes go each way at once") {
  static const std::string much = number_text(8'000'000);
  run_with_drivers([]() -> Async<> {
    const Pair pair = co_await connected();
    auto first = nara::spawn(write_all(pair.client, much));
    auto second = nara::spawn(write_all(pair.server, much));
    auto third = nara::spawn(read_exactly(pair.client, much.size()));
    const std::string got = co_await read_exactly(pair.server, much.size());
    CHECK((got == much));
    const auto also = co_await third;
    CHECK((also.value() == much));
    (void)co_await first;
    (void)co_await second;
  });
}

TEST_CASE("who reads or writes what the other side has thrown away is told, and then it is over") {
  step("before anybody waits");
  Buffer buffer{};
  {
    TurnedPair pair;
    reset(pair);
    CHECK(error_of(now(pair.client.read(buffer))) == std::errc::connection_reset);
    for (int i = 0; i < 3; ++i) CHECK(now(pair.client.read(buffer)) == 0);
    CHECK(error_of(now(pair.client.write(buffer))) == std::errc::broken_pipe);
  }
  step("while somebody waits");
  TurnedPair pair;
  auto read = by_hand(pair.client.read(buffer));
  CHECK(read.poll().is_pending());
  reset(pair);
  CHECK(read.is_woken());
  CHECK(error_of(read.poll().value()) == std::errc::connection_reset);
  CHECK(error_of(now(pair.client.write_vectored({}))) == std::errc::broken_pipe);
}

TEST_CASE("a side that closes without having read all throws the connection away") {
  TurnedPair pair;
  finish(pair.turned, write_all(pair.client, "unread"));
  await_news(pair.turned, pair.server);
  pair.close_server();
  Buffer buffer{};
  CHECK(error_of(now(pair.client.read(buffer))) == std::errc::connection_reset);
}

TEST_CASE("a write whose room never comes is told that the other side is gone") {
  TurnedPair pair;
  (void)fill(pair.turned, pair.client);
  auto write = by_hand(pair.client.write(as_bytes("x")));
  CHECK(write.poll().is_pending());
  reset(pair);
  CHECK(write.is_woken());
  CHECK(error_of(write.poll().value()) == std::errc::connection_reset);
}

TEST_CASE("what an operation fails with is given, and the next one is made again") {
  TurnedPair pair;
  Buffer buffer{};
  std::array<iovec, 1> piece{{{.iov_base = buffer.data(), .iov_len = buffer.size()}}};
  const auto check = [&](Call call, auto operation) {
    pair.deliver("abc");
    Script script(call, {ENOBUFS});
    CHECK(error_of(now(operation())) == std::errc::no_buffer_space);
    CHECK(now(operation()).has_value());
    CHECK(script.calls() == 2);
  };
  check(Call::kRecv, [&] { return pair.client.read(buffer); });
  check(Call::kReadV, [&] { return pair.client.read_vectored(piece); });
  check(Call::kRecv, [&] { return pair.client.peek(buffer); });
  check(Call::kSend, [&] { return pair.client.write(buffer); });
  check(Call::kSendMsg, [&] { return pair.client.write_vectored(piece); });
}

TEST_CASE("what would have to wait waits, and nobody is told EAGAIN") {
  TurnedPair pair;
  Buffer buffer{};
  std::array<iovec, 1> piece{{{.iov_base = buffer.data(), .iov_len = buffer.size()}}};
  const auto check = [&](Call call, auto operation) {
    pair.deliver("abc");
    Script script(call, {EAGAIN});
    CHECK(waits(operation()));
    CHECK(waits(operation()));
    CHECK(script.calls() == 1);
  };
  check(Call::kRecv, [&] { return pair.client.read(buffer); });
  check(Call::kReadV, [&] { return pair.client.read_vectored(piece); });
  check(Call::kRecv, [&] { return pair.client.peek(buffer); });
  check(Call::kSend, [&] { return pair.client.write(buffer); });
}

TEST_CASE("to flush does nothing") {
  TurnedPair pair;
  (void)pair.turned.calls();
  CHECK(by_hand(pair.client.flush()).poll().value().has_value());
  CHECK(pair.turned.calls() == 0);
}

TEST_CASE("what waits says for what, and for which descriptor") {
  TurnedPair pair;
  const std::string number = std::to_string(pair.client.fd());
  Buffer buffer{};
  CHECK(described(pair.client.read(buffer)) == "AsyncFd readable, descriptor " + number);
  CHECK(described(pair.client.peek(buffer)) == "AsyncFd readable, descriptor " + number);
  CHECK(described(pair.client.write(buffer)) == "AsyncFd writable, descriptor " + number);
  CHECK(described(pair.client.writable()) == "AsyncFd writable, descriptor " + number);
}
