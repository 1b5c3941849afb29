// Whatever belongs to others runs while the mutex is free: wakers, and destructors of messages.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <nara/context.hpp>
#include <nara/sync/mpsc.hpp>
#include <testkit/steps.hpp>
#include <utility>

#include "wants.hpp"

namespace mpsc = nara::sync::mpsc;
using nara::test::step;

namespace {

/// Polls once, with this waker.
bool is_pending(auto& future, const nara::Waker& waker) {
  nara::Context context(waker);
  return future.poll(context).is_pending();
}

/// A message that does something when it is destroyed.
class Last {
 public:
  explicit Last(std::function<void()> words) : words_(std::move(words)) {}
  Last(Last&& other) noexcept : words_(std::exchange(other.words_, nullptr)) {}
  Last& operator=(Last&&) = delete;
  ~Last() {
    if (words_) words_();
  }

 private:
  std::function<void()> words_;
};

}  // namespace

TEST_CASE("whoever is woken by a channel, or whose waker is dropped, may use that channel") {
  auto [sender, receiver] = mpsc::channel<int>(100);
  int seen = 0;
  Acting acting;
  acting.when_woken = [&seen, &mine = receiver] { seen = static_cast<int>(mine.size()); };
  acting.when_gone = [&seen, &mine = sender] {
    ++seen;
    (void)mine.try_send(0);
  };
  {
    step("by a message");
    auto recv = receiver.recv();
    CHECK(is_pending(recv, acting.waker()));
    CHECK(sender.try_send(1).has_value());
    CHECK(seen == 2);
    CHECK(receiver.size() == 2);
  }
  while (receiver.try_recv().has_value()) {
  }
  step("because another waker takes its place");
  auto recv = receiver.recv();
  CHECK(is_pending(recv, acting.waker()));
  CHECK(is_pending(recv, nara::Waker::noop()));
  CHECK(seen == 3);
  while (receiver.try_recv().has_value()) {
  }
  {
    step("because whoever waits is destroyed");
    auto second = receiver.recv();
    CHECK(is_pending(second, acting.waker()));
  }
  CHECK(seen == 4);
  while (receiver.try_recv().has_value()) {
  }
  step("because the last sender goes");
  auto [other, another] = mpsc::channel<int>(1);
  Acting waits;
  bool is_closed = false;
  waits.when_woken = [&is_closed, &mine = another] { is_closed = mine.is_closed(); };
  auto end = another.recv();
  CHECK(is_pending(end, waits.waker()));
  {
    const auto gone = std::move(other);
  }
  CHECK(is_closed);
}

TEST_CASE("who is woken because there is room may send at once") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  CHECK(sender.try_send(1).has_value());
  Acting acting;
  auto reserve = sender.reserve();
  acting.when_woken = [&] { CHECK_FALSE(is_pending(reserve, nara::Waker::noop())); };
  CHECK(is_pending(reserve, acting.waker()));
  CHECK(receiver.try_recv() == 1);
  CHECK(sender.capacity() == 1);
}

TEST_CASE("the destructor of a message may use the channel that the message was in") {
  auto [sender, receiver] = mpsc::unbounded_channel<Last>();
  int seen = 0;
  const auto look = [&seen, &mine = sender] {
    if (!mine.send(Last([] {})).has_value()) ++seen;
  };
  step("one is received, one is in the batch, and one is in the inbox");
  CHECK(sender.send(Last(look)).has_value());
  CHECK(sender.send(Last(look)).has_value());
  {
    const auto received = receiver.try_recv();
    CHECK(received.has_value());
  }
  CHECK(seen == 0);
  CHECK(sender.send(Last(look)).has_value());
  {
    const auto gone = std::move(receiver);
  }
  CHECK(seen == 2);
}

TEST_CASE("a message may be the last sender of its own channel: the receiver takes it along") {
  struct Loop {
    std::unique_ptr<mpsc::UnboundedSender<Loop>> sender;
  };
  auto [sender, receiver] = mpsc::unbounded_channel<Loop>();
  const auto weak = sender.downgrade();
  auto inside = std::make_unique<mpsc::UnboundedSender<Loop>>(sender.clone());
  CHECK(sender.send(Loop{std::move(inside)}).has_value());
  {
    const auto gone = std::move(sender);
  }
  CHECK(weak.strong_count() == 1);
  {
    const auto gone = std::move(receiver);
  }
  CHECK(weak.strong_count() == 0);
}
