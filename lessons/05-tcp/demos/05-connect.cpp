// What connect() says on a socket that never waits, and what becomes of it.
#include <poll.h>

#include <chrono>
#include <cstdio>
#include <system_error>

#include "sockets.hpp"

// [connect]
void call(const char* who, const SocketAddr& address) {
  const OwnedFd socket = nara::sys::socket(AF_INET, SOCK_STREAM).value();
  const auto begun = nara::sys::connect(socket.fd(), address);
  std::printf("%s %s", who, begun ? "connected" : begun.error().message().c_str());
  if (!begun && begun.error() == std::errc::operation_in_progress) {
    pollfd wait{.fd = socket.fd(), .events = POLLOUT, .revents = 0};
    if (::poll(&wait, 1, 200) == 1) {  // For 200 milliseconds at most.
      const auto error = nara::sys::get_option<int>(socket.fd(), SOL_SOCKET, SO_ERROR);
      std::printf("; writable: %s", std::generic_category().message(*error).c_str());
    } else {
      std::printf("; and nothing more");
    }
  }
  std::printf("\n");
}
// [/connect]

/// Where somebody listened until now.
SocketAddr closed_port() { return address_of(listen_somewhere()); }

int main() {
  const OwnedFd shop = listen_somewhere();
  call("somebody is there:", address_of(shop));
  call("nobody is there:  ", closed_port());

  // One call may wait to be picked up, and does. Of those after it, the kernel takes no notice.
  const OwnedFd busy = listen_somewhere(0);
  const OwnedFd waits = dial(address_of(busy));
  call("nobody answers:   ", address_of(busy));
  call("no way there:     ", SocketAddr(nara::net::IpAddr::v4(255, 255, 255, 255), 80));
}
