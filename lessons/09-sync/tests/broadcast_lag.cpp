// Receivers of a broadcast channel that are too slow.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <nara/sync/broadcast.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/random.hpp>
#include <testkit/steps.hpp>
#include <utility>
#include <vector>

using nara::sync::broadcast::channel;
using nara::sync::broadcast::Receiver;
using nara::sync::broadcast::RecvError;
using nara::sync::broadcast::Sender;
using nara::test::below;
using nara::test::by_hand;
using nara::test::step;

namespace {

/// Sends the numbers from `first` to `last`.
void send(const Sender<int>& sender, int first, int last) {
  for (int value = first; value <= last; ++value) CHECK(sender.send(value).has_value());
}

/// What it gets, until there is no more. It must not lag.
std::vector<int> rest_of(Receiver<int>& receiver) {
  std::vector<int> values;
  for (;;) {
    const auto value = receiver.try_recv();
    if (!value) {
      CHECK_FALSE(value.error().is_lagged());
      return values;
    }
    values.push_back(*value);
  }
}

}  // namespace

TEST_CASE("a receiver that was overtaken is told how many it has missed, and gets the rest") {
  auto [sender, slow] = channel<int>(4);
  send(sender, 1, 7);
  const auto lagged = slow.try_recv();
  CHECK(lagged.error() == RecvError::lagged(3));
  CHECK(lagged.error().lagged() == 3);
  CHECK_FALSE(lagged.error().is_closed());
  CHECK(rest_of(slow) == std::vector{4, 5, 6, 7});
}

TEST_CASE("a receiver that is behind by just what there is room for has missed nothing") {
  auto [sender, receiver] = channel<int>(4);
  send(sender, 1, 4);
  CHECK(rest_of(receiver) == std::vector{1, 2, 3, 4});
  send(sender, 5, 8);
  CHECK(rest_of(receiver) == std::vector{5, 6, 7, 8});
}

TEST_CASE("a receiver that is overtaken again is told each time") {
  auto [sender, receiver] = channel<int>(2);
  send(sender, 1, 3);
  CHECK(receiver.try_recv().error().lagged() == 1);
  step("it goes on with 2, but that is overwritten, too, before it comes to it");
  send(sender, 4, 4);
  CHECK(receiver.try_recv().error().lagged() == 1);
  CHECK(receiver.try_recv() == 3);
  send(sender, 5, 9);
  CHECK(receiver.try_recv().error().lagged() == 4);
  CHECK(rest_of(receiver) == std::vector{8, 9});
}

TEST_CASE("that one receiver is overtaken does not concern the others") {
  auto [sender, slow] = channel<int>(2);
  auto fast = sender.subscribe();
  for (int value = 1; value <= 5; ++value) {
    send(sender, value, value);
    CHECK(fast.try_recv() == value);
  }
  CHECK(slow.try_recv().error().lagged() == 3);
  CHECK(rest_of(slow) == std::vector{4, 5});
  CHECK(fast.try_recv().error().is_empty());
}

TEST_CASE("a recv() gives the lag, and the next one goes on") {
  auto [sender, receiver] = channel<int>(2);
  send(sender, 1, 3);
  CHECK(by_hand(receiver.recv()).poll().value().error().lagged() == 1);
  CHECK(by_hand(receiver.recv()).poll().value() == 2);
}

TEST_CASE("a channel holds as many values as its capacity, rounded up to a power of two") {
  for (const auto& [capacity, holds] :
       {std::pair{1, 1}, {2, 2}, {3, 4}, {4, 4}, {5, 8}, {1000, 1024}}) {
    step("capacity ", capacity);
    auto [sender, receiver] = channel<int>(static_cast<std::size_t>(capacity));
    send(sender, 1, holds);
    CHECK(receiver.try_recv() == 1);
    send(sender, holds + 1, holds + 3);
    CHECK(receiver.try_recv().error().lagged() == 2);
    CHECK(sender.size() == static_cast<std::size_t>(holds));
  }
}

TEST_CASE("a channel with room for nothing, or for more than can be counted, is a misuse") {
  CHECK_THROWS_AS((void)channel<int>(0), nara::Misuse);
  CHECK_THROWS_AS((void)channel<int>(SIZE_MAX / 2 + 1), nara::Misuse);
}

TEST_CASE("a new receiver of one that lags begins at the end, and the old one keeps its lag") {
  auto [sender, slow] = channel<int>(2);
  send(sender, 1, 3);
  auto fresh = slow.resubscribe();
  CHECK(fresh.try_recv().error().is_empty());
  CHECK(slow.try_recv().error().lagged() == 1);
  send(sender, 4, 4);
  CHECK(fresh.try_recv() == 4);
  CHECK(fresh.try_recv().error().is_empty());
}

TEST_CASE("values and lags of receivers that come and go always add up") {
  nara::test::for_each_seed(50, [](unsigned seed) {
    nara::test::Random random(seed);
    /// A receiver, and which number is the next that it should learn of.
    struct Reader {
      Receiver<int> receiver;
      int next;
    };
    const Sender<int> sender(static_cast<std::size_t>(1 + below(random, 9)));
    std::vector<Reader> readers;
    int sent = 0;
    const auto any = [&] {
      return readers.begin() + below(random, static_cast<int>(readers.size()));
    };
    for (int act = 0; act < 300; ++act) {
      const int what = below(random, 20);
      if (what == 0) {
        readers.emplace_back(sender.subscribe(), sent);
      } else if (readers.empty() || what < 10) {
        if (sender.send(sent)) ++sent;
      } else if (what == 10) {
        readers.erase(any());
      } else {
        Reader& reader = *any();
        CHECK(reader.receiver.size() == static_cast<std::size_t>(sent - reader.next));
        const auto value = reader.receiver.try_recv();
        if (value) {
          CHECK(value == reader.next);
          ++reader.next;
        } else if (value.error().is_empty()) {
          CHECK(reader.next == sent);
        } else {
          reader.next += static_cast<int>(value.error().lagged());
        }
      }
      CHECK(sender.receiver_count() == readers.size());
    }
  });
}
