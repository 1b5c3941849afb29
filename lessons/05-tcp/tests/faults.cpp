// The functions of the C library that stand in for the real ones: see <testkit/script.hpp>.
#include "faults.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <string>

using nara::test::act;
using nara::test::find_next;

namespace {

/// What the system knows about names.
struct Directory {
  std::mutex mutex;
  std::condition_variable may_answer;
  bool is_ours = false;  ///< Guarded by `mutex`, like all that follows.
  bool is_held = false;
  int waiting = 0;
  int answer = 0;
  int error = 0;
  Names::Hosts hosts;
};

Directory& directory() {
  static Directory directory;
  return directory;
}

int ask_the_system(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
  static auto* const real = find_next(&::getaddrinfo, "getaddrinfo");
  return real(host, service, hints, found);
}

/// The list of these addresses. The C library frees it one by one.
addrinfo* list_of(const std::vector<std::string>& addresses, const addrinfo* hints) {
  addrinfo* list = nullptr;
  addrinfo** end = &list;
  for (const std::string& address : addresses) {
    (void)ask_the_system(address.c_str(), nullptr, hints, end);
    end = &(*end)->ai_next;
  }
  return list;
}

}  // namespace

Names::Names(std::initializer_list<Hosts::value_type> hosts) {
  const std::lock_guard lock(directory().mutex);
  directory().is_ours = true;
  directory().answer = EAI_NONAME;
  directory().hosts = hosts;
}

Names::Names(int answer, int error) {
  const std::lock_guard lock(directory().mutex);
  directory().is_ours = true;
  directory().answer = answer;
  directory().error = error;
}

Names::~Names() {
  answer();
  const std::lock_guard lock(directory().mutex);
  directory().is_ours = false;
  directory().hosts.clear();
}

void Names::hold() {
  const std::lock_guard lock(directory().mutex);
  directory().is_held = true;
}

void Names::answer() {
  const std::lock_guard lock(directory().mutex);
  directory().is_held = false;
  directory().may_answer.notify_all();
}

int Names::waiting() const {
  const std::lock_guard lock(directory().mutex);
  return directory().waiting;
}

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library names none.
extern "C" {

int accept4(int descriptor, sockaddr* peer, socklen_t* size, int flags) {
  return act<Call::kAccept>(&::accept4, "accept4", descriptor, peer, size, flags);
}

int bind(int descriptor, const sockaddr* address, socklen_t size) noexcept {
  return act<Call::kBind>(&::bind, "bind", descriptor, address, size);
}

int connect(int descriptor, const sockaddr* address, socklen_t size) {
  static auto* const real = find_next(&::connect, "connect");
  const int error = Script::take(Call::kConnect);
  if (error == kAtOnce) {
    const int flags = ::fcntl(descriptor, F_GETFL);
    ::fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
    const int answer = real(descriptor, address, size);
    ::fcntl(descriptor, F_SETFL, flags);
    return answer;
  }
  // A signal does not stop it.
  const int answer = error == 0 || error == EINTR ? real(descriptor, address, size) : -1;
  if (error == 0) return answer;
  errno = error;
  return -1;
}

int epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) noexcept {
  return act<Call::kEpollCtl>(&::epoll_ctl, "epoll_ctl", epoll, operation, descriptor, event);
}

int getpeername(int descriptor, sockaddr* address, socklen_t* size) noexcept {
  return act<Call::kGetPeerName>(&::getpeername, "getpeername", descriptor, address, size);
}

int getsockname(int descriptor, sockaddr* address, socklen_t* size) noexcept {
  return act<Call::kGetSockName>(&::getsockname, "getsockname", descriptor, address, size);
}

int getsockopt(int descriptor, int level, int name, void* value, socklen_t* size) noexcept {
  return act<Call::kGetSockOpt>(&::getsockopt, "getsockopt", descriptor, level, name, value, size);
}

int listen(int descriptor, int backlog) noexcept {
  return act<Call::kListen>(&::listen, "listen", descriptor, backlog);
}

ssize_t read(int descriptor, void* into, size_t size) {
  return act<Call::kRead>(&::read, "read", descriptor, into, size);
}

ssize_t readv(int descriptor, const iovec* into, int count) {
  return act<Call::kReadV>(&::readv, "readv", descriptor, into, count);
}

ssize_t recv(int descriptor, void* into, size_t size, int flags) {
  return act<Call::kRecv>(&::recv, "recv", descriptor, into, size, flags);
}

ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
  return act<Call::kSend>(&::send, "send", descriptor, bytes, size, flags);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  return act<Call::kSendMsg>(&::sendmsg, "sendmsg", descriptor, message, flags);
}

int setsockopt(int descriptor, int level, int name, const void* value, socklen_t size) noexcept {
  return act<Call::kSetSockOpt>(&::setsockopt, "setsockopt", descriptor, level, name, value, size);
}

int shutdown(int descriptor, int how) noexcept {
  return act<Call::kShutdown>(&::shutdown, "shutdown", descriptor, how);
}

int socket(int domain, int type, int protocol) noexcept {
  return act<Call::kSocket>(&::socket, "socket", domain, type, protocol);
}

int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
  Directory& known = directory();
  std::unique_lock lock(known.mutex);
  ++known.waiting;
  known.may_answer.wait(lock, [&] { return !known.is_held; });
  --known.waiting;
  if (!known.is_ours) return ask_the_system(host, service, hints, found);
  const auto entry = known.hosts.find(host);
  if (entry != known.hosts.end()) {
    *found = list_of(entry->second, hints);
    return 0;
  }
  errno = known.error;
  return known.answer;
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
