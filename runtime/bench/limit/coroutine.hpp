// The least that a coroutine can cost: frames from a free list, and a queue of what can go on. No
// runtime could be built from it: there is no waker, no cancelling, no error, and but one thread.
#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <utility>

namespace limit {

/// Memory of frames that are gone, for the next ones of the same size.
class Frames {
 public:
  static void* take(std::size_t size) {
    Spare*& first = shelf_for(size);
    if (first == nullptr) return ::operator new(size);
    return std::exchange(first, first->next);
  }

  static void give(void* frame, std::size_t size) noexcept {
    Spare*& first = shelf_for(size);
    first = new (frame) Spare{first};
  }

 private:
  struct Spare {
    Spare* next;
  };

  static Spare*& shelf_for(std::size_t size) noexcept { return shelves_.at(size / 8); }

  static constinit inline std::array<Spare*, 128> shelves_{};
};

/// A coroutine that waits in the queue, as a part of its own frame.
struct Ready {
  std::coroutine_handle<> coroutine;
  Ready* next = nullptr;
};

class Queue {
 public:
  static void push(Ready& ready) noexcept {
    ready.next = nullptr;
    *std::exchange(end_, &ready.next) = &ready;
  }

  /// Runs all that is in it, and what that puts into it.
  static void run() {
    while (Ready* const ready = first_) {
      first_ = ready->next;
      if (first_ == nullptr) end_ = &first_;
      ready->coroutine.resume();
    }
  }

 private:
  static constinit inline Ready* first_ = nullptr;
  static constinit inline Ready** end_ = &first_;
};

/// A coroutine that returns a number. `co_await f()` calls it.
class Coroutine {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  /// Hands control to the one that awaits this.
  struct Return {
    bool await_ready() noexcept { return false; }
    void await_resume() noexcept {}
    std::coroutine_handle<> await_suspend(Handle ended) noexcept {
      return ended.promise().awaited_by;
    }
  };

  struct promise_type {
    static void* operator new(std::size_t size) { return Frames::take(size); }
    static void operator delete(void* frame, std::size_t size) noexcept {
      Frames::give(frame, size);
    }
    Coroutine get_return_object() noexcept { return Coroutine(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    Return final_suspend() noexcept { return {}; }
    void return_value(std::uint64_t number) noexcept { value = number; }
    void unhandled_exception() noexcept { std::terminate(); }

    std::coroutine_handle<> awaited_by = std::noop_coroutine();
    Ready ready;
    std::uint64_t value = 0;
  };

  Coroutine(Coroutine&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Coroutine& operator=(Coroutine&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Coroutine() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  Handle await_suspend(std::coroutine_handle<> caller) noexcept {
    handle_.promise().awaited_by = caller;
    return handle_;
  }
  std::uint64_t await_resume() const noexcept { return handle_.promise().value; }

 protected:
  explicit Coroutine(Handle handle) noexcept : handle_(handle) {}

  Handle handle_;
};

/// A coroutine that runs by itself, from the queue. It is destroyed with this.
class Spawned : public Coroutine {
 public:
  explicit Spawned(Coroutine&& coroutine) noexcept : Coroutine(std::move(coroutine)) {
    Ready& ready = handle_.promise().ready;
    ready.coroutine = handle_;
    Queue::push(ready);
  }

  bool await_ready() const noexcept { return handle_.done(); }
  void await_suspend(std::coroutine_handle<> waiting) noexcept {
    handle_.promise().awaited_by = waiting;
  }
};

/// Lets all others that are in the queue go first.
class Yield {
 public:
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    ready_.coroutine = coroutine;
    Queue::push(ready_);
  }
  void await_resume() const noexcept {}

 private:
  Ready ready_{};
};

}  // namespace limit
