// Who says that there is no more.
#include <sys/socket.h>

#include <nara/net/split.hpp>
#include <nara/sys/socket.hpp>
#include <nara/todo.hpp>

namespace nara::inline NARA_BUILD::net {

std::pair<OwnedReadHalf, OwnedWriteHalf> into_split(TcpStream stream) {
  return todo("06-layer: into_split() makes two halves that own the stream together");
}

OwnedWriteHalf::~OwnedWriteHalf() {
  todo("06-layer: an OwnedWriteHalf that goes says that there will be no more");
}

std::expected<TcpStream, ReuniteError> reunite(OwnedReadHalf reader, OwnedWriteHalf writer) {
  return todo("06-layer: reunite() gives the stream, or both halves back");
}

}  // namespace nara::inline NARA_BUILD::net
