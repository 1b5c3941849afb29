// A server gives each request 30 seconds, and answers it in one millisecond. Who keeps the
// deadlines that nobody needs any more?
#include <cstdio>

#include "queues.hpp"

constexpr std::uint64_t kLimit = 30'000;  // Milliseconds.

/// Serves a request in each millisecond.
template <class Queue>
class Server {
 public:
  /// Serves until then. All is answered by that time: how many deadlines are kept?
  std::size_t serve(std::uint64_t until) {
    typename Queue::Timer request;
    while (now_ < until) {
      queue_.set(request, now_ + kLimit);
      ++now_;
      while (queue_.expire_one(now_)) {
      }
      queue_.cancel(request);
    }
    return queue_.size();
  }

 private:
  Queue queue_;
  std::uint64_t now_ = 0;
};

int main() {
  Server<LazyHeap> heap;
  Server<Wheel> wheel;
  std::printf("seconds   lazy heap   wheel\n");
  for (const unsigned seconds : {1, 10, 30, 60}) {
    const std::size_t in_heap = heap.serve(seconds * 1000);
    const std::size_t in_wheel = wheel.serve(seconds * 1000);
    std::printf("%7u %11zu %7zu\n", seconds, in_heap, in_wheel);
  }
}
