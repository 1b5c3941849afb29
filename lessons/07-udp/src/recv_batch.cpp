// Receiving many datagrams with one system call.
#include <nara/misuse.hpp>
#include <nara/net/datagram.hpp>
#include <nara/sys/datagram.hpp>

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

// [receive]
io::Result<std::size_t> RecvBatch::receive(int descriptor) {
  if (messages_.empty()) throw Misuse("recv_batch() with a RecvBatch that was moved from");
  // BEGIN SOLUTION
  // STARTER: return todo("07-layer: receive() makes one call, and lists what has come");
  prepare();
  const auto count = sys::recv_many(descriptor, messages_);
  if (!count) return count;
  for (std::size_t i = 0; i < *count; ++i) {
    received_.push_back(datagram_of(messages_[i], notes_[i]));
  }
  return count;
  // END SOLUTION
}
// [/receive]

// [prepare]
/// All is as before the first one: the kernel shortens what it did not fill.
void RecvBatch::prepare() noexcept {
  // BEGIN SOLUTION
  // STARTER: todo("07-layer: prepare() tells the kernel where to write, for each message anew");
  received_.clear();
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    Note& note = notes_[i];
    messages_[i].msg_hdr = {.msg_name = note.from.data(),
                            .msg_namelen = note.from.size,
                            .msg_iov = &note.piece,
                            .msg_iovlen = 1,
                            .msg_control = note.control.data(),
                            .msg_controllen = note.control.size(),
                            .msg_flags = 0};
  }
  // END SOLUTION
}
// [/prepare]

// [datagram_of]
Datagram RecvBatch::datagram_of(mmsghdr& message, const Note& note) noexcept {
  // BEGIN SOLUTION
  // STARTER: return todo("07-layer: datagram_of() reads what the kernel has written");
  const auto* const bytes = static_cast<const std::byte*>(note.piece.iov_base);
  return {.bytes = {bytes, message.msg_len},
          .peer = sys::address_of(*note.from.data()),
          .segment = sys::segment_of(message.msg_hdr),
          .truncated = (message.msg_hdr.msg_flags & MSG_TRUNC) != 0};
  // END SOLUTION
}
// [/datagram_of]

}  // namespace nara::inline NARA_BUILD::net
