// Reading exactly, to the end, a part, one stream after the other.
#include <nara/io/buf_reader.hpp>
#include <nara/io/copy.hpp>
#include <nara/io/split.hpp>
#include <nara/net/split.hpp>
#include <testkit/mock_stream.hpp>

#include "streams.hpp"

using nara::test::MockStream;

TEST_CASE("lines come without their ends, and the last one may have none") {
  run([]() -> Async<> {
    MockStream stream;
    stream.will_read("a\r").will_read("\nb\n").will_read("\nlast");
    auto lines = nara::io::lines(nara::io::BufReader(stream));
    for (const std::string_view expected : {"a", "b", "", "last"}) {
      const auto line = co_await lines.next_line();
      CHECK(line.value() == expected);
    }
    const auto end = co_await lines.next_line();
    CHECK(end.value() == std::nullopt);
  });
}

TEST_CASE("a copy in both directions gives what came from each side") {
  run([]() -> Async<> {
    auto [client, near] = nara::io::duplex(8);
    auto [far, server] = nara::io::duplex(8);
    (void)co_await nara::io::write_all(client, "ping");
    (void)co_await client.shutdown();
    (void)co_await server.shutdown();
    const auto copied = co_await nara::io::copy_bidirectional(near, far);
    CHECK(copied.value() == nara::io::Copied{4, 0});
    std::string text;
    (void)co_await nara::io::read_to_string(server, text);
    CHECK(text == "ping");
  });
}

TEST_CASE("halves of a stream end it, or become one again") {
  run_with_drivers([]() -> Async<> {
    nara::io::Result<nara::net::TcpListener> listener =
        co_await nara::net::TcpListener::bind("localhost:0");
    const auto address = listener->local_addr().value();
    auto stream = co_await nara::net::TcpStream::connect(address);
    auto accepted = co_await listener->accept();
    auto [reader, writer] = into_split(*std::move(stream));
    (void)co_await nara::io::write_all(writer, "hello");
    {
      const auto gone = std::move(writer);
    }
    std::string text;
    (void)co_await nara::io::read_to_string(accepted->stream, text);
    CHECK(text == "hello");
    (void)co_await nara::io::write_all(accepted->stream, "bye");
    std::array<std::byte, 3> got{};
    const auto all = co_await nara::io::read_exact(reader, got);
    CHECK(all.has_value());
    CHECK(as_text(got) == "bye");
  });
}
