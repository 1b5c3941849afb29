// A queue as one writes it for threads, between two tasks on one thread.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/join.hpp>
#include <optional>
#include <string>
#include <utility>

using nara::Async;
using namespace std::chrono_literals;

// [counter]
/// What the kitchen has cooked, and nobody has fetched yet.
class Counter {
 public:
  void put(std::string dish) {
    const std::lock_guard lock(mutex_);
    dishes_.push_back(std::move(dish));
    is_there_.notify_one();
  }

  // [take]
  /// Waits until there is a dish; at most a second, so that this program ends.
  std::optional<std::string> take() {
    std::unique_lock lock(mutex_);
    if (!is_there_.wait_for(lock, 1s, [&] { return !dishes_.empty(); })) return std::nullopt;
    std::string dish = std::move(dishes_.front());
    dishes_.pop_front();
    return dish;
  }
  // [/take]

 private:
  std::mutex mutex_;
  std::condition_variable is_there_;
  std::deque<std::string> dishes_;
};
// [/counter]

// [tasks]
Async<> wait_at_table(Counter& counter) {
  std::printf("the waiter waits for a dish\n");
  const std::optional<std::string> dish = counter.take();
  std::printf("the waiter has %s\n", dish ? dish->c_str() : "waited for a second, in vain");
  co_return;
}

Async<> cook(Counter& counter) {
  std::printf("the cook puts a soup on the counter\n");
  counter.put("soup");
  co_return;
}
// [/tasks]

int main() {
  Counter counter;
  nara::block_on(nara::join(wait_at_table(counter), cook(counter)));
}
