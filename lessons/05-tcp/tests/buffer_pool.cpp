// Memory that is taken when there is something to read, and comes back.
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <nara/net/buffer_pool.hpp>
#include <nara/owned_fd.hpp>
#include <nara/sys/socket.hpp>
#include <new>
#include <string>
#include <testkit/cost.hpp>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "faults.hpp"
#include "net.hpp"

using nara::net::Buffer;
using nara::net::BufferPool;
using nara::test::Cost;

namespace {

/// A socket that a pool can read, and another one to put something into it.
class Source {
 public:
  Source() {
    std::array<int, 2> ends{};
    constexpr int kType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    REQUIRE(::socketpair(AF_UNIX, kType, 0, ends.data()) == 0);
    reader_ = nara::OwnedFd(ends[0]);
    writer_ = nara::OwnedFd(ends[1]);
    // What stands in for these calls looks up the real ones at the first, which allocates.
    BufferPool first(1, 0);
    (void)next(first, "a");
  }

  Buffer next(BufferPool& pool, std::string_view text) const {
    (void)nara::sys::send(writer_.fd(), as_bytes(text));
    return pool.read(reader_.fd()).value();
  }

  int fd() const { return reader_.fd(); }

 private:
  nara::OwnedFd reader_;
  nara::OwnedFd writer_;
};

std::string text_of(const Buffer& buffer) { return std::string(as_text(buffer.bytes())); }

static_assert(!std::is_copy_constructible_v<Buffer>);

}  // namespace

TEST_CASE("a pool reads into one of its buffers, which knows how much there was") {
  BufferPool pool(8);
  CHECK(pool.buffer_size() == 8);
  const Source source;
  const Buffer abc = source.next(pool, "abc");
  CHECK(text_of(abc) == "abc");
  CHECK(abc.size() == 3);
  CHECK_FALSE(abc.empty());
  step("more than there is room for");
  const Buffer full = source.next(pool, "0123456789");
  CHECK(text_of(full) == "01234567");
  const Buffer rest = source.next(pool, "!");
  CHECK(text_of(rest) == "89!");
  CHECK(BufferPool().buffer_size() == 16384);
}

TEST_CASE("memory is used again when its buffer is gone, and not before") {
  BufferPool pool(8);
  const Source source;
  const std::byte* used = nullptr;
  {
    const Buffer first = source.next(pool, "a");
    used = first.bytes().data();
    const Buffer second = source.next(pool, "b");
    CHECK(second.bytes().data() != used);
    CHECK(text_of(first) == "a");
  }
  const Buffer third = source.next(pool, "c");
  CHECK(third.bytes().data() == used);
}

TEST_CASE("a read that fails gives its memory back, and says why") {
  if (!nara::test::kSeesAllocations) return;
  BufferPool pool(8);
  const Source source;
  {
    const Buffer first = source.next(pool, "a");
  }
  const Cost cost;
  CHECK(nara::io::is_would_block(error_of(pool.read(source.fd()))));
  CHECK(error_of(pool.read(-1)) == std::errc::bad_file_descriptor);
  {
    const nara::test::NoMemory none;
    (void)pool.read(-1);
  }
  CHECK(cost.allocations() == 0);
}

TEST_CASE("a pool keeps only so many buffers that nobody uses") {
  if (!nara::test::kSeesAllocations) return;
  for (const std::size_t most : {0, 1, 3}) {
    step("it keeps ", most);
    BufferPool pool(8, most);
    const Source source;
    const auto allocations_of_four = [&] {
      std::vector<Buffer> buffers;
      buffers.reserve(4);
      const Cost cost;
      for (int i = 0; i < 4; ++i) buffers.push_back(source.next(pool, "a"));
      return cost.allocations();
    };
    CHECK(allocations_of_four() == 4);
    CHECK(allocations_of_four() == 4 - most);
    CHECK(allocations_of_four() == 4 - most);
  }
}

TEST_CASE("a buffer that is moved takes its bytes with it, and leaves nothing") {
  BufferPool pool(8);
  const Source source;
  Buffer first = source.next(pool, "abc");
  Buffer second = std::move(first);
  CHECK(text_of(second) == "abc");
  CHECK(first.empty());
  CHECK(first.bytes().data() == nullptr);
  step("assign another one, of another pool");
  BufferPool other(16);
  second = source.next(other, "defg");
  CHECK(text_of(second) == "defg");
  const std::byte* const used = second.bytes().data();
  {
    const Buffer gone = std::move(second);
  }
  CHECK(source.next(other, "h").bytes().data() == used);
}

TEST_CASE("buffers may be read and destroyed on any thread" * doctest::timeout(60)) {
  BufferPool pool(8, 2);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      const Source source;
      for (int round = 0; round < 1000; ++round) {
        const Buffer one = source.next(pool, "abc");
        const Buffer other = source.next(pool, "defg");
        if (text_of(one) != "abc" || text_of(other) != "defg") FAIL_CHECK("mixed up");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("read_some takes memory when there are bytes, and not while it waits") {
  TurnedPair pair;
  BufferPool pool(8);
  auto read = by_hand(pair.client.read_some(pool));
  const Cost cost;
  CHECK(read.poll().is_pending());
  if (nara::test::kSeesAllocations) CHECK(cost.allocations() == 0);
  pair.deliver("abcdefghij");
  CHECK(read.is_woken());
  CHECK(text_of(read.poll().value().value()) == "abcdefgh");
  CHECK(text_of(finish(pair.turned, pair.client.read_some(pool)).value()) == "ij");
  auto next = by_hand(pair.client.read_some(pool));
  CHECK(next.poll().is_pending());
  step("the end, again and again");
  pair.close_server();
  CHECK(next.poll().value()->empty());
  CHECK(finish(pair.turned, pair.client.read_some(pool))->empty());
}

TEST_CASE("an end that the driver does not know yet can be read again and again") {
  TurnedPair pair;
  BufferPool pool(3);
  pair.deliver("abc");
  {
    const TcpStream closed = std::move(pair.server);
  }
  pollfd end{.fd = pair.client.fd(), .events = POLLRDHUP, .revents = 0};
  REQUIRE(::poll(&end, 1, -1) == 1);
  const auto read = [&] { return by_hand(pair.client.read_some(pool)).poll(); };
  CHECK(text_of(read().value().value()) == "abc");
  CHECK(read().value()->empty());
  CHECK(read().value()->empty());
}

TEST_CASE("read_some gives what a read fails with") {
  TurnedPair pair;
  BufferPool pool(8);
  pair.deliver("abc");
  Script reads(Call::kRecv, {ENOBUFS, EINTR});
  CHECK(error_of(by_hand(pair.client.read_some(pool)).poll().value()) ==
        std::errc::no_buffer_space);
  CHECK(text_of(by_hand(pair.client.read_some(pool)).poll().value().value()) == "abc");
  CHECK(reads.calls() == 3);
}
