// What arrives and what is sent where there is no connection: one datagram, or many at once.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nara/io/result.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/sys/socket.hpp>
#include <span>
#include <vector>

namespace nara::inline NARA_BUILD::net {

namespace detail {
struct RecvMany;
}

/// A datagram that has arrived. One of 0 bytes is a datagram like any other, and no end.
struct Received {
  std::size_t size = 0;    ///< How many bytes of it are in the buffer.
  bool truncated = false;  ///< There were more, and they are lost: the buffer was too small.

  constexpr bool operator==(const Received&) const noexcept = default;
};

/// The same, and who has sent it.
struct ReceivedFrom {
  std::size_t size = 0;    ///< How many bytes of it are in the buffer.
  bool truncated = false;  ///< There were more, and they are lost: the buffer was too small.
  SocketAddr from;

  constexpr bool operator==(const ReceivedFrom&) const noexcept = default;
};

/// One of many that are sent or received at once. A view: the bytes belong to somebody else.
struct Datagram {
  // NOLINTBEGIN(readability-redundant-member-init): compilers warn who leaves out one without.
  std::span<const std::byte> bytes{};

  /// Who has sent it, or whom to send it to; with port 0, it is for the one whom the socket is
  /// connected with.
  SocketAddr peer{};
  // NOLINTEND(readability-redundant-member-init)

  /// 0, or the size of each of several datagrams that lie in `bytes` one after the other; the last
  /// may be shorter. Received only after `UdpSocket::set_gro(true)`. UDP_SEGMENT, UDP_GRO.
  std::uint16_t segment = 0;

  /// There were more bytes, and they are lost. Nothing to a datagram that is sent.
  bool truncated = false;
};

/// Room for many datagrams that are received at once, and those that were. All memory is taken when
/// it is made.
///
///   RecvBatch batch(32, 1500);
///   const auto received = co_await socket.recv_batch(batch);
///   const auto sent = co_await socket.send_batch(batch);       // an echo
///
/// It is a range of `Datagram`, those of the last `recv_batch()`. They refer to its memory, and
/// hold until the next one begins. Thread safety: one task at a time. It can be moved while nobody
/// receives.
class RecvBatch {
 public:
  /// How many datagrams one system call receives at most.
  static constexpr std::size_t kMost = 1024;

  /// Room for so many datagrams of so many bytes each: what is longer arrives truncated. Throws
  /// `Misuse` for none, or for more than `kMost`.
  RecvBatch(std::size_t datagrams, std::size_t bytes);

  /// How many there is room for. 0 for one that was moved from.
  std::size_t room() const noexcept { return messages_.size(); }

  /// How many have been received.
  std::size_t size() const noexcept { return received_.size(); }
  bool empty() const noexcept { return received_.empty(); }

  /// One of them, the first to arrive first.
  const Datagram& operator[](std::size_t i) const { return received_[i]; }
  const Datagram* begin() const noexcept { return received_.data(); }
  const Datagram* end() const noexcept { return received_.data() + received_.size(); }

 private:
  friend detail::RecvMany;

  /// What the kernel writes about one datagram, besides its bytes.
  struct Note {
    iovec piece{};
    sys::RawAddr from;
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> control{};
  };

  /// One try: how many have come.
  io::Result<std::size_t> receive(int descriptor);
  void prepare() noexcept;
  static Datagram datagram_of(mmsghdr& message, const Note& note) noexcept;

  std::unique_ptr<std::byte[]> bytes_;
  std::vector<Note> notes_;
  std::vector<mmsghdr> messages_;  ///< Each refers to one of `notes_`.
  std::vector<Datagram> received_;
};

}  // namespace nara::inline NARA_BUILD::net
