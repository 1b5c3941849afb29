// Bytes there and back.
#include <array>
#include <nara/counters.hpp>
#include <nara/current.hpp>
#include <nara/net/buffer_pool.hpp>
#include <nara/spawn.hpp>

#include "net.hpp"

namespace {

Async<std::size_t> echo(TcpStream stream) {
  std::array<std::byte, 1024> buffer{};
  std::size_t total = 0;
  while (true) {
    const nara::io::Result<std::size_t> size = co_await stream.read(buffer);
    REQUIRE(size.has_value());
    if (*size == 0) break;
    total += *size;
    const auto got = std::span(buffer).first(*size);
    co_await write_all(stream, as_text(got));
  }
  co_return total;
}

}  // namespace

TEST_CASE("1,024 messages come back in order, to the last byte") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    auto server = nara::spawn(echo(std::move(pair.server)));
    std::size_t sent = 0;
    for (int number = 0; number < 1024; ++number) {
      const std::string message = "message " + std::to_string(number) + "\n";
      co_await write_all(pair.client, message);
      sent += message.size();
      const std::string answer = co_await read_exactly(pair.client, message.size());
      CHECK(answer == message);
    }
    step("the client ends writing");
    const auto ended = co_await pair.client.shutdown();
    CHECK(ended.has_value());
    const auto total = co_await server;
    CHECK(total.value() == sent);
  });
}
