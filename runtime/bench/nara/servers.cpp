// A task for each connection. Memory comes from a pool, and is taken only when something has come.
#include "servers.hpp"

#include <cstddef>
#include <nara/async.hpp>
#include <nara/io/write.hpp>
#include <nara/net/buffer_pool.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
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
using nara::net::TcpListener;
using nara::net::TcpStream;

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

}  // namespace

void serve_echo() { nara::Runtime::create().value().block_on(serve(echo)); }
void serve_http() { nara::Runtime::create().value().block_on(serve(say_hello)); }

}  // namespace bench
