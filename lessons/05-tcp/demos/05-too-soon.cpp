// A socket that is registered before it connects, and what the reactor believes of it.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/reactor.hpp>

#include "sockets.hpp"

using nara::Async;
using nara::AsyncFd;

void tell(const char* what, nara::io::Ready ready) {
  std::printf("%s writable: %d, closed: %d\n", what, ready.is_writable(), ready.is_write_closed());
}

// [too_soon]
Async<> register_too_soon(SocketAddr nobody_answers) {
  OwnedFd phone = nara::sys::socket(AF_INET, SOCK_STREAM).value();
  const auto socket = AsyncFd<OwnedFd>::try_new(std::move(phone)).value();
  const auto before = co_await socket.writable();
  tell("nobody was called:  ", before->ready());

  (void)nara::sys::connect(socket.fd(), nobody_answers);
  auto after = co_await socket.writable();
  tell("nobody has answered:", after->ready());
  const auto error = nara::sys::get_option<int>(socket.fd(), SOL_SOCKET, SO_ERROR);
  std::printf("SO_ERROR: %d\n", *error);
  const auto sent = nara::sys::send(socket.fd(), nara::io::as_bytes("hello"));
  std::printf("send: %s\n", sent.error().message().c_str());
}
// [/too_soon]

int main() {
  const OwnedFd busy = listen_somewhere(0);
  const OwnedFd waits = dial(address_of(busy));
  nara::CurrentThread executor(nara::EpollDriver::open().value());
  executor.block_on(register_too_soon(address_of(busy)));
}
