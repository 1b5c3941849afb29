// Sending and receiving datagrams, one by one.
#include "udp.hpp"

TEST_CASE("what send_to() has sent, recv_from() receives, with the sender's address") {
  run_with_drivers([]() -> Async<> {
    const UdpSocket left = co_await bound();
    const UdpSocket right = co_await bound();
    const SocketAddr to = right.local_addr().value();
    const auto sent = co_await left.send_to(as_bytes("hello"), to);
    CHECK(sent == 5);
    Buffer buffer{};
    const auto received = co_await right.recv_from(buffer);
    CHECK(received == ReceivedFrom{5, false, left.local_addr().value()});
    CHECK(as_text(buffer).substr(0, 5) == "hello");
  });
}
