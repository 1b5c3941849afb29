// Taking connections, one after the other.
#include <cerrno>
#include <nara/misuse.hpp>
#include <optional>
#include <testkit/descriptors.hpp>
#include <utility>
#include <vector>

#include "faults.hpp"
#include "net.hpp"

using nara::Context;
using nara::Misuse;
using nara::test::open_descriptors;

namespace {

auto poll_accept(TcpListener& listener) {
  return nara::poll_fn([&](Context& context) { return listener.poll_accept(context); });
}

/// Somebody calls `poll_accept()`, and does not come back.
void call_and_go(TcpListener& listener) {
  const nara::Waker nobody = nara::Waker::noop();
  Context context(nobody);
  CHECK(listener.poll_accept(context).is_pending());
}

}  // namespace

TEST_CASE("who accepts sleeps until somebody comes") {
  Door door;
  auto accept = by_hand(door.listener.accept());
  CHECK(accept.poll().is_pending());
  CHECK_FALSE(door.turned.turn());
  CHECK_FALSE(accept.is_woken());
  const TcpStream client = door.knock();
  CHECK(accept.is_woken());
  CHECK(accept.poll().value().value().peer == client.local_addr());
}

TEST_CASE("connections are taken in the order in which they came, without another event") {
  Door door;
  std::vector<TcpStream> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(door.knock());
  for (const TcpStream& client : clients) {
    CHECK(by_hand(door.listener.accept()).poll().value().value().peer == client.local_addr());
  }
  CHECK(by_hand(door.listener.accept()).poll().is_pending());
}

TEST_CASE("an accept that is given up loses no connection") {
  Door door;
  auto given_up = by_hand(door.listener.accept());
  CHECK(given_up.poll().is_pending());
  const TcpStream client = door.knock();
  CHECK(given_up.is_woken());
  given_up.cancel();
  CHECK(given_up.wakers_out() == 0);
  CHECK(door.take().peer == client.local_addr());
}

TEST_CASE("the failure of a connection that was not accepted yet is passed over") {
  Door door;
  for (const int error : {ECONNABORTED, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH, EHOSTDOWN,
                          EHOSTUNREACH, ENONET, EOPNOTSUPP, EPERM, EINTR}) {
    step("accept4() says ", system_error(error).message());
    Script accepts(Call::kAccept, {error, error});
    const TcpStream client = door.knock();
    const auto answer = by_hand(door.listener.accept()).poll();
    REQUIRE(answer.is_ready());
    CHECK(accepts.calls() == 3);
  }
  step("many of them do not keep the thread from everybody else");
  const TcpStream client = door.knock();
  Script accepts(Call::kAccept, std::vector<int>(200, ECONNABORTED));
  auto accept = by_hand(door.listener.accept());
  CHECK(accept.poll().is_pending());
  CHECK(accept.is_woken());
  CHECK(accepts.calls() <= Context::kBudget);
  CHECK(accept.poll().is_ready());
}

TEST_CASE("a connection that is gone when it is to be accepted is waited for no longer") {
  Door door;
  (void)door.knock();
  Script accepts(Call::kAccept, {EAGAIN});
  auto accept = by_hand(door.listener.accept());
  CHECK(accept.poll().is_pending());
  CHECK_FALSE(accept.is_woken());
  CHECK(accepts.calls() == 1);
}

TEST_CASE("an error of the listener itself is given, and the next accept tries again") {
  Door door;
  const TcpStream client = door.knock();
  for (const int error : {EINVAL, EBADF, ENOTSOCK}) {
    Script accepts(Call::kAccept, {error});
    CHECK(error_of(by_hand(door.listener.accept()).poll().value()) == system_error(error));
  }
  CHECK(door.take().peer == client.local_addr());
}

TEST_CASE("a connection that cannot be watched is closed, and why is said") {
  Door door;
  const TcpStream client = door.knock();
  const std::ptrdiff_t before = open_descriptors();
  Script controls(Call::kEpollCtl, {ENOSPC});
  CHECK(error_of(by_hand(door.listener.accept()).poll().value()) == std::errc::no_space_on_device);
  CHECK(open_descriptors() == before);
  CHECK(finish(door.turned, read_text(client)) == "");
}

TEST_CASE("the task that has called poll_accept last is woken, and may come again and again") {
  Door door;
  auto first = by_hand(poll_accept(door.listener));
  auto second = by_hand(poll_accept(door.listener));
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  for (int round = 0; round < 3; ++round) {
    const TcpStream client = door.knock();
    CHECK_FALSE(first.is_woken());
    CHECK(second.is_woken());
    CHECK(second.poll().value().value().peer == client.local_addr());
    CHECK(second.poll().is_pending());
  }
  step("also after an error");
  Script accepts(Call::kAccept, {EINVAL});
  const TcpStream client = door.knock();
  CHECK(error_of(second.poll().value()) == std::errc::invalid_argument);
  CHECK(second.poll().value().value().peer == client.local_addr());
}

TEST_CASE("a listener may be moved when who called poll_accept has gone") {
  Door door;
  call_and_go(door.listener);
  step("move it away");
  TcpListener moved = std::move(door.listener);
  call_and_go(moved);
  TcpStream client = finish(door.turned, TcpStream::connect(moved.local_addr().value())).value();
  CHECK(finish(door.turned, poll_accept(moved)).value().peer == client.local_addr());
  step("give it to another one");
  TcpListener other = finish(door.turned, listen());
  call_and_go(other);
  call_and_go(moved);
  other = std::move(moved);
  call_and_go(other);
  client = finish(door.turned, TcpStream::connect(other.local_addr().value())).value();
  CHECK(finish(door.turned, poll_accept(other)).value().peer == client.local_addr());
}

TEST_CASE("a listener may give its socket back when who called poll_accept has gone") {
  std::optional<Turned> turned(std::in_place);
  TcpListener listener = finish(*turned, listen());
  call_and_go(listener);
  turned.reset();
  const OwnedFd socket = std::move(listener).into_fd();
  CHECK(socket.fd() != -1);
}

TEST_CASE("who accepts is woken when the runtime goes, and told") {
  Door door;
  auto accept = by_hand(door.listener.accept());
  auto polled = by_hand(poll_accept(door.listener));
  CHECK(accept.poll().is_pending());
  CHECK(polled.poll().is_pending());
  door.turned.driver().shut_down();
  CHECK(accept.is_woken());
  CHECK(polled.is_woken());
  CHECK(nara::io::is_shutdown(accept.poll().value().error()));
  CHECK(nara::io::is_shutdown(polled.poll().value().error()));
}

TEST_CASE("accepting without a runtime is a misuse") {
  std::optional<nara::Runtime> runtime = nara::Runtime::create().value();
  const TcpListener listener = runtime->block_on(listen());
  const TcpStream client =
      runtime->block_on(TcpStream::connect(listener.local_addr().value())).value();
  runtime->block_on(nara::test::let_run(200));
  const std::ptrdiff_t before = open_descriptors();
  CHECK_THROWS_AS((void)by_hand(listener.accept()).poll(), Misuse);
  CHECK(open_descriptors() == before);
}
