// A coroutine type in fifty lines: enough to see what the compiler does, and what goes wrong.
#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <utility>

// [awaiter]
/// What `co_await future` asks, for any future that has a `bool poll()`.
template <class Future>
struct Awaiter {
  Future& future;

  bool await_ready() { return future.poll(); }

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle) {
    handle.promise().may_go_on = [this] { return future.poll(); };
  }

  void await_resume() {}
};
// [/awaiter]

// [toy]
class Toy {
 public:
  struct promise_type {
    Toy get_return_object() { return Toy(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }

    template <class Future>
    Awaiter<Future> await_transform(Future&& future) {
      return {future};
    }

    std::function<bool()> may_go_on = [] { return true; };
  };

  Toy(Toy&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Toy& operator=(Toy other) {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Toy() {
    if (handle_) handle_.destroy();
  }

  /// Goes on if it can. True when the coroutine has ended.
  bool poll() {
    if (handle_.promise().may_go_on()) handle_.resume();
    return handle_.done();
  }

 private:
  using Handle = std::coroutine_handle<promise_type>;

  explicit Toy(Handle handle) : handle_(handle) {}

  Handle handle_;
};
// [/toy]
