// The servers, with Asio's coroutines, as its own examples have them.
#include <array>
#include <asio.hpp>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

#include "../measure.hpp"
#include "../serve.hpp"

namespace {

using asio::awaitable;
using asio::use_awaitable;
using asio::ip::tcp;
using asio::ip::udp;

constexpr int kThreads = 1;

awaitable<void> echo(tcp::socket& socket) {
  std::array<char, bench::kRoom> buffer;
  for (;;) {
    const std::size_t size = co_await socket.async_read_some(asio::buffer(buffer), use_awaitable);
    co_await asio::async_write(socket, asio::buffer(buffer, size), use_awaitable);
  }
}

awaitable<void> say_hello(tcp::socket& socket) {
  std::array<char, bench::kRoom> buffer;
  bench::Requests requests;
  for (;;) {
    const std::size_t size = co_await socket.async_read_some(asio::buffer(buffer), use_awaitable);
    for (auto count = requests.count({buffer.data(), size}); count > 0; --count)
      co_await asio::async_write(socket, asio::buffer(bench::kHello), use_awaitable);
  }
}

using Talk = awaitable<void> (*)(tcp::socket& socket);

awaitable<void> serve(tcp::socket socket, Talk talk) {
  try {
    socket.set_option(tcp::no_delay(true));
    co_await talk(socket);
  } catch (const std::system_error&) {
    // The client has gone.
  }
}

awaitable<void> accept(tcp::acceptor& acceptor, Talk talk) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), talk), asio::detached);
  }
}

template <Talk kTalk>
void serve_streams() {
  asio::io_context context(kThreads);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  asio::co_spawn(context, accept(acceptor, kTalk), asio::detached);
  bench::announce(acceptor.local_endpoint().port());
  context.run();
}

awaitable<void> return_packets(udp::socket& socket) {
  std::array<char, bench::kRoom> buffer;
  for (;;) {
    udp::endpoint from;
    const std::size_t size =
        co_await socket.async_receive_from(asio::buffer(buffer), from, use_awaitable);
    co_await socket.async_send_to(asio::buffer(buffer, size), from, use_awaitable);
  }
}

void serve_packets() {
  asio::io_context context(kThreads);
  udp::socket socket(context, {asio::ip::address_v4::loopback(), 0});
  asio::co_spawn(context, return_packets(socket), asio::detached);
  bench::announce(socket.local_endpoint().port());
  context.run();
}

constexpr bench::Server kServers[] = {
    {"echo", serve_streams<echo>},
    {"udp", serve_packets},
    {"http", serve_streams<say_hello>},
};

}  // namespace

int main(int argc, char** argv) {
  return bench::run({argv, static_cast<std::size_t>(argc)}, {}, kServers);
}
