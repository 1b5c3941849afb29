// Receiving many datagrams with one system call.
#include <nara/misuse.hpp>
#include <nara/net/datagram.hpp>
#include <nara/sys/datagram.hpp>
#include <nara/todo.hpp>

namespace nara::inline NARA_BUILD::net {

RecvBatch::RecvBatch(std::size_t datagrams, std::size_t bytes) {
  if (datagrams == 0 || datagrams > kMost) {
    throw Misuse("a RecvBatch has room for 1 to 1,024 datagrams, not for " +
                 std::to_string(datagrams));
  }
  bytes_ = std::make_unique_for_overwrite<std::byte[]>(datagrams * bytes);
  notes_.resize(datagrams);
  messages_.resize(datagrams);
  received_.reserve(datagrams);
  for (std::size_t i = 0; i < datagrams; ++i) {
    notes_[i].piece = {.iov_base = bytes_.get() + i * bytes, .iov_len = bytes};
  }
}

io::Result<std::size_t> RecvBatch::receive(int descriptor) {
  if (messages_.empty()) throw Misuse("recv_batch() with a RecvBatch that was moved from");
  return todo("07-layer: receive() makes one call, and lists what has come");
}

/// All is as before the first one: the kernel shortens what it did not fill.
void RecvBatch::prepare() noexcept {
  todo("07-layer: prepare() tells the kernel where to write, for each message anew");
}

Datagram RecvBatch::datagram_of(mmsghdr& message, const Note& note) noexcept {
  return todo("07-layer: datagram_of() reads what the kernel has written");
}

}  // namespace nara::inline NARA_BUILD::net
