// A toy coroutine type. Its coroutines call each other without using up the stack.
//
//      root           middle            top
//   ┌─────────┐     ┌─────────┐     ┌─────────┐
//   │ co_await├────►│ co_await├────►│ running │
//   │         │◄────┤ parent  │◄────┤ parent  │
//   └────┬────┘     └─────────┘     └─────────┘
//        │                               ▲
//      Chain ── top ─────────────────────┘
//
// A coroutine that calls another one, or returns, says in the chain who is to run next, and stops.
// The loop in `Chain::run()` then resumes that one: it never stands on the stack of another.
#pragma once

#include <cassert>
#include <coroutine>
#include <exception>
#include <nara/todo.hpp>
#include <utility>

/// What the coroutines have in common that wait for each other. The root owns it.
struct Chain {
  std::coroutine_handle<> top;  ///< Runs next. Null: the root has returned.
  bool is_paused = false;       ///< The top does not want to go on in this run.
  int resumes = 0;              ///< How many coroutines the last run has resumed.

  /// Given. Lets the top run until it calls, returns, or pauses.
  void resume_top() {
    assert(top && !top.done() && "the top has returned already: it cannot be resumed");
    ++resumes;
    top.resume();
  }

  /// Goes on until the root has returned (true), or a coroutine pauses (false).
  bool run() {
    return nara::todo("02-4: run() resumes one top after the other");
  }
};

/// A coroutine that returns an `int`. It can be called by another one, or is a root and run by
/// hand.
class Job {
 public:
  struct promise_type;
  using Frame = std::coroutine_handle<promise_type>;

  explicit Job(Frame frame) : frame_(frame) {}
  Job(Job&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Job& operator=(Job&&) = delete;
  ~Job() {
    if (frame_) frame_.destroy();
  }

  /// For a root: goes on until it has returned (true), or one of its coroutines pauses (false).
  bool run();

  /// For a root: how many coroutines the last `run()` has resumed.
  int resumes() const;

  /// What it returned, or throws what it threw.
  int result() const;

 private:
  friend struct Call;

  Frame frame_;
};

/// The end of a coroutine: what the compiler asks when the body is over.
struct Return {
  bool await_ready() const noexcept { return false; }
  void await_suspend(Job::Frame ended) const noexcept;
  void await_resume() const noexcept {}
};

/// `co_await Pause();` ends the run, and the next one goes on from there.
struct Pause {
  bool await_ready() const noexcept { return false; }
  void await_suspend(Job::Frame paused) const noexcept;
  void await_resume() const noexcept {}
};

/// What `co_await job()` turns into.
struct Call {
  Job called;

  bool await_ready() const noexcept { return false; }
  void await_suspend(Job::Frame parent) const noexcept;
  int await_resume() const { return called.result(); }
};

struct Job::promise_type {
  Chain own;            ///< In use if this is a root.
  Chain* chain = &own;  ///< The one that it is in.
  Frame parent;         ///< The coroutine that has called this one. Null for a root.
  int value = 0;
  std::exception_ptr error;

  Job get_return_object() {
    own.top = Frame::from_promise(*this);
    return Job(Frame::from_promise(*this));
  }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  Return final_suspend() const noexcept { return {}; }
  void return_value(int result) { value = result; }
  void unhandled_exception() { error = std::current_exception(); }

  Call await_transform(Job&& called) { return Call{std::move(called)}; }
  Pause await_transform(Pause pause) { return pause; }
};

inline bool Job::run() { return frame_.promise().own.run(); }

inline int Job::resumes() const { return frame_.promise().own.resumes; }

inline int Job::result() const {
  if (frame_.promise().error) std::rethrow_exception(frame_.promise().error);
  return frame_.promise().value;
}

/// `parent` calls `called`, and has stopped. It has no `resume()` to call: the loop does that.
inline void Call::await_suspend(Job::Frame parent) const noexcept {
  nara::todo("02-4: a call: who is the parent, in which chain, and who is the top now?");
}

/// `ended` has returned or thrown, and has stopped for good.
inline void Return::await_suspend(Job::Frame ended) const noexcept {
  nara::todo("02-4: a return: who is the top now?");
}

/// `paused` has stopped, and is the top.
inline void Pause::await_suspend(Job::Frame paused) const noexcept {
  nara::todo("02-4: a pause: how does the loop hear of it?");
}
