// Making a connection, and all the ways in which there is none.
#include <cerrno>
#include <nara/misuse.hpp>
#include <nara/runtime.hpp>
#include <optional>
#include <testkit/descriptors.hpp>
#include <utility>
#include <vector>

#include "faults.hpp"
#include "net.hpp"

using nara::Misuse;
using nara::Runtime;
using nara::test::open_descriptors;

namespace {

Connecting connecting(SocketAddr to) { return TcpSocket::new_for(to).value().connect(to); }

/// What is said when it is polled once more.
void check_is_over(auto& future) {
  CHECK_THROWS_WITH_AS((void)future.poll(), "connect() was polled again after it was ready",
                       Misuse);
}

/// A listener that has as many connections as it wants: who comes now gets no answer.
struct FullListener {
  TcpListener listener;
  std::vector<TcpStream> queue;

  explicit FullListener(Turned& turned) : listener(make()) {
    // Linux lets one in more than it was told.
    queue.push_back(finish(turned, TcpStream::connect(address())).value());
  }

  SocketAddr address() const { return listener.local_addr().value(); }

 private:
  static TcpListener make() {
    TcpSocket socket = TcpSocket::new_v4().value();
    REQUIRE(socket.bind(kAnyPort).has_value());
    return std::move(socket).listen(0).value();
  }
};

}  // namespace

TEST_CASE("nobody listens there: the connection is refused") {
  Turned turned;
  const DeadPort nobody;
  CHECK(error_of(finish(turned, TcpStream::connect(nobody.address()))) ==
        std::errc::connection_refused);
}

TEST_CASE("of several addresses, the first that answers is taken") {
  Turned turned;
  const DeadPort nobody;
  const TcpListener listener = finish(turned, listen());
  const SocketAddr here = listener.local_addr().value();
  const std::vector where{nobody.address(), here, nobody.address()};
  const auto stream = finish(turned, TcpStream::connect(where));
  REQUIRE(stream.has_value());
  CHECK(stream->peer_addr() == here);
}

TEST_CASE("when none of several addresses answers, the last error is given") {
  Turned turned;
  const DeadPort nobody;
  Script connects(Call::kConnect, {ENETUNREACH, EHOSTUNREACH});
  const std::vector several{nobody.address(), nobody.address()};
  CHECK(error_of(finish(turned, TcpStream::connect(several))) == std::errc::host_unreachable);
  CHECK(connects.calls() == 2);
}

TEST_CASE("an address of a kind that this machine does not have is passed over") {
  Turned turned;
  const TcpListener listener = finish(turned, listen());
  const SocketAddr here = listener.local_addr().value();
  const SocketAddr other(IpAddr::loopback_v6(), here.port());
  {
    Script sockets(Call::kSocket, {EAFNOSUPPORT});
    CHECK(finish(turned, TcpStream::connect(std::vector{other, here})).has_value());
  }
  Script sockets(Call::kSocket, {EAFNOSUPPORT, EMFILE});
  CHECK(error_of(finish(turned, TcpStream::connect(std::vector{other, here}))) ==
        std::errc::too_many_files_open);
}

TEST_CASE("a name is looked up, and connected with") {
  const Names names{{"here.test", {"127.0.0.1"}}};
  run_with_drivers([]() -> Async<> {
    const TcpListener listener = co_await listen();
    const auto port = listener.local_addr().value().port();
    const auto stream = co_await TcpStream::connect({"here.test", port});
    CHECK(stream.has_value());
    const auto nobody = co_await TcpStream::connect("there.test:80");
    CHECK(error_of(nobody) == nara::net::Errc::kNoSuchHost);
    const auto malformed = co_await TcpStream::connect("there.test");
    CHECK(error_of(malformed) == nara::net::Errc::kMalformedAddress);
  });
}

TEST_CASE("a connection may be there at once, or take a while, and is given once") {
  Turned turned;
  const TcpListener listener = finish(turned, listen());
  const SocketAddr here = listener.local_addr().value();
  step("it is there at once");
  {
    Script connects(Call::kConnect, {kAtOnce});
    auto future = by_hand(connecting(here));
    auto answer = future.poll();
    REQUIRE(answer.is_ready());
    CHECK(answer.value()->peer_addr() == here);
    check_is_over(future);
  }
  step("it takes a while");
  auto future = by_hand(connecting(here));
  CHECK(future.poll().is_pending());
  CHECK(turned.turn());
  CHECK(future.is_woken());
  auto answer = future.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value()->peer_addr() == here);
  check_is_over(future);
}

TEST_CASE("a connection may fail at once, or after a while, and then it is over") {
  Turned turned;
  const DeadPort nobody;
  const std::ptrdiff_t before = open_descriptors();
  step("it fails at once");
  {
    Script connects(Call::kConnect, {ENETUNREACH});
    auto future = by_hand(connecting(nobody.address()));
    CHECK(error_of(future.poll().value()) == std::errc::network_unreachable);
    CHECK(open_descriptors() == before);
    check_is_over(future);
  }
  step("it fails after a while");
  auto future = by_hand(connecting(nobody.address()));
  auto answer = future.poll();
  if (answer.is_pending()) {
    CHECK(turned.turn());
    CHECK(future.is_woken());
    answer = future.poll();
  }
  CHECK(error_of(answer.value()) == std::errc::connection_refused);
  CHECK(open_descriptors() == before);
  check_is_over(future);
}

TEST_CASE("a connection that a signal interrupts goes on by itself") {
  Turned turned;
  const TcpListener listener = finish(turned, listen());
  Script connects(Call::kConnect, {EINTR});
  const SocketAddr here = listener.local_addr().value();
  CHECK(finish(turned, connecting(here)).value().peer_addr() == here);
  CHECK(connects.calls() == 1);
}

TEST_CASE("a connection that cannot be watched, or asked how it went, is no connection") {
  Turned turned;
  const TcpListener listener = finish(turned, listen());
  const SocketAddr here = listener.local_addr().value();
  const std::ptrdiff_t before = open_descriptors();
  {
    Script controls(Call::kEpollCtl, {ENOSPC});
    CHECK(error_of(finish(turned, connecting(here))) == std::errc::no_space_on_device);
  }
  Script options(Call::kGetSockOpt, {ENOBUFS});
  CHECK(error_of(finish(turned, connecting(here))) == std::errc::no_buffer_space);
  CHECK(open_descriptors() == before);
}

TEST_CASE("a connection that gets no answer can be given up, and closes its socket") {
  Turned turned;
  const FullListener full(turned);
  const std::ptrdiff_t before = open_descriptors();
  auto future = by_hand(connecting(full.address()));
  CHECK(future.poll().is_pending());
  while (turned.turn()) continue;
  CHECK(future.poll().is_pending());
  CHECK(turned.reactor().size() == 3);
  CHECK(described(future.future()) == "connect to " + full.address().to_string());
  future.cancel();
  CHECK(future.wakers_out() == 0);
  CHECK(turned.reactor().size() == 2);
  CHECK(open_descriptors() == before);
}

TEST_CASE("connecting without a runtime is a misuse") {
  const DeadPort nobody;
  const std::ptrdiff_t before = open_descriptors();
  CHECK_THROWS_AS((void)by_hand(connecting(nobody.address())).poll(), Misuse);
  CHECK_THROWS_AS((void)by_hand(TcpStream::connect(nobody.address())).poll(), Misuse);
  CHECK(open_descriptors() == before);
}

TEST_CASE("who waits for a connection is woken when the runtime goes, and told") {
  std::optional<Turned> turned(std::in_place);
  const FullListener full(*turned);
  auto future = by_hand(connecting(full.address()));
  CHECK(future.poll().is_pending());
  turned->driver().shut_down();
  CHECK(future.is_woken());
  CHECK(nara::io::is_shutdown(future.poll().value().error()));
  step("and who comes later is told at once");
  CHECK(nara::io::is_shutdown(by_hand(connecting(full.address())).poll().value().error()));
}

TEST_CASE("each side of a connection has the address that the other side sees") {
  Turned turned;
  for (const SocketAddr where : loopbacks()) {
    step("at ", where);
    const Pair pair = finish(turned, connected(where));
    CHECK(pair.client.local_addr().value().port() != 0);
    CHECK(pair.client.local_addr() == pair.server.peer_addr());
    CHECK(pair.server.local_addr() == pair.client.peer_addr());
    CHECK(pair.client.local_addr().value().ip() == where.ip());
  }
}

TEST_CASE("a stream or a listener whose runtime is gone fails at the first poll") {
  std::optional<Runtime> runtime = Runtime::create().value();
  std::optional<Pair> pair = runtime->block_on(connected());
  TcpListener listener = runtime->block_on(listen());
  const nara::Handle handle = runtime->handle();
  runtime.reset();
  std::array<std::byte, 8> buffer{};
  nara::net::BufferPool pool;
  const TcpStream& stream = pair->client;
  std::vector<std::error_code> errors;
  const auto note = [&](const auto& result) { errors.push_back(error_of(result)); };
  note(nara::block_on(stream.read(buffer)));
  note(nara::block_on(stream.write(buffer)));
  note(nara::block_on(stream.peek(buffer)));
  note(nara::block_on(stream.read_some(pool)));
  note(nara::block_on(stream.read_vectored({})));
  note(nara::block_on(stream.write_vectored({})));
  note(stream.try_read(buffer));
  note(stream.try_write(buffer));
  note(nara::block_on(stream.readable()));
  note(nara::block_on(listener.accept()));
  note(by_hand(nara::poll_fn([&](nara::Context& c) { return listener.poll_accept(c); }))
           .poll()
           .value());
  {
    step("nothing can be added any more");
    const nara::Current inside = handle.enter();
    note(by_hand(TcpStream::connect(listener.local_addr().value())).poll().value());
    note(by_hand(TcpListener::bind(kAnyPort)).poll().value());
    note(TcpStream::from_fd(std::move(pair->server).into_fd()));
  }
  for (const std::error_code error : errors) CHECK(nara::io::is_shutdown(error));
}
