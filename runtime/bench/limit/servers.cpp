// The least that a server can cost: a loop around epoll, one buffer for all connections, and one
// read and one write for what is there. Readiness is level-triggered, so nothing has to be
// remembered and no read is made in vain.
#include "servers.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../descriptors.hpp"
#include "../serve.hpp"
#include "epoll.hpp"

namespace limit {

namespace {

/// A socket at a port of this machine which the kernel chooses, and which others are told.
int open_socket(int type) {
  const int made = ::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bench::check(made, "socket()");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Safe because: that is how sockets want their addresses.
  auto* const place = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  bench::check(::bind(made, place, size), "bind()");
  if (type == SOCK_STREAM) bench::check(::listen(made, SOMAXCONN), "listen()");
  bench::check(::getsockname(made, place, &size), "getsockname()");
  bench::announce(ntohs(address.sin_port));
  return made;
}

struct Connection {
  std::string unsent;  ///< What did not fit. Nothing is read before it is gone.
  bench::Requests requests;
};

class Server {
 public:
  using Answer = void (*)(Server&, int socket, std::string_view bytes);

  explicit Server(Answer answer) : answer_(answer) { epoll_.watch(listener_, EPOLLIN); }

  [[noreturn]] void run() {
    for (;;) {
      epoll_.wait([&](int socket) {
        if (socket == listener_) {
          accept();
        } else if (!connections_[place(socket)].unsent.empty()) {
          write_rest(socket);
        } else {
          read(socket);
        }
      });
    }
  }

  std::size_t count_requests(int socket, std::string_view bytes) {
    return connections_[place(socket)].requests.count(bytes);
  }

  void write(int socket, std::string_view bytes) {
    std::string& unsent = connections_[place(socket)].unsent;
    if (unsent.empty()) {
      bytes.remove_prefix(try_write(socket, bytes));
      if (bytes.empty()) return;
      epoll_.change(socket, EPOLLOUT);
    }
    unsent += bytes;
  }

 private:
  static std::size_t place(int socket) noexcept { return static_cast<std::size_t>(socket); }

  void accept() {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    bench::check(socket, "accept4()");
    constexpr int kYes = 1;
    bench::check(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &kYes, sizeof kYes),
                 "setsockopt()");
    if (connections_.size() <= place(socket)) connections_.resize(place(socket) + 1);
    epoll_.watch(socket, EPOLLIN);
  }

  void read(int socket) {
    const auto size = ::recv(socket, buffer_.data(), buffer_.size(), 0);
    if (size > 0) return answer_(*this, socket, {buffer_.data(), static_cast<std::size_t>(size)});
    connections_[place(socket)] = {};
    ::close(socket);
  }

  /// How many of the bytes went. An error counts as all: the next read finds out about it.
  static std::size_t try_write(int socket, std::string_view bytes) {
    const auto size = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size == -1) return errno == EAGAIN ? 0 : bytes.size();
    return static_cast<std::size_t>(size);
  }

  void write_rest(int socket) {
    std::string& unsent = connections_[place(socket)].unsent;
    unsent.erase(0, try_write(socket, unsent));
    if (unsent.empty()) epoll_.change(socket, EPOLLIN);
  }

  const int listener_ = open_socket(SOCK_STREAM);
  const Answer answer_;
  Epoll epoll_;
  std::vector<Connection> connections_;  ///< By the number of their descriptors.
  std::array<char, bench::kRoom> buffer_;
};

void echo(Server& server, int socket, std::string_view bytes) { server.write(socket, bytes); }

void say_hello(Server& server, int socket, std::string_view bytes) {
  for (auto count = server.count_requests(socket, bytes); count > 0; --count)
    server.write(socket, bench::kHello);
}

}  // namespace

void serve_echo() { Server(echo).run(); }
void serve_http() { Server(say_hello).run(); }

void serve_udp() {
  const int socket = open_socket(SOCK_DGRAM);
  Epoll epoll;
  epoll.watch(socket, EPOLLIN);
  std::array<char, bench::kRoom> buffer;
  sockaddr_in from{};
  auto* const place = reinterpret_cast<sockaddr*>(&from);  // Safe because: as above.
  for (;;) {
    epoll.wait([&](int) {
      for (;;) {
        socklen_t length = sizeof from;
        const auto size = ::recvfrom(socket, buffer.data(), buffer.size(), 0, place, &length);
        if (size == -1) break;
        ::sendto(socket, buffer.data(), static_cast<std::size_t>(size), 0, place, length);
      }
    });
  }
}

void serve_udp_batch() {
  const int socket = open_socket(SOCK_DGRAM);
  Epoll epoll;
  epoll.watch(socket, EPOLLIN);
  std::vector<std::array<char, bench::kRoom>> buffers(bench::kPackets);
  std::array<iovec, bench::kPackets> pieces{};
  std::array<sockaddr_in, bench::kPackets> from{};
  std::array<mmsghdr, bench::kPackets> messages{};
  for (std::size_t i = 0; i < messages.size(); ++i) {
    pieces[i].iov_base = buffers[i].data();
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &from[i];
  }
  for (;;) {
    epoll.wait([&](int) {
      for (std::size_t i = 0; i < messages.size(); ++i) {
        pieces[i].iov_len = buffers[i].size();
        messages[i].msg_hdr.msg_namelen = sizeof from[i];
      }
      const int count = ::recvmmsg(socket, messages.data(), messages.size(), 0, nullptr);
      for (int i = 0; i < count; ++i) pieces[i].iov_len = messages[i].msg_len;
      for (int sent = 0; sent < count;) {
        const int more =
            ::sendmmsg(socket, &messages[sent], static_cast<unsigned>(count - sent), 0);
        if (more == -1) break;
        sent += more;
      }
    });
  }
}

}  // namespace limit
