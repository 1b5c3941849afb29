// What is wrong with the toy reactor.
#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <string>
#include <thread>
#include <vector>

#include "answer_elsewhere.hpp"
#include "bell.hpp"
#include "pipe.hpp"
#include "toy_reactor.hpp"

using namespace std::chrono_literals;
using nara::OwnedFd;

// [reused]
/// A pipe is closed. The next one gets its number.
void reuse_a_number() {
  ToyReactor reactor;
  Pipe gone;
  const OwnedFd copy(::dup(gone.out.fd()));  // A child process that we started would have one.
  reactor.watch(gone.out.fd());
  {
    const OwnedFd closed = std::move(gone.out);
  }

  const Pipe next;
  reactor.watch(next.out.fd());
  Bell bell;
  reactor.remember(next.out.fd(), bell.waker());
  gone.write("news of yesterday");
  reactor.park(nara::Park::kNow);
  std::printf("a number with a past: woken: %d, and in its pipe: %s\n", bell.rings(),
              next.read(100).value_or("nothing").c_str());
}
// [/reused]

/// The kernel has nothing to say for half a second. Another thread has, much earlier.
void sleep_through_a_wake() {
  auto reactor = std::make_unique<ToyReactor>();
  const Pipe pipe;
  reactor->watch(pipe.out.fd());
  const std::jthread later([&] {
    std::this_thread::sleep_for(500ms);
    pipe.write("!");
  });
  nara::CurrentThread executor(std::move(reactor));
  executor.block_on(wait_for_another_thread());
}

/// A mutex that knows whose it is. A std::mutex would wait for ever.
class Mutex {
 public:
  Mutex() {
    pthread_mutexattr_t attributes;
    ::pthread_mutexattr_init(&attributes);
    ::pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    ::pthread_mutex_init(&mutex_, &attributes);
  }
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  ~Mutex() { ::pthread_mutex_destroy(&mutex_); }

  int lock() { return ::pthread_mutex_lock(&mutex_); }
  void unlock() { ::pthread_mutex_unlock(&mutex_); }

 private:
  pthread_mutex_t mutex_;
};

// [lock]
/// For many threads: a lock around the wakers of those who wait.
struct Guests {
  Mutex mutex;
  std::vector<nara::Waker> wakers;

  void serve_all() {
    mutex.lock();
    for (const nara::Waker& waker : wakers) waker.wake_by_ref();
    mutex.unlock();
  }

  void leave() {
    if (const int error = mutex.lock(); error != 0) {
      std::printf("woken under a lock, and wanted it: %s\n", std::strerror(error));
      return;
    }
    wakers.clear();
    mutex.unlock();
  }
};

void wake_under_a_lock() {
  Guests guests;
  Bell bell([&] { guests.leave(); });
  guests.wakers.push_back(bell.waker());
  guests.serve_all();
}
// [/lock]

int main() {
  reuse_a_number();
  sleep_through_a_wake();
  wake_under_a_lock();
}
