// The other ways to receive: without waiting, and many at once.
#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/join_handle.hpp>
#include <nara/misuse.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mpsc.hpp>
#include <new>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <utility>
#include <vector>

namespace mpsc = nara::sync::mpsc;
using mpsc::TryRecvError;
using nara::Async;
using nara::test::by_hand;
using nara::test::step;
using nara::test::Tracked;

namespace {

/// Receives many, by one poll that has to be ready.
template <class Receiver, class T>
std::size_t take(Receiver& receiver, std::vector<T>& target, std::size_t limit) {
  return by_hand(receiver.recv_many(target, limit)).poll().value();
}

Async<int> give(int value) { co_return value; }

}  // namespace

TEST_CASE("try_recv says empty while there is a sender, and disconnected when all was received") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  CHECK(receiver.try_recv().error() == TryRecvError::kEmpty);
  CHECK(sender.try_send(1).has_value());
  CHECK(sender.try_send(2).has_value());
  CHECK(receiver.try_recv() == 1);
  {
    const auto gone = std::move(sender);
  }
  CHECK(receiver.try_recv() == 2);
  CHECK(receiver.try_recv().error() == TryRecvError::kDisconnected);
}

TEST_CASE("so it does for an unbounded channel") {
  auto [sender, receiver] = mpsc::unbounded_channel<int>();
  CHECK(receiver.try_recv().error() == TryRecvError::kEmpty);
  CHECK(sender.send(1).has_value());
  {
    const auto gone = std::move(sender);
  }
  CHECK(receiver.try_recv() == 1);
  CHECK(receiver.try_recv().error() == TryRecvError::kDisconnected);
}

TEST_CASE("a message is destroyed when whoever received it is done, not with those after it") {
  struct Copied {
    explicit Copied(std::shared_ptr<Tracked> what) : kept(std::move(what)) {}
    Copied(const Copied& other) noexcept = default;  // To move it is to copy it.
    Copied& operator=(const Copied&) = delete;
    ~Copied() = default;
    std::shared_ptr<Tracked> kept;
  };
  auto [sender, receiver] = mpsc::unbounded_channel<Copied>();
  CHECK(sender.send(Copied(std::make_shared<Tracked>("a"))).has_value());
  CHECK(sender.send(Copied(std::make_shared<Tracked>("b"))).has_value());
  CHECK(receiver.try_recv().has_value());
  CHECK(Tracked::alive() == 1);
}

TEST_CASE("recv_many appends what is there, up to the limit, and says how many") {
  auto [sender, receiver] = mpsc::unbounded_channel<int>();
  for (int i = 1; i <= 5; ++i) CHECK(sender.send(i).has_value());
  std::vector<int> received = {0};
  CHECK(take(receiver, received, 2) == 2);
  CHECK(received == std::vector{0, 1, 2});
  step("some have been taken out of the inbox already, and others come in");
  CHECK(sender.send(6).has_value());
  CHECK(take(receiver, received, 100) == 4);
  CHECK(received == std::vector{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("recv_many with limit 0 is ready at once, and takes nothing") {
  auto [sender, receiver] = mpsc::unbounded_channel<int>();
  std::vector<int> received;
  CHECK(take(receiver, received, 0) == 0);
  CHECK(sender.send(1).has_value());
  CHECK(take(receiver, received, 0) == 0);
  CHECK(received.empty());
  CHECK(receiver.size() == 1);
}

TEST_CASE("recv_many waits while there is nothing, and says 0 when there will be none any more") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  std::vector<int> received;
  auto recv = by_hand(receiver.recv_many(received, 10));
  CHECK(recv.poll().is_pending());
  CHECK(sender.try_send(7).has_value());
  CHECK(recv.is_woken());
  CHECK(recv.poll().value() == 1);
  CHECK_THROWS_WITH_AS((void)recv.poll(), doctest::Contains("recv_many()"), nara::Misuse);
  auto last = by_hand(receiver.recv_many(received, 10));
  CHECK(last.poll().is_pending());
  {
    const auto gone = std::move(sender);
  }
  CHECK(last.is_woken());
  CHECK(last.poll().value() == 0);
  CHECK(received == std::vector{7});
}

TEST_CASE("recv_many frees the room of all that it has received") {
  auto [sender, receiver] = mpsc::channel<int>(3);
  for (int i = 0; i < 3; ++i) CHECK(sender.try_send(i).has_value());
  auto first = by_hand(sender.send(3));
  auto second = by_hand(sender.send(4));
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  std::vector<int> received;
  CHECK(take(receiver, received, 2) == 2);
  CHECK(first.is_woken());
  CHECK(second.is_woken());
  CHECK(first.poll().value().has_value());
  CHECK(second.poll().value().has_value());
  CHECK(take(receiver, received, 10) == 3);
  CHECK(received == std::vector{0, 1, 2, 3, 4});
  CHECK(sender.capacity() == 3);
}

TEST_CASE("when there is no memory, recv_many and send throw, and lose nothing that was sent") {
  if (!nara::test::kSeesAllocations) return;
  auto [sender, receiver] = mpsc::channel<int>(100);
  int sent = 0;
  {
    const nara::test::NoMemory none;
    CHECK_THROWS_AS((void)sender.try_send(0), std::bad_alloc);
  }
  CHECK(sender.capacity() == 100);
  while (sent < 10) CHECK(sender.try_send(sent++).has_value());
  std::vector<int> received;
  auto recv = by_hand(receiver.recv_many(received, 10));
  {
    const nara::test::NoMemory none;
    CHECK_THROWS_AS((void)recv.poll(), std::bad_alloc);
  }
  CHECK(receiver.size() == 10);
  CHECK(sender.capacity() == 90);
  CHECK(recv.poll().value() == 10);
  CHECK(received.back() == 9);
}

TEST_CASE("a message may be a future, or the handle of a task") {
  nara::block_on([]() -> Async<> {
    auto [jobs, to_do] = mpsc::channel<Async<int>>(1);
    auto [tasks, started] = mpsc::channel<nara::JoinHandle<int>>(1);
    step("send a job, which begins when it is awaited");
    CHECK(jobs.try_send(give(7)).has_value());
    std::optional<Async<int>> job = co_await to_do.recv();
    const int value = co_await std::move(job).value();
    CHECK(value == 7);
    step("send the handle of a task");
    CHECK(tasks.try_send(nara::spawn(give(8))).has_value());
    std::optional<nara::JoinHandle<int>> task = co_await started.recv();
    const nara::TaskResult<int> result = co_await task.value();
    CHECK(result == 8);
    step("what nobody receives is destroyed with the channel");
    CHECK(jobs.try_send(give(9)).has_value());
  });
}
