// The poll functions: for futures that are written by hand.
#include <cerrno>
#include <nara/context.hpp>
#include <nara/misuse.hpp>
#include <optional>
#include <utility>

#include "faults.hpp"
#include "udp.hpp"

using nara::Context;
using nara::Misuse;
using nara::poll_fn;

namespace {

auto poll_recv_from(UdpSocket& socket, Buffer& buffer) {
  return poll_fn([&](Context& context) { return socket.poll_recv_from(context, buffer); });
}

auto poll_send_to(UdpSocket& socket, std::string_view text, SocketAddr to) {
  return poll_fn([&socket, text, to](Context& context) {
    return socket.poll_send_to(context, as_bytes(text), to);
  });
}

/// Somebody polls, and does not come back.
void call_and_go(UdpSocket& socket) {
  const nara::Waker nobody = nara::Waker::noop();
  Context context(nobody);
  Buffer buffer{};
  CHECK(socket.poll_recv_from(context, buffer).is_pending());
  const Script sends(Call::kSendTo, {EAGAIN});
  const SocketAddr here = socket.local_addr().value();
  CHECK(socket.poll_send_to(context, as_bytes("never"), here).is_pending());
}

}  // namespace

TEST_CASE("the task that has polled last is woken, and may come again and again") {
  TurnedPair pair;
  Buffer buffer{};
  auto first = by_hand(poll_recv_from(pair.right, buffer));
  auto second = by_hand(poll_recv_from(pair.right, buffer));
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  for (int round = 0; round < 3; ++round) {
    pair.deliver("hello");
    CHECK_FALSE(first.is_woken());
    CHECK(second.is_woken());
    CHECK(second.poll().value() == ReceivedFrom{5, false, pair.left_addr});
    CHECK(as_text(buffer).substr(0, 5) == "hello");
    CHECK(second.poll().is_pending());
  }
  CHECK(first.poll().is_pending());
  pair.deliver();
  CHECK(first.is_woken());
  CHECK_FALSE(second.is_woken());
}

TEST_CASE("all that are there are received by poll functions, without another event") {
  TurnedPair pair;
  Buffer buffer{};
  for (int i = 0; i < 5; ++i) deliver(pair.left, pair.right, "x");
  pair.turn();
  auto receive = by_hand(poll_recv_from(pair.right, buffer));
  for (int i = 0; i < 5; ++i) CHECK(receive.poll().is_ready());
  CHECK(receive.poll().is_pending());
  // Wakers of the test must not outlive it: the socket has one until it is moved, or woken.
  const UdpSocket forgets = std::move(pair.right);
}

TEST_CASE("each poll function does what its function of the same name does") {
  TurnedPair pair;
  pair.connect();
  Buffer buffer{};
  const auto small = std::span(buffer).first(2);
  const nara::Waker nobody = nara::Waker::noop();
  Context context(nobody);
  CHECK(pair.right.poll_recv(context, buffer).is_pending());
  CHECK(pair.right.poll_peek_from(context, buffer).is_pending());
  pair.deliver("abc");
  pair.deliver("de");
  const auto peek = [&](std::span<std::byte> into) {
    return pair.right.poll_peek_from(context, into).value();
  };
  CHECK(peek(small) == ReceivedFrom{2, true, pair.left_addr});
  CHECK(peek(buffer) == ReceivedFrom{3, false, pair.left_addr});
  CHECK(pair.right.poll_recv(context, small).value() == Received{2, true});
  CHECK(as_text(small) == "ab");
  CHECK(pair.right.poll_recv_from(context, buffer).value() ==
        ReceivedFrom{2, false, pair.left_addr});
  CHECK(as_text(buffer).substr(0, 2) == "de");
  step("the two that send");
  CHECK(pair.right.poll_send(context, as_bytes("abc")).value() == 3);
  CHECK(pair.right.poll_send_to(context, as_bytes("de"), pair.left_addr).value() == 2);
  CHECK(finish(pair.turned, pair.left.recv(buffer)) == Received{3, false});
  CHECK(finish(pair.turned, pair.left.recv(buffer)) == Received{2, false});
}

TEST_CASE("a poll function that is told EAGAIN waits, and tries again when something comes") {
  TurnedPair pair;
  Buffer buffer{};
  pair.deliver("hello");
  const Script receives(Call::kRecvFrom, {EAGAIN});
  auto receive = by_hand(poll_recv_from(pair.right, buffer));
  CHECK(receive.poll().is_pending());
  CHECK_FALSE(receive.is_woken());
  CHECK(receives.calls() == 1);
  pair.deliver("there");
  CHECK(receive.is_woken());
  CHECK(receive.poll().is_ready());
}

TEST_CASE("one task may send with poll functions while another receives") {
  TurnedPair pair;
  pair.connect();
  Buffer buffer{};
  const auto check = [&](Call call, auto send, auto receive) {
    step("call ", static_cast<int>(call));
    const Script script(call, {EAGAIN});
    auto sending = by_hand(poll_fn(send));
    auto receiving = by_hand(poll_fn(receive));
    CHECK(sending.poll().is_pending());
    CHECK(receiving.poll().is_pending());
    step("a datagram comes; the kernel says then that there is room, too");
    pair.deliver();
    CHECK(sending.is_woken());
    CHECK(receiving.is_woken());
    CHECK(receiving.poll().value().has_value());
    CHECK(sending.poll().value() == 3);
    CHECK(would_block(pair.right.try_recv(buffer)));
  };
  check(
      Call::kSendTo,
      [&](Context& context) {
        return pair.right.poll_send_to(context, as_bytes("abc"), pair.left_addr);
      },
      [&](Context& context) { return pair.right.poll_recv_from(context, buffer); });
  check(
      Call::kSend, [&](Context& context) { return pair.right.poll_send(context, as_bytes("abc")); },
      [&](Context& context) { return pair.right.poll_recv(context, buffer); });
}

TEST_CASE("an error of a poll function is given, and the next one tries again") {
  TurnedPair pair;
  Buffer buffer{};
  pair.deliver("x");
  const Script receives(Call::kRecvFrom, {ENOMEM});
  const Script sends(Call::kSendTo, {ENOBUFS});
  auto receive = by_hand(poll_recv_from(pair.right, buffer));
  CHECK(error_of(receive.poll().value()) == std::errc::not_enough_memory);
  CHECK(receive.poll().value().has_value());
  auto send = by_hand(poll_send_to(pair.right, "abc", pair.left_addr));
  CHECK(error_of(send.poll().value()) == std::errc::no_buffer_space);
  CHECK(send.poll().value() == 3);
}

TEST_CASE("a socket may be moved when who polled it has gone") {
  TurnedPair pair;
  Buffer buffer{};
  call_and_go(pair.right);
  step("move it away");
  UdpSocket moved = std::move(pair.right);
  call_and_go(moved);
  deliver(pair.left, moved, "one");
  pair.turn();
  CHECK(now(poll_recv_from(moved, buffer)).has_value());
  step("give it to another one");
  UdpSocket other = now(UdpSocket::bind(kAnyPort)).value();
  call_and_go(other);
  call_and_go(moved);
  other = std::move(moved);
  call_and_go(other);
  deliver(pair.left, other, "two");
  pair.turn();
  CHECK(now(poll_recv_from(other, buffer)) == ReceivedFrom{3, false, pair.left_addr});
}

TEST_CASE("a socket may be given back when who polled it has gone, also after its runtime") {
  std::optional<TurnedPair> pair(std::in_place);
  call_and_go(pair->left);
  CHECK(std::move(pair->left).into_fd().fd() != -1);
  UdpSocket right = std::move(pair->right);
  call_and_go(right);
  pair.reset();
  CHECK(std::move(right).into_fd().fd() != -1);
}

TEST_CASE("who polls is woken when the runtime goes, and told") {
  TurnedPair pair;
  Buffer buffer{};
  auto receive = by_hand(poll_recv_from(pair.right, buffer));
  CHECK(receive.poll().is_pending());
  pair.turned.driver().shut_down();
  CHECK(receive.is_woken());
  CHECK(nara::io::is_shutdown(receive.poll().value().error()));
  auto send = by_hand(poll_send_to(pair.right, "abc", pair.left_addr));
  CHECK(nara::io::is_shutdown(send.poll().value().error()));
}

TEST_CASE("to poll a socket that was moved from is a misuse") {
  TurnedPair pair;
  Buffer buffer{};
  const UdpSocket moved = std::move(pair.right);
  CHECK_THROWS_AS((void)now(poll_recv_from(pair.right, buffer)), Misuse);
  CHECK_THROWS_AS((void)now(poll_send_to(pair.right, "abc", pair.left_addr)), Misuse);
}
