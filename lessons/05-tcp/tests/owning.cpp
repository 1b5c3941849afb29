// Whose socket it is: taken over, given back, moved, and closed.
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <nara/misuse.hpp>
#include <nara/sys/file.hpp>
#include <nara/sys/socket.hpp>
#include <optional>
#include <string>
#include <testkit/descriptors.hpp>
#include <utility>

#include "net.hpp"

using nara::Misuse;
using nara::test::is_non_blocking;
using nara::test::open_descriptors;

namespace {

void make_blocking(const OwnedFd& socket) {
  const int flags = ::fcntl(socket.fd(), F_GETFL);
  REQUIRE(::fcntl(socket.fd(), F_SETFL, flags & ~O_NONBLOCK) == 0);
}

/// Reads so many bytes past the library, which keeps the thread until they are there.
std::string receive(const OwnedFd& socket, std::size_t size) {
  std::string text(size, '\0');
  REQUIRE(::recv(socket.fd(), text.data(), size, MSG_WAITALL) == std::ssize(text));
  return text;
}

}  // namespace

TEST_CASE("a socket of TCP binds, listens, connects, and is connected") {
  Turned turned;
  for (const SocketAddr where : loopbacks()) {
    for (const bool binds : {false, true}) {
      step(binds ? "the client binds first, at " : "the client does not bind, at ", where);
      TcpSocket door = where.is_v4() ? TcpSocket::new_v4().value() : TcpSocket::new_v6().value();
      CHECK(door.bind(where).has_value());
      const TcpListener listener = std::move(door).listen(1).value();
      TcpSocket socket = TcpSocket::new_for(where).value();
      SocketAddr from(where);
      if (binds) {
        CHECK(socket.bind(where).has_value());
        from = socket.local_addr().value();
      }
      const SocketAddr to = listener.local_addr().value();
      const TcpStream client = finish(turned, std::move(socket).connect(to)).value();
      const Accepted accepted = finish(turned, listener.accept()).value();
      CHECK(accepted.peer == client.local_addr());
      if (binds) CHECK(accepted.peer == from);
    }
  }
}

TEST_CASE("of two sockets that are bound to one place, one can listen") {
  Turned turned;
  TcpSocket first = TcpSocket::new_v4().value();
  TcpSocket second = TcpSocket::new_v4().value();
  for (const TcpSocket* socket : {&first, &second}) {
    CHECK(socket->set_reuseaddr(true).has_value());
  }
  CHECK(first.bind(kAnyPort).has_value());
  CHECK(second.bind(first.local_addr().value()).has_value());
  const auto listener = std::move(first).listen(1);
  CHECK(listener.has_value());
  CHECK(error_of(std::move(second).listen(1)) == std::errc::address_in_use);
}

TEST_CASE("to listen without a runtime is a misuse") {
  TcpSocket socket = TcpSocket::new_v4().value();
  CHECK_THROWS_AS((void)std::move(socket).listen(1), Misuse);
}

TEST_CASE("a stream goes to blocking calls and back, and no byte is lost") {
  TurnedPair pair;
  pair.deliver("first, ");
  CHECK(finish(pair.turned, read_exactly(pair.client, 3)) == "fir");
  const OwnedFd socket = std::move(pair.client).into_fd();
  CHECK(is_non_blocking(socket.fd()));
  CHECK(pair.turned.reactor().size() == 1);
  finish(pair.turned, write_all(pair.server, "second, "));
  make_blocking(socket);
  CHECK(receive(socket, 6) == "st, se");
  finish(pair.turned, write_all(pair.server, "third"));
  OwnedFd back(::dup(socket.fd()));
  const TcpStream client = TcpStream::from_fd(std::move(back)).value();
  CHECK(is_non_blocking(client.fd()));
  CHECK(finish(pair.turned, read_exactly(client, 11)) == "cond, third");
  finish(pair.turned, write_all(client, "answer"));
  CHECK(finish(pair.turned, read_exactly(pair.server, 6)) == "answer");
}

TEST_CASE("a listener goes to blocking calls and back, and no connection is lost") {
  Door door;
  const TcpStream first = door.knock();
  OwnedFd socket = std::move(door.listener).into_fd();
  CHECK(is_non_blocking(socket.fd()));
  make_blocking(socket);
  const auto second =
      finish(door.turned, TcpStream::connect(nara::sys::local_addr(socket.fd()).value()));
  const OwnedFd accepted(::accept(socket.fd(), nullptr, nullptr));
  CHECK(nara::sys::peer_addr(accepted.fd()) == first.local_addr());
  const TcpListener listener = TcpListener::from_fd(std::move(socket)).value();
  CHECK(is_non_blocking(listener.fd()));
  CHECK(finish(door.turned, listener.accept()).value().peer == second->local_addr());
}

TEST_CASE("a socket that is nothing yet may be taken over, and given back") {
  OwnedFd plain(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int number = plain.fd();
  TcpSocket socket = TcpSocket::from_fd(std::move(plain)).value();
  CHECK(socket.fd() == number);
  CHECK(is_non_blocking(number));
  const OwnedFd back = std::move(socket).into_fd();
  CHECK(back.fd() == number);
  CHECK(is_non_blocking(number));
}

TEST_CASE("what is no socket that can be waited for is not taken over, and closed") {
  Turned turned;
  const std::ptrdiff_t before = open_descriptors();
  CHECK(error_of(TcpStream::from_fd(OwnedFd())) == std::errc::bad_file_descriptor);
  CHECK(error_of(TcpListener::from_fd(OwnedFd())) == std::errc::bad_file_descriptor);
  CHECK(error_of(TcpSocket::from_fd(OwnedFd())) == std::errc::bad_file_descriptor);
  const auto file = [] { return OwnedFd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC)); };
  CHECK(error_of(TcpStream::from_fd(file())) == std::errc::operation_not_permitted);
  CHECK(error_of(TcpListener::from_fd(file())) == std::errc::operation_not_permitted);
  CHECK(open_descriptors() == before);
}

TEST_CASE("to take over a socket without a runtime is a misuse") {
  std::optional<OwnedFd> socket;
  {
    TurnedPair pair;
    socket = std::move(pair.client).into_fd();
  }
  CHECK_THROWS_AS((void)TcpStream::from_fd(std::move(*socket)), Misuse);
}

TEST_CASE(
    "a stream that is moved takes its connection with it, and one that is destroyed ends it") {
  Turned turned;
  const std::ptrdiff_t before = open_descriptors();
  {
    Pair pair = finish(turned, connected());
    Pair other = finish(turned, connected());
    TcpStream client = std::move(pair.client);
    finish(turned, write_all(pair.server, "abc"));
    CHECK(finish(turned, read_text(client)) == "abc");
    client = std::move(other.client);
    finish(turned, write_all(other.server, "def"));
    CHECK(finish(turned, read_text(client)) == "def");
    {
      const TcpStream gone = std::move(client);
    }
    CHECK(finish(turned, read_text(other.server)) == "");
  }
  CHECK(open_descriptors() == before);
  CHECK(turned.reactor().size() == 0);
}
