// Tasks that share a lock, or send each other numbers.
#include "sync.hpp"

#include <cstdint>
#include <nara/async.hpp>
#include <nara/join_handle.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "../measure.hpp"

namespace bench {

namespace {

using nara::Async;
using nara::JoinHandle;
using nara::spawn;
using nara::yield_now;
using nara::sync::mpsc::Receiver;
using nara::sync::mpsc::Sender;
using nara::sync::mpsc::UnboundedSender;
using Counter = nara::sync::Mutex<std::uint64_t>;

/// Divides 1,000.
constexpr std::uint64_t kContenders = 8;

/// For how many messages a channel has room, and how many are sent at once where it takes all.
constexpr std::uint64_t kRoom = 100;

// --- Mutex

/// Counts, and lets the others see that it is locked.
Async<> contend(Counter& counter, std::uint64_t times) {
  for (std::uint64_t i = 0; i < times; ++i) {
    const auto count = co_await counter.lock();
    ++*count;
    co_await yield_now();
  }
}

// --- Messages

Async<> send_all(Sender<std::uint64_t> sender, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto sent = co_await sender.send(i);
    keep(sent);
  }
}

Async<> send_in_bursts(UnboundedSender<std::uint64_t> sender, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto sent = sender.send(i);
    keep(sent);
    if (i % kRoom == kRoom - 1) co_await yield_now();
  }
}

/// Until there are no senders any more.
template <class AnyReceiver>
Async<> receive_all(AnyReceiver& receiver) {
  for (;;) {
    const std::optional<std::uint64_t> message = co_await receiver.recv();
    if (!message) break;
    keep(*message);
  }
}

Async<> send_from(std::uint64_t senders, std::uint64_t ops) {
  auto [sender, receiver] = nara::sync::mpsc::channel<std::uint64_t>(kRoom);
  for (std::uint64_t i = 0; i < senders; ++i) {
    (void)spawn(send_all(sender.clone(), ops / senders));
  }
  {
    const Sender<std::uint64_t> last = std::move(sender);
  }
  co_await receive_all(receiver);
}

/// Sends back what it receives.
Async<> echo(Receiver<std::uint64_t> from, Sender<std::uint64_t> to) {
  for (;;) {
    const std::optional<std::uint64_t> message = co_await from.recv();
    if (!message) break;
    const auto sent = co_await to.send(*message);
    keep(sent);
  }
}

}  // namespace

Async<> mpsc_from_1(std::uint64_t ops) { return send_from(1, ops); }
Async<> mpsc_from_4(std::uint64_t ops) { return send_from(4, ops); }

Async<> mpsc_unbounded(std::uint64_t ops) {
  auto [sender, receiver] = nara::sync::mpsc::unbounded_channel<std::uint64_t>();
  (void)spawn(send_in_bursts(std::move(sender), ops));
  co_await receive_all(receiver);
}

Async<> mpsc_ping_pong(std::uint64_t ops) {
  auto [there, from_here] = nara::sync::mpsc::channel<std::uint64_t>(1);
  auto [back, from_there] = nara::sync::mpsc::channel<std::uint64_t>(1);
  (void)spawn(echo(std::move(from_here), std::move(back)));
  for (std::uint64_t i = 0; i < ops; ++i) {
    const auto sent = co_await there.send(i);
    keep(sent);
    const std::optional<std::uint64_t> message = co_await from_there.recv();
    keep(message);
  }
}

Async<> mutex_free(std::uint64_t ops) {
  Counter counter;
  for (std::uint64_t i = 0; i < ops; ++i) {
    const auto count = co_await counter.lock();
    ++*count;
  }
  keep(counter.get());
}

Async<> mutex_contended(std::uint64_t ops) {
  Counter counter;
  std::vector<JoinHandle<void>> tasks;
  for (std::uint64_t i = 0; i < kContenders; ++i) {
    tasks.push_back(spawn(contend(counter, ops / kContenders)));
  }
  for (JoinHandle<void>& task : tasks) (void)co_await task;
  keep(counter.get());
}

}  // namespace bench
