// The functions of the C library that stand in for the real ones: see <testkit/script.hpp>.
#include "faults.hpp"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <string_view>

using nara::test::act;
using nara::test::find_next;

namespace {

/// Like act(), for a call that takes many messages.
template <Call kCall, class Real>
int act_on_many(Real real, unsigned count) {
  const int error = Script::take(kCall);
  if (error <= 0) return real(error == 0 ? count : static_cast<unsigned>(-error));
  errno = error;
  return -1;
}

}  // namespace

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library names none.
extern "C" {

int bind(int descriptor, const sockaddr* address, socklen_t size) noexcept {
  return act<Call::kBind>(&::bind, "bind", descriptor, address, size);
}

int connect(int descriptor, const sockaddr* address, socklen_t size) {
  return act<Call::kConnect>(&::connect, "connect", descriptor, address, size);
}

int epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) noexcept {
  return act<Call::kEpollCtl>(&::epoll_ctl, "epoll_ctl", epoll, operation, descriptor, event);
}

int getpeername(int descriptor, sockaddr* address, socklen_t* size) noexcept {
  return act<Call::kGetPeerName>(&::getpeername, "getpeername", descriptor, address, size);
}

ssize_t recv(int descriptor, void* into, size_t size, int flags) {
  return act<Call::kRecv>(&::recv, "recv", descriptor, into, size, flags);
}

ssize_t recvfrom(int descriptor, void* into, size_t size, int flags, sockaddr* from,
                 socklen_t* from_size) {
  return act<Call::kRecvFrom>(&::recvfrom, "recvfrom", descriptor, into, size, flags, from,
                              from_size);
}

int recvmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
  static auto* const real = find_next(&::recvmmsg, "recvmmsg");
  return act_on_many<Call::kRecvMMsg>(
      [=](unsigned some) { return real(descriptor, messages, some, flags, timeout); }, count);
}

ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
  return act<Call::kSend>(&::send, "send", descriptor, bytes, size, flags);
}

int sendmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags) {
  static auto* const real = find_next(&::sendmmsg, "sendmmsg");
  return act_on_many<Call::kSendMMsg>(
      [=](unsigned some) { return real(descriptor, messages, some, flags); }, count);
}

ssize_t sendto(int descriptor, const void* bytes, size_t size, int flags, const sockaddr* to,
               socklen_t to_size) {
  return act<Call::kSendTo>(&::sendto, "sendto", descriptor, bytes, size, flags, to, to_size);
}

int setsockopt(int descriptor, int level, int name, const void* value, socklen_t size) noexcept {
  return act<Call::kSetSockOpt>(&::setsockopt, "setsockopt", descriptor, level, name, value, size);
}

int socket(int domain, int type, int protocol) noexcept {
  return act<Call::kSocket>(&::socket, "socket", domain, type, protocol);
}

int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
  static auto* const real = find_next(&::getaddrinfo, "getaddrinfo");
  return real(host == std::string_view(kHere) ? "127.0.0.1" : host, service, hints, found);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
