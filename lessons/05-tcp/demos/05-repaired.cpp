// The same clerk, three times, each of whom lets the heart beat.
#include <array>
#include <nara/async_fd.hpp>
#include <nara/io/stream.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/run_blocking.hpp>

#include "clerk.hpp"

using nara::Async;
using nara::AsyncFd;
using nara::io::Interest;
using nara::net::TcpStream;

// [non_blocking]
/// The call never waits. The task does, in the reactor.
Async<> non_blocking(OwnedFd call) {
  tell("(a call)");
  (void)nara::sys::set_nonblocking(call.fd());
  const auto socket = AsyncFd<OwnedFd>::try_new(std::move(call)).value();
  std::array<std::byte, 100> buffer;
  const nara::io::ReadStream read(buffer);
  const auto size = co_await socket.async_io(Interest::kReadable, read);
  const std::string words(nara::io::as_text(std::span(buffer).first(*size)));
  tell(words.c_str());
  has_heard = true;
}
// [/non_blocking]

// [elsewhere]
/// The call waits, but on another thread.
Async<> on_another_thread(OwnedFd call) {
  tell("(a call)");
  auto listen = [call = std::move(call)] { return hear(call); };
  const std::string words = co_await nara::run_blocking(std::move(listen));
  tell(words.c_str());
  has_heard = true;
}
// [/elsewhere]

// [taken_over]
/// The layer takes the call over: it is the first one, done for us.
Async<> taken_over(OwnedFd call) {
  tell("(a call)");
  const TcpStream stream = TcpStream::from_fd(std::move(call)).value();
  std::array<std::byte, 100> buffer;
  const auto size = co_await stream.read(buffer);
  const std::string words(nara::io::as_text(std::span(buffer).first(*size)));
  tell(words.c_str());
  has_heard = true;
}
// [/taken_over]

int main() {
  std::printf("%-20s", "non-blocking:");
  run(non_blocking);
  std::printf("%-20s", "on another thread:");
  run(on_another_thread);
  std::printf("%-20s", "taken over:");
  run(taken_over);
}
