// Plain threads, which wait by standing still.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/misuse.hpp>
#include <nara/sync/mpsc.hpp>
#include <optional>
#include <string>
#include <testkit/runtime.hpp>
#include <thread>
#include <utility>

namespace mpsc = nara::sync::mpsc;
using nara::Async;
using nara::Misuse;
using nara::test::run;

TEST_CASE("a thread sends to a task, and waits when there is no room") {
  run([]() -> Async<> {
    auto [sender, receiver] = mpsc::channel<int>(1);
    std::thread thread([mine = std::move(sender)]() mutable {
      for (int i = 0; i < 100; ++i) CHECK(mine.blocking_send(i).has_value());
    });
    for (int i = 0; i < 100; ++i) {
      const auto received = co_await receiver.recv();
      CHECK(received == i);
    }
    const auto end = co_await receiver.recv();
    CHECK(end == std::nullopt);
    thread.join();
  });
}

TEST_CASE("a thread receives from a task, and waits when there is nothing") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  std::thread thread([mine = std::move(receiver)]() mutable {
    for (int i = 0; i < 100; ++i) CHECK(mine.blocking_recv() == i);
    CHECK(mine.blocking_recv() == std::nullopt);
  });
  nara::block_on([mine = std::move(sender)]() mutable -> Async<> {
    auto sending = std::move(mine);
    for (int i = 0; i < 100; ++i) {
      const auto sent = co_await sending.send(i);
      CHECK(sent.has_value());
    }
  });
  thread.join();
}

TEST_CASE("two threads may use a channel without any runtime") {
  auto [sender, receiver] = mpsc::channel<std::string>(2);
  std::thread thread([mine = std::move(sender)]() mutable {
    for (int i = 0; i < 100; ++i) CHECK(mine.blocking_send(std::to_string(i)).has_value());
  });
  for (int i = 0; i < 100; ++i) CHECK(receiver.blocking_recv() == std::to_string(i));
  CHECK(receiver.blocking_recv() == std::nullopt);
  thread.join();
}

TEST_CASE("a thread that waits to send is told when the receiver goes, and gets its message") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  CHECK(sender.blocking_send(1).has_value());
  std::thread thread([mine = std::move(sender)]() mutable {
    CHECK(mine.blocking_send(2).error().value == 2);
    CHECK(mine.blocking_send(3).error().value == 3);
  });
  {
    const auto gone = std::move(receiver);
  }
  thread.join();
}

TEST_CASE("inside of a task, to block is a misuse, even if there is nothing to wait for") {
  run([]() -> Async<> {
    auto [sender, receiver] = mpsc::channel<int>(2);
    CHECK_THROWS_WITH_AS((void)sender.blocking_send(1),
                         doctest::Contains("mpsc::Sender::blocking_send() was called inside"),
                         Misuse);
    CHECK(receiver.is_empty());
    CHECK(sender.try_send(1).has_value());
    CHECK_THROWS_WITH_AS((void)receiver.blocking_recv(),
                         doctest::Contains("mpsc::Receiver::blocking_recv() was called inside"),
                         Misuse);
    CHECK(receiver.try_recv() == 1);
    co_return;
  });
}
