// AsyncFd: whose descriptor it is, and what becomes of it.
#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <memory>
#include <nara/async_fd.hpp>
#include <nara/io/stream.hpp>
#include <nara/misuse.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <testkit/by_hand.hpp>
#include <utility>

#include "descriptors.hpp"

using nara::AsyncFd;
using nara::Misuse;
using nara::OwnedFd;
using nara::io::Interest;
using nara::test::by_hand;
using nara::test::step;

namespace {

using Buffer = std::array<std::byte, 100>;

AsyncFd<int> borrow(const OwnedFd& descriptor) {
  return AsyncFd<int>::try_new(descriptor.fd()).value();
}

/// What there is to read is there, and the driver has said so.
void deliver(Turned& turned, const OwnedFd& writer, std::string_view text = "x") {
  put(writer.fd(), text);
  CHECK(turned.turn());
}

}  // namespace

TEST_CASE("an AsyncFd that is destroyed closes its descriptor") {
  Turned turned;
  Pipe pipe;
  {
    const auto source = wrap(std::move(pipe.writer));
    CHECK(turned.reactor().size() == 1);
  }
  std::array<std::byte, 1> buffer{};
  CHECK(nara::sys::read(pipe.reader.fd(), buffer) == 0);
  CHECK(turned.reactor().size() == 0);
}

TEST_CASE("into_inner leaves the descriptor open, and it can be registered again") {
  Turned turned;
  Pipe pipe;
  auto source = wrap(std::move(pipe.reader));
  OwnedFd reader = std::move(source).into_inner();
  CHECK(turned.reactor().size() == 0);
  put(pipe.writer.fd(), "x");
  CHECK_FALSE(turned.turn());
  const auto again = wrap(std::move(reader));
  CHECK(turned.turn());
  CHECK(by_hand(again.readable()).poll().is_ready());
}

TEST_CASE("an AsyncFd of a descriptor that it does not own leaves it open, and forgets it") {
  Turned turned;
  Pipe pipe;
  {
    const auto source = borrow(pipe.reader);
  }
  put(pipe.writer.fd(), "x");
  CHECK_FALSE(turned.turn());
  const auto again = AsyncFd<const OwnedFd*>::try_new(&pipe.reader).value();
  CHECK(turned.turn());
  CHECK(by_hand(again.readable()).poll().is_ready());
  CHECK(again.get_inner() == &pipe.reader);
}

TEST_CASE("an invalid descriptor is given back with the reason, and so is one that is there") {
  Turned turned;
  const auto invalid = AsyncFd<OwnedFd>::try_new(OwnedFd());
  REQUIRE_FALSE(invalid.has_value());
  CHECK(invalid.error().cause == std::errc::bad_file_descriptor);
  CHECK(invalid.error().inner.fd() == -1);
  Pipe pipe;
  const auto first = borrow(pipe.reader);
  const auto second = AsyncFd<int>::try_new(pipe.reader.fd());
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().cause == std::errc::file_exists);
  CHECK(second.error().inner == pipe.reader.fd());
  step("the first is as it was");
  auto readable = by_hand(first.readable());
  CHECK(readable.poll().is_pending());
  deliver(turned, pipe.writer);
  CHECK(readable.poll().is_ready());
}

TEST_CASE("an AsyncFd that is moved takes its registration with it") {
  Turned turned;
  Pipe pipe;
  auto first = wrap(std::move(pipe.reader));
  const auto second = std::move(first);
  deliver(turned, pipe.writer);
  CHECK(by_hand(second.readable()).poll().is_ready());
  CHECK(turned.reactor().size() == 1);
}

TEST_CASE("an AsyncFd that is assigned to is the other, and that one can go") {
  Turned turned;
  Pipe pipe;
  Pipe other;
  const auto check = [&](auto first, auto second) {
    first = std::move(second);
    {
      const auto gone = std::move(second);
    }
    CHECK(turned.reactor().size() == 1);
    CHECK(by_hand(first.readable()).poll().is_pending());
    deliver(turned, other.writer);
    CHECK(by_hand(first.readable()).poll().is_ready());
    CHECK(drain(first.fd()) == 1);
  };
  step("one that does not own its descriptor");
  check(borrow(pipe.reader), borrow(other.reader));
  step("one that shares it");
  const auto share = [](const OwnedFd& descriptor) {
    const int number = ::fcntl(descriptor.fd(), F_DUPFD_CLOEXEC, 0);
    auto shared = std::make_shared<const OwnedFd>(number);
    return AsyncFd<std::shared_ptr<const OwnedFd>>::try_new(std::move(shared)).value();
  };
  check(share(pipe.reader), share(other.reader));
  step("one that owns it");
  check(wrap(std::move(pipe.reader)), wrap(std::move(other.reader)));
  CHECK(turned.reactor().size() == 0);
}

TEST_CASE("an AsyncFd that was moved from is a misuse") {
  Turned turned;
  Pipe pipe;
  auto gone = wrap(std::move(pipe.reader));
  const auto reader = std::move(gone);
  // NOLINTBEGIN(bugprone-use-after-move): that is what this is about.
  CHECK_THROWS_AS((void)by_hand(gone.readable()).poll(), Misuse);
  const auto never = [](const OwnedFd&) { return nara::io::Result<int>(1); };
  CHECK_THROWS_AS((void)by_hand(gone.async_io(Interest::kReadable, never)).poll(), Misuse);
  CHECK_THROWS_AS((void)gone.try_io(Interest::kReadable, never), Misuse);
  CHECK_THROWS_WITH_AS((void)std::move(gone).into_inner(),
                       "an AsyncFd was used that was moved from: use the one it was moved to",
                       Misuse);
  // NOLINTEND(bugprone-use-after-move)
}

TEST_CASE("an AsyncFd without a runtime is a misuse, and so is one without a reactor") {
  Pipe pipe;
  CHECK_THROWS_AS(borrow(pipe.reader), Misuse);
  const nara::Services none{};
  const nara::Current inside(none);
  CHECK_THROWS_WITH_AS(
      borrow(pipe.reader),
      "AsyncFd needs a runtime that does input and output: build it with enable_io()", Misuse);
}
