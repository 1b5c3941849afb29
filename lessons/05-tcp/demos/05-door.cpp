// What accept() may say beside a connection and EAGAIN. The kernel here says what we want.
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>

#include "paused.hpp"
#include "sockets.hpp"

using nara::Async;
using nara::AsyncFd;
using nara::io::Interest;
using nara::net::TcpListener;
using namespace std::chrono_literals;

// [kernel]
int says = 0;   ///< This error, unless it is 0.
int tries = 0;  ///< How often it was asked. After a thousand times, it gives in.

/// The library and this program call this one, and not that of the system's library.
extern "C" int accept4(int fd, sockaddr* addr, socklen_t* addr_len, int flags) {
  if (++tries > 1000) says = 0;
  errno = says;
  if (says == ECONNABORTED) says = 0;  // That is about one caller, not about the next.
  if (errno != 0) return -1;
  return static_cast<int>(::syscall(SYS_accept4, fd, addr, addr_len, flags));
}
// [/kernel]

nara::io::Result<nara::sys::AcceptedFd> pick_up(const OwnedFd& telephone) {
  return nara::sys::accept(telephone.fd());
}

/// The toy: an error is the end.
Async<bool> gives_up(OwnedFd listener) {
  const auto telephone = AsyncFd<OwnedFd>::try_new(std::move(listener)).value();
  const auto call = co_await telephone.async_io(Interest::kReadable, pick_up);
  co_return call.has_value();
}

/// An error is a reason to try again.
Async<bool> tries_again(OwnedFd listener) {
  const auto telephone = AsyncFd<OwnedFd>::try_new(std::move(listener)).value();
  while (true) {
    const auto call = co_await telephone.async_io(Interest::kReadable, pick_up);
    if (call) co_return true;
  }
}

Async<bool> the_layer(OwnedFd listener) {
  const TcpListener telephone = TcpListener::from_fd(std::move(listener)).value();
  const auto call = co_await telephone.accept();
  co_return call.has_value();
}

Async<> end_of_misery() {
  co_await nara::time::sleep(100ms);
  says = 0;
}

using Door = Async<bool> (*)(OwnedFd listener);

/// Somebody has called already, and the kernel says this for 100 ms.
Async<> pick_up_once(const char* name, Door door, int error) {
  OwnedFd listener = listen_somewhere();
  (void)nara::sys::set_nonblocking(listener.fd());
  const OwnedFd caller = dial(address_of(listener));
  says = error;
  tries = 0;
  const nara::time::Instant start = nara::time::now();
  nara::JoinHandle<void> misery = nara::spawn(end_of_misery());
  const bool has_call = co_await door(std::move(listener));
  misery.abort();
  const char* const what = has_call ? "picks up" : "ends";
  std::printf("  %s %s at try %d, after %d ms\n", name, what, tries, ms_since(start));
}

Async<> try_all() {
  for (const int error : {ECONNABORTED, EMFILE}) {
    std::printf("%s\n", std::system_category().message(error).c_str());
    co_await pick_up_once("the toy:    ", gives_up, error);
    co_await pick_up_once("tries again:", tries_again, error);
    co_await pick_up_once("the layer:  ", the_layer, error);
  }
}

int main() { run_paused_with_sockets(try_all); }
