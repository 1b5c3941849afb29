// Connecting: a call that may say that it takes a while, and then news of how it went.
#include <nara/misuse.hpp>
#include <nara/net/connecting.hpp>
#include <nara/sys/socket.hpp>
#include <nara/todo.hpp>

namespace nara::inline NARA_BUILD::net {

Poll<Connecting::Output> Connecting::poll(Context& context) {
  if (!stream_) {
    if (socket_.fd() == -1) throw Misuse("connect() was polled again after it was ready");
    return todo("05-layer: Connecting::poll() begins to connect, and registers the socket");
  }
  return todo("05-layer: Connecting::poll() waits until it is writable, and asks how it went");
}

}  // namespace nara::inline NARA_BUILD::net
