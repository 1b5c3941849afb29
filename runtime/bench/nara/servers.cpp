// A task for each connection, whose memory comes from a pool, and is taken only when something has
// come. One task for all packets.
#include "servers.hpp"

#include <array>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/io/write.hpp>
#include <nara/net/buffer_pool.hpp>
#include <nara/net/datagram.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>
#include <span>
#include <string_view>
#include <utility>

#include "../serve.hpp"

namespace bench {

namespace {

using nara::Async;
using nara::spawn;
using nara::io::write_all;
using nara::net::BufferPool;
using nara::net::Datagram;
using nara::net::RecvBatch;
using nara::net::TcpListener;
using nara::net::TcpStream;
using nara::net::UdpSocket;

Async<> echo(TcpStream stream, BufferPool& pool) {
  for (;;) {
    const auto got = co_await stream.read_some(pool);
    if (!got || got->empty()) co_return;
    const auto bytes = got->bytes();
    const auto sent = co_await write_all(stream, bytes);
    if (!sent) co_return;
  }
}

Async<> say_hello(TcpStream stream, BufferPool& pool) {
  Requests requests;
  for (;;) {
    const auto got = co_await stream.read_some(pool);
    if (!got || got->empty()) co_return;
    const auto bytes = got->bytes();
    // Safe because: any object may be seen as chars.
    const auto* const text = reinterpret_cast<const char*>(bytes.data());
    for (auto count = requests.count({text, bytes.size()}); count > 0; --count) {
      const auto sent = co_await write_all(stream, kHello);
      if (!sent) co_return;
    }
  }
}

using Talk = Async<> (*)(TcpStream stream, BufferPool& pool);

Async<> serve(Talk talk) {
  BufferPool pool(kRoom);
  const auto listener = (co_await TcpListener::bind("127.0.0.1:0")).value();
  announce(listener.local_addr().value().port());
  for (;;) {
    auto accepted = (co_await listener.accept()).value();
    accepted.stream.set_nodelay(true).value();
    (void)spawn(talk(std::move(accepted.stream), pool));
  }
}

Async<> return_packets(UdpSocket socket) {
  std::array<std::byte, kRoom> buffer;
  for (;;) {
    const auto got = co_await socket.recv_from(buffer);
    if (!got) co_return;
    const auto bytes = std::span(buffer).first(got->size);
    const auto sent = co_await socket.send_to(bytes, got->from);
    if (!sent) co_return;
  }
}

Async<> return_batches(UdpSocket socket) {
  RecvBatch batch(kPackets, kRoom);
  for (;;) {
    const auto got = co_await socket.recv_batch(batch);
    if (!got) co_return;
    for (std::span<const Datagram> rest = batch; !rest.empty();) {
      const auto sent = co_await socket.send_batch(rest);
      if (!sent) co_return;
      rest = rest.subspan(*sent);
    }
  }
}

Async<> serve_packets(Async<> (*give_back)(UdpSocket socket)) {
  auto socket = (co_await UdpSocket::bind("127.0.0.1:0")).value();
  announce(socket.local_addr().value().port());
  (void)co_await spawn(give_back(std::move(socket)));
}

}  // namespace

void serve_echo() { nara::Runtime::create().value().block_on(serve(echo)); }
void serve_http() { nara::Runtime::create().value().block_on(serve(say_hello)); }
void serve_udp() { nara::Runtime::create().value().block_on(serve_packets(return_packets)); }
void serve_udp_batch() { nara::Runtime::create().value().block_on(serve_packets(return_batches)); }

}  // namespace bench
