// Reading and writing without waiting, and waiting without reading or writing.
#include <sys/uio.h>

#include <array>
#include <nara/io/ready.hpp>
#include <string>
#include <vector>

#include "net.hpp"

using nara::io::is_would_block;
using nara::io::Ready;

namespace {

using Buffer = std::array<std::byte, 100>;

iovec piece_of(std::span<std::byte> bytes) {
  return {.iov_base = bytes.data(), .iov_len = bytes.size()};
}

bool would_block(const Result<std::size_t>& result) { return is_would_block(error_of(result)); }

}  // namespace

TEST_CASE("try_read gives EAGAIN until there is something, and readable() waits for that") {
  TurnedPair pair;
  Buffer buffer{};
  std::array pieces{piece_of(buffer)};
  CHECK(would_block(pair.client.try_read(buffer)));
  CHECK(would_block(pair.client.try_read_vectored(pieces)));
  auto readable = by_hand(pair.client.readable());
  CHECK(readable.poll().is_pending());
  pair.deliver("abc");
  CHECK(readable.is_woken());
  CHECK(readable.poll().value()->ready() == Ready::kReadable);
  CHECK(pair.client.try_read(buffer) == 3);
  CHECK(would_block(pair.client.try_read(buffer)));
  CHECK(by_hand(pair.client.readable()).poll().is_pending());
  pair.deliver("abcdefg");
  CHECK(pair.client.try_read_vectored(pieces) == 7);
  CHECK(as_text(buffer).substr(0, 7) == "abcdefg");
}

TEST_CASE("try_write gives EAGAIN once there is no room, and writable() waits for that") {
  TurnedPair pair;
  const std::size_t sent = fill(pair.turned, pair.client);
  CHECK(sent > 0);
  CHECK(would_block(pair.client.try_write(as_bytes("x"))));
  std::string piece = "x";
  const std::array pieces{piece_of(std::as_writable_bytes(std::span(piece)))};
  CHECK(would_block(pair.client.try_write_vectored(pieces)));
  auto writable = by_hand(pair.client.writable());
  CHECK(writable.poll().is_pending());
  (void)pair.turned.turn();
  CHECK_FALSE(writable.is_woken());
  step("the other side reads all that");
  CHECK(finish(pair.turned, read_exactly(pair.server, sent)).size() == sent);
  while (!writable.is_woken()) pair.turned.driver().park(std::nullopt);
  CHECK(writable.poll().value()->ready() == Ready::kWritable);
  CHECK(pair.client.try_write(as_bytes("ab")) == 2);
  CHECK(pair.client.try_write_vectored(pieces) == 1);
  CHECK(finish(pair.turned, read_exactly(pair.server, 3)) == "abx");
}

TEST_CASE("many small pieces are tried in their order, across their borders") {
  TurnedPair pair;
  std::string sent(1000, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i % 251);
  std::string got;
  const auto bytes = std::as_writable_bytes(std::span(sent));
  for (std::size_t begin = 0; begin < sent.size(); begin += 10) {
    const std::array pieces{piece_of(bytes.subspan(begin, 3)), piece_of({}),
                            piece_of(bytes.subspan(begin + 3, 7))};
    CHECK(pair.server.try_write_vectored(pieces) == 10);
  }
  while (got.size() < sent.size()) {
    Buffer buffer{};
    const auto into = std::span(buffer);
    const std::array pieces{piece_of(into.first(1)), piece_of(into.subspan(1, 2)),
                            piece_of(into.subspan(3))};
    const auto size = pair.client.try_read_vectored(pieces);
    if (!size) {
      REQUIRE(would_block(size));
      await_news(pair.turned, pair.client);
      continue;
    }
    got += as_text(into.first(*size));
  }
  CHECK((got == sent));
}

TEST_CASE("ready() tells both, and the end when it has come") {
  TurnedPair pair;
  const auto ready = [&](Interest interest) {
    return by_hand(pair.client.ready(interest)).poll().value()->ready();
  };
  const Interest either = Interest::kReadable | Interest::kWritable;
  CHECK(bool(ready(either) == Ready::kWritable));
  pair.deliver();
  CHECK(bool(ready(either) == (Ready::kReadable | Ready::kWritable)));
  CHECK_FALSE(ready(Interest::kReadable).is_read_closed());
  pair.close_server();
  CHECK(ready(Interest::kReadable).is_read_closed());
  Buffer buffer{};
  CHECK(pair.client.try_read(buffer) == 1);
  CHECK(pair.client.try_read(buffer) == 0);
  CHECK(pair.client.try_read(buffer) == 0);
  CHECK(ready(Interest::kReadable).is_read_closed());
}

TEST_CASE("a reader and a writer of one connection wait beside each other") {
  TurnedPair pair;
  const std::size_t sent = fill(pair.turned, pair.client);
  auto readable = by_hand(pair.client.readable());
  auto writable = by_hand(pair.client.writable());
  CHECK(readable.poll().is_pending());
  CHECK(writable.poll().is_pending());
  pair.deliver();
  CHECK(readable.poll().is_ready());
  CHECK(writable.poll().is_pending());
  CHECK(finish(pair.turned, read_exactly(pair.server, sent)).size() == sent);
  while (!writable.is_woken()) pair.turned.driver().park(std::nullopt);
  CHECK(writable.poll().is_ready());
}

TEST_CASE("several that read one connection share its bytes out, and none is read twice") {
  TurnedPair pair;
  Buffer one{};
  Buffer other{};
  auto first = by_hand(pair.client.read(std::span(one).first(2)));
  auto second = by_hand(pair.client.read(other));
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  pair.deliver("abcd");
  CHECK(first.is_woken());
  CHECK(second.is_woken());
  CHECK(first.poll().value() == 2);
  CHECK(second.poll().value() == 2);
  CHECK(as_text(one).substr(0, 2) == "ab");
  CHECK(as_text(other).substr(0, 2) == "cd");
}
