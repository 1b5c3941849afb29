// What becomes of bytes that nobody reads, and how a connection ends.
#include <poll.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <vector>

#include "../../01-futures/demos/in_a_child.hpp"
#include "sockets.hpp"

using nara::io::as_bytes;

void tell(const char* who, const nara::io::Result<std::size_t>& size) {
  if (size) std::printf("  %s: %zu\n", who, *size);
  if (!size) std::printf("  %s: %s\n", who, size.error().message().c_str());
}

void read_some(const char* who, const OwnedFd& call) {
  std::array<std::byte, 100> into{};
  tell(who, nara::sys::recv(call.fd(), into));
}

void write_some(const char* who, const OwnedFd& call) {
  tell(who, nara::sys::send(call.fd(), as_bytes("hello?")));
}

void hang_up(OwnedFd& call) { const OwnedFd gone = std::move(call); }

/// Waits until the other side has said that it knows no such call.
void wait_for_reset(const OwnedFd& call) {
  pollfd wait{.fd = call.fd(), .events = 0, .revents = 0};
  (void)::poll(&wait, 1, 1000);
}

void write_much() {
  std::printf("64 MiB to somebody who does not listen\n");
  const Call call = call_somebody();
  (void)nara::sys::set_nonblocking(call.caller.fd());
  const std::vector<std::byte> story(std::size_t{64} << 20);
  const auto taken = nara::sys::send(call.caller.fd(), story);
  std::printf("  write: %s\n", *taken < story.size() ? "a part of it" : "all of it");
  write_some("write", call.caller);
}

// [end]
void end_in_order() {
  std::printf("the other side says bye, and hangs up\n");
  Call call = call_somebody();
  say(call.callee, "bye");
  hang_up(call.callee);
  for (int i = 0; i < 3; ++i) read_some("read", call.caller);
  write_some("write", call.caller);
  wait_for_reset(call.caller);
  write_some("write", call.caller);
}
// [/end]

void hang_up_on_somebody() {
  std::printf("the other side hangs up before it has read all\n");
  Call call = call_somebody();
  say(call.caller, "and another thing");
  hang_up(call.callee);
  for (int i = 0; i < 2; ++i) read_some("read", call.caller);
  write_some("write", call.caller);
}

void hang_up_while_it_rings() {
  std::printf("a caller hangs up before we pick up\n");
  const OwnedFd telephone = listen_somewhere();
  OwnedFd caller = dial(address_of(telephone));
  constexpr linger kThrowAway{.l_onoff = 1, .l_linger = 0};
  (void)nara::sys::set_option(caller.fd(), SOL_SOCKET, SO_LINGER, kThrowAway);
  hang_up(caller);
  const OwnedFd call(::accept4(telephone.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  std::printf("  accept: %s\n", call.fd() == -1 ? "an error" : "a connection");
  read_some("read", call);
}

void write_with_a_signal() {
  std::printf("write(2) instead of send(2), to somebody who has hung up\n");
  Call call = call_somebody();
  hang_up(call.callee);
  say(call.caller, "hello?");
  wait_for_reset(call.caller);
  const bool is_alive = survives([&call] {
    std::signal(SIGPIPE, SIG_DFL);
    (void)nara::sys::write(call.caller.fd(), as_bytes("hello?"));
  });
  std::printf("  the process %s\n", is_alive ? "goes on" : "is killed");
}

int main() {
  write_much();
  end_in_order();
  hang_up_on_somebody();
  hang_up_while_it_rings();
  write_with_a_signal();
}
