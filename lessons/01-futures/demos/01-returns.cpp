// A coroutine that resumes its caller when it returns: quick and simple, until it is called in a
// loop.
#include <coroutine>
#include <cstdio>
#include <exception>
#include <initializer_list>

#include "in_a_child.hpp"

class Direct {
 public:
  struct Return {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) noexcept {
      ended.promise().caller.resume();
    }
    void await_resume() noexcept {}
  };

  struct promise_type {
    Direct get_return_object() {
      return Direct(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() { return {}; }
    Return final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }

    std::coroutine_handle<> caller = std::noop_coroutine();
  };

  Direct(Direct&&) = delete;
  ~Direct() { handle_.destroy(); }
  void start() { handle_.resume(); }

  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    handle_.promise().caller = caller;
    handle_.resume();
  }
  void await_resume() {}

 private:
  explicit Direct(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

// [loop]
Direct nothing() { co_return; }

Direct loop(int times) {
  for (int i = 0; i < times; ++i) co_await nothing();
}
// [/loop]

int main() {
  for (const int times : {1'000, 1'000'000}) {
    const bool survived = survives([&] {
      Direct direct = loop(times);
      direct.start();
    });
    std::printf("%7d calls in a loop: %s\n", times, survived ? "fine" : "stack overflow");
    std::fflush(stdout);
  }
}
