// Several datagrams that go through the kernel as one: segments. Only where the kernel knows them.
#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>

#include "udp.hpp"

namespace {

/// Whether this kernel has UDP_SEGMENT and UDP_GRO.
bool has_segments(const UdpSocket& socket) {
  const bool has = socket.gro().has_value() &&
                   nara::sys::get_option<int>(socket.fd(), IPPROTO_UDP, UDP_SEGMENT).has_value();
  if (!has) MESSAGE("this kernel has no segments of UDP (Linux 5.0), so they are not tested");
  return has;
}

}  // namespace

TEST_CASE("what is sent as segments arrives as a datagram each") {
  for (const SocketAddr where : loopbacks()) {
    TurnedPair pair(where);
    if (!has_segments(pair.left)) return;
    step("ten bytes in segments of four, and a datagram beside them");
    const std::array batch{
        Datagram{.bytes = as_bytes("aaaabbbbcc"), .peer = pair.right_addr, .segment = 4},
        Datagram{.bytes = as_bytes("dddddd"), .peer = pair.right_addr}};
    REQUIRE(now(pair.left.send_batch(batch)) == 2);
    for (const std::string_view text : {"aaaa", "bbbb", "cc", "dddddd"}) {
      Buffer buffer{};
      const auto got = finish(pair.turned, pair.right.recv_from(buffer));
      CHECK(got == ReceivedFrom{text.size(), false, pair.left_addr});
      CHECK(as_text(buffer).substr(0, text.size()) == text);
    }
    Buffer buffer{};
    CHECK(would_block(pair.right.try_recv(buffer)));
  }
}

TEST_CASE("a batch may be given segments together, and is told their size") {
  TurnedPair pair;
  if (!has_segments(pair.left)) return;
  CHECK(pair.right.gro() == false);
  CHECK(pair.right.set_gro(true).has_value());
  CHECK(pair.right.gro() == true);
  const std::array sent{
      Datagram{.bytes = as_bytes("aaaabbbbcc"), .peer = pair.right_addr, .segment = 4},
      Datagram{.bytes = as_bytes("dd"), .peer = pair.right_addr}};
  step("a datagram alone comes first, about which there is nothing else to say");
  RecvBatch batch(8, 100);
  pair.deliver("alone");
  CHECK(now(pair.right.recv_batch(batch)) == 1);
  CHECK(batch[0].segment == 0);
  step("and then segments, in the same place");
  REQUIRE(now(pair.left.send_batch(sent)) == 2);
  std::string all;
  bool are_together = false;
  while (all.size() < 12) {
    REQUIRE(finish(pair.turned, pair.right.recv_batch(batch)).has_value());
    for (const Datagram& datagram : batch) {
      all += as_text(datagram.bytes);
      if (datagram.bytes.size() == 10) {
        REQUIRE(datagram.segment == 4);
        are_together = true;
      } else {
        CHECK(datagram.segment == 0);
      }
    }
  }
  CHECK(all == "aaaabbbbccdd");
  CHECK(are_together);
  step("such a batch can be sent back as it is");
  REQUIRE(now(pair.left.send_batch(sent)) == 2);
  REQUIRE(finish(pair.turned, pair.right.recv_batch(batch)).has_value());
  REQUIRE(now(pair.right.send_batch(batch)) == batch.size());
  for (const std::string_view text : {"aaaa", "bbbb", "cc"}) {
    Buffer buffer{};
    const auto got = finish(pair.turned, pair.left.recv(buffer));
    CHECK(text_of(got, buffer) == std::string(text));
  }
  CHECK(pair.right.set_gro(false).has_value());
  CHECK(pair.right.gro() == false);
}

TEST_CASE("segments that the kernel does not take are an error") {
  TurnedPair pair;
  if (!has_segments(pair.left)) return;
  const std::string many(2000, 'x');
  const std::array batch{Datagram{.bytes = as_bytes(many), .peer = pair.right_addr, .segment = 1}};
  CHECK(error_of(now(pair.left.send_batch(batch))) == std::errc::invalid_argument);
}
