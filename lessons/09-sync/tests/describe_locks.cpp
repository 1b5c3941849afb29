// What a task that waits for a lock says that it waits for.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/sync/barrier.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/sync/notify.hpp>
#include <nara/sync/once_cell.hpp>
#include <nara/sync/rw_lock.hpp>
#include <nara/sync/semaphore.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <utility>

using nara::Async;

namespace {

/// What a coroutine waits for that awaits `future`, which is not ready.
template <class F>
std::string waits_for(F future) {
  const auto body = [](F awaited) -> Async<> { (void)co_await awaited; };
  auto task = nara::test::by_hand(body(std::move(future)));
  CHECK(task.poll().is_pending());
  return task.future().trace().waits_for;
}

}  // namespace

TEST_CASE("a trace names what a task waits for: which lock, and to do what") {
  nara::sync::Mutex<int> mutex(7);
  const auto guard = mutex.try_lock();
  CHECK(waits_for(mutex.lock()) == "Mutex::lock()");
  nara::sync::RwLock<int> lock(7);
  const auto writer = lock.try_write();
  CHECK(waits_for(lock.read()) == "RwLock::read()");
  CHECK(waits_for(lock.write()) == "RwLock::write()");
  nara::sync::Semaphore semaphore(0);
  CHECK(waits_for(semaphore.acquire()) == "Semaphore::acquire()");
  nara::sync::Notify notify;
  CHECK(waits_for(notify.notified()) == "Notify::notified()");
  nara::sync::Barrier barrier(2);
  CHECK(waits_for(barrier.wait()) == "Barrier::wait()");
}

TEST_CASE("a trace of who waits for the value of a cell shows that, or what its maker waits for") {
  nara::sync::OnceCell<int> cell;
  const auto make = [] { return nara::pending<int>(); };
  auto maker = nara::test::by_hand(cell.get_or_init(make));
  auto other = nara::test::by_hand(cell.get_or_init(make));
  CHECK(maker.poll().is_pending());
  CHECK(other.poll().is_pending());
  CHECK(maker.future().trace().waits_for == "pending()");
  CHECK(other.future().trace().waits_for == "OnceCell::get_or_init()");
}
