// The servers, with libuv: one buffer for all connections, and what is written at once where that
// is possible.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <uv.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "../measure.hpp"
#include "../serve.hpp"

namespace {

std::array<char, bench::kRoom> room;

/// Ends the program when libuv says no.
void check(int answer, const char* call) {
  if (answer >= 0) return;
  std::fprintf(stderr, "%s: %s\n", call, uv_strerror(answer));
  std::exit(1);
}

sockaddr_in loopback() {
  sockaddr_in address{};
  check(uv_ip4_addr("127.0.0.1", 0, &address), "uv_ip4_addr()");
  return address;
}

// Safe because, here and below: that is how libuv and sockets want their addresses.
const sockaddr* place(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

template <class Handle>
void announce(int (*name_of)(const Handle*, sockaddr*, int*), const Handle& handle) {
  sockaddr_in address{};
  int size = sizeof address;
  check(name_of(&handle, reinterpret_cast<sockaddr*>(&address), &size), "getsockname()");
  bench::announce(ntohs(address.sin_port));
}

void lend_room(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
  *buffer = uv_buf_init(room.data(), room.size());
}

uv_buf_t buffer_of(std::string_view bytes) {
  // Safe because: what is sent is only read.
  return uv_buf_init(const_cast<char*>(bytes.data()), static_cast<unsigned>(bytes.size()));
}

// --- Streams

struct Connection {
  uv_tcp_t stream;  // Comes first: libuv gives pointers to it.
  bench::Requests requests;
};

/// What did not fit, and is sent when there is room.
struct Rest {
  uv_write_t request;
  std::string bytes;
};

void write(uv_stream_t* stream, std::string_view bytes) {
  const uv_buf_t all = buffer_of(bytes);
  const int size = uv_try_write(stream, &all, 1);
  if (size > 0) bytes.remove_prefix(static_cast<std::size_t>(size));
  if (bytes.empty()) return;
  auto* const rest = new Rest{.request = {}, .bytes = std::string(bytes)};
  rest->request.data = rest;
  const uv_buf_t buffer = buffer_of(rest->bytes);
  const auto forget = [](uv_write_t* request, int) { delete static_cast<Rest*>(request->data); };
  check(uv_write(&rest->request, stream, &buffer, 1, forget), "uv_write()");
}

void echo(Connection&, uv_stream_t* stream, std::string_view bytes) { write(stream, bytes); }

void say_hello(Connection& connection, uv_stream_t* stream, std::string_view bytes) {
  for (auto count = connection.requests.count(bytes); count > 0; --count)
    write(stream, bench::kHello);
}

template <auto kAnswer>
void on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
  auto* const connection = static_cast<Connection*>(stream->data);
  if (size > 0) return kAnswer(*connection, stream, {buffer->base, static_cast<std::size_t>(size)});
  if (size == 0) return;  // Nothing was there.
  uv_close(reinterpret_cast<uv_handle_t*>(stream),
           [](uv_handle_t* handle) { delete static_cast<Connection*>(handle->data); });
}

template <auto kAnswer>
void on_connection(uv_stream_t* listener, int status) {
  check(status, "uv_listen()");
  auto* const connection = new Connection();
  auto* const stream = reinterpret_cast<uv_stream_t*>(&connection->stream);
  check(uv_tcp_init(listener->loop, &connection->stream), "uv_tcp_init()");
  stream->data = connection;
  check(uv_accept(listener, stream), "uv_accept()");
  check(uv_tcp_nodelay(&connection->stream, 1), "uv_tcp_nodelay()");
  check(uv_read_start(stream, lend_room, on_read<kAnswer>), "uv_read_start()");
}

template <auto kAnswer>
void serve_streams() {
  constexpr int kLine = SOMAXCONN;
  const sockaddr_in address = loopback();
  uv_tcp_t listener;
  check(uv_tcp_init(uv_default_loop(), &listener), "uv_tcp_init()");
  check(uv_tcp_bind(&listener, place(address), 0), "uv_tcp_bind()");
  check(uv_listen(reinterpret_cast<uv_stream_t*>(&listener), kLine, on_connection<kAnswer>),
        "uv_listen()");
  announce(uv_tcp_getsockname, listener);
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}

// --- Packets

void on_packet(uv_udp_t* socket, ssize_t size, const uv_buf_t* buffer, const sockaddr* from,
               unsigned) {
  if (size <= 0 || from == nullptr) return;  // Nothing was there.
  const uv_buf_t packet = uv_buf_init(buffer->base, static_cast<unsigned>(size));
  uv_udp_try_send(socket, &packet, 1, from);  // Where there is no room, a packet may be lost.
}

void serve_packets() {
  const sockaddr_in address = loopback();
  uv_udp_t socket;
  check(uv_udp_init(uv_default_loop(), &socket), "uv_udp_init()");
  check(uv_udp_bind(&socket, place(address), 0), "uv_udp_bind()");
  check(uv_udp_recv_start(&socket, lend_room, on_packet), "uv_udp_recv_start()");
  announce(uv_udp_getsockname, socket);
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
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
