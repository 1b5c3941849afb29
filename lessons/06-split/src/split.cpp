// Who says that there is no more.
#include <sys/socket.h>

#include <nara/net/split.hpp>
#include <nara/sys/socket.hpp>

namespace nara::inline NARA_BUILD::net {

// [into_split]
// [drop]
std::pair<OwnedReadHalf, OwnedWriteHalf> into_split(TcpStream stream) {
  const detail::SharedStream shared(std::move(stream));
  return {OwnedReadHalf(shared), OwnedWriteHalf(shared)};
}

OwnedWriteHalf::~OwnedWriteHalf() {
  if (stream_) (void)sys::shutdown(stream_->fd(), SHUT_WR);
}
// [/drop]

std::expected<TcpStream, ReuniteError> reunite(OwnedReadHalf reader, OwnedWriteHalf writer) {
  if (&*reader.stream_ != &*writer.stream_) {
    return std::unexpected(ReuniteError{std::move(reader), std::move(writer)});
  }
  TcpStream stream = std::move(*reader.stream_);
  std::move(writer).forget();
  return stream;
}
// [/into_split]

}  // namespace nara::inline NARA_BUILD::net
