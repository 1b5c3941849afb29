// Connecting: a call that may say that it takes a while, and then news of how it went.
#include <nara/misuse.hpp>
#include <nara/net/connecting.hpp>
#include <nara/sys/socket.hpp>

namespace nara::inline NARA_BUILD::net {

// [poll]
Poll<Connecting::Output> Connecting::poll(Context& context) {
  if (!stream_) {
    if (socket_.fd() == -1) throw Misuse("connect() was polled again after it was ready");
    // BEGIN SOLUTION
    // STARTER: return todo("05-layer: Connecting::poll() begins to connect, and registers the socket");
    OwnedFd socket = std::move(socket_);
    // Why before it is registered: of a socket that was never connected, the kernel says that both
    // directions are closed, and that would be remembered.
    const io::Result<void> begun = sys::connect(socket.fd(), address_);
    if (!begun && begun.error() != std::errc::operation_in_progress) return fail(begun.error());
    Output stream = TcpStream::registered(std::move(socket));
    if (begun || !stream) return stream;
    stream_.emplace(*std::move(stream));
    writable_.emplace(stream_->writable());
    // END SOLUTION
  }
  // BEGIN SOLUTION
  // STARTER: return todo("05-layer: Connecting::poll() waits until it is writable, and asks how it went");
  auto writable = writable_->poll(context);
  if (writable.is_pending()) return kPending;
  TcpStream stream = *std::exchange(stream_, std::nullopt);
  if (!writable.value()) return fail(writable.value().error());
  // It is writable when it is connected, and also when that has failed.
  const io::Result<std::error_code> error = stream.take_error();
  if (!error) return fail(error.error());
  if (*error) return fail(*error);
  return Output(std::move(stream));
  // END SOLUTION
}
// [/poll]

}  // namespace nara::inline NARA_BUILD::net
