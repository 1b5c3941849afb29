// Messages arrive, in their order, until there is nobody left who could send one.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/sync/notify.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <utility>

namespace mpsc = nara::sync::mpsc;
using nara::Async;
using nara::test::by_hand;
using nara::test::run;

TEST_CASE("messages arrive in the order in which they were sent") {
  run([]() -> Async<> {
    auto [sender, receiver] = mpsc::channel<int>(2);
    auto handle = nara::spawn(
        [](mpsc::Sender<int> mine) -> Async<> {
          for (int i = 0; i < 10; ++i) {
            const auto sent = co_await mine.send(i);
            CHECK(sent);
          }
        },
        std::move(sender));
    for (int i = 0; i < 10; ++i) {
      const auto received = co_await receiver.recv();
      CHECK(received == i);
    }
    const auto end = co_await receiver.recv();
    CHECK(end == std::nullopt);
  });
}
