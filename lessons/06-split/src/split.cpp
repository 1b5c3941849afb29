// Who says that there is no more.
#include <sys/socket.h>

#include <nara/net/split.hpp>
#include <nara/sys/socket.hpp>

namespace nara::inline NARA_BUILD::net {

// [into_split]
std::pair<OwnedReadHalf, OwnedWriteHalf> into_split(TcpStream stream) {
  // BEGIN SOLUTION
  // STARTER: return todo("06-layer: into_split() makes two halves that own the stream together");
  const detail::SharedStream shared(std::move(stream));
  return {OwnedReadHalf(shared), OwnedWriteHalf(shared)};
  // END SOLUTION
}

OwnedWriteHalf::~OwnedWriteHalf() {
  // BEGIN SOLUTION
  // STARTER: todo("06-layer: an OwnedWriteHalf that goes says that there will be no more");
  if (stream_) (void)sys::shutdown(stream_->fd(), SHUT_WR);
  // END SOLUTION
}

std::expected<TcpStream, ReuniteError> reunite(OwnedReadHalf reader, OwnedWriteHalf writer) {
  // BEGIN SOLUTION
  // STARTER: return todo("06-layer: reunite() gives the stream, or both halves back");
  if (&*reader.stream_ != &*writer.stream_) {
    return std::unexpected(ReuniteError{std::move(reader), std::move(writer)});
  }
  TcpStream stream = std::move(*reader.stream_);
  std::move(writer).forget();
  return stream;
  // END SOLUTION
}
// [/into_split]

}  // namespace nara::inline NARA_BUILD::net
