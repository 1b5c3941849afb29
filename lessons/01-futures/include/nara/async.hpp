// The coroutine type: a function that can stop in the middle, wait, and go on.
#pragma once

#include <coroutine>
#include <cstddef>
#include <nara/detail/chain.hpp>
#include <nara/detail/leaf_awaiter.hpp>
#include <nara/detail/slot.hpp>
#include <nara/frame_pool.hpp>
#include <nara/future.hpp>
#include <nara/misuse.hpp>
#include <nara/trace.hpp>
#include <source_location>
#include <type_traits>
#include <utility>

// With NARA_CHECK_LIFETIMES, clang warns when a coroutine is given a reference to something that
// dies before it does. The exercises are built with it. Why not everything: then clang also refuses
// every function that passes an Async on without being a coroutine, and std::function is one.
#if defined(__clang__) && defined(NARA_CHECK_LIFETIMES)
#define NARA_COROUTINE [[clang::coro_return_type, clang::coro_lifetimebound]]
#else
#define NARA_COROUTINE
#endif

namespace nara::inline NARA_BUILD {

namespace detail {

template <class T>
class ChildAwaiter;

/// A coroutine that has returned. What it has left is taken, and then its frame goes.
template <class Promise>
class Ended {
 public:
  explicit Ended(std::coroutine_handle<Promise> frame) noexcept : frame_(frame) {}
  Ended(const Ended&) = delete;
  Ended& operator=(const Ended&) = delete;
  ~Ended() { frame_.destroy(); }

  Promise* operator->() const noexcept { return &frame_.promise(); }

 private:
  std::coroutine_handle<Promise> frame_;
};

}  // namespace detail

/// A coroutine that returns a `T`; itself a future of `T`.
///
/// A function that returns `Async<T>` and contains `co_await` or `co_return` is a coroutine.
/// Calling it stores its arguments in a frame and runs nothing; the body runs when the `Async` is
/// polled or awaited. An exception that leaves the body comes out of that `poll()` or `co_await`.
/// The call itself throws `std::bad_alloc` when there is no memory for the frame.
///
/// `co_await f()` puts the coroutine `f` on top of the chain of the one that awaits, so that a wake
/// costs one poll of the innermost future, at any depth. `co_await a`, where `a` is a variable,
/// polls `a` as a future of its own, which can be left and awaited again later.
///
/// Cancel safety: destroying an `Async` destroys its frames, innermost first, with everything in
/// them, in a loop and not by recursion. What these had taken from others is lost.
///
/// An `Async` that is only held by another, as an argument or a variable, is destroyed like any
/// member. To destroy one from inside its own body, or to throw from a destructor in its frames,
/// ends the program.
///
/// An `Async` may be moved at any time, since its state is in the frame. One that was moved from,
/// or has ended, is empty; to poll or await it then throws `Misuse`.
///
/// Thread safety: one poll at a time; the thread may change between polls. Mirrors `async fn`.
template <class T = void>
class [[nodiscard]] NARA_COROUTINE Async {
  static_assert(!std::is_reference_v<T>, "return a pointer or a std::reference_wrapper instead");

 public:
  using Output = T;
  class promise_type;

  Async(Async&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}

  Async& operator=(Async&& other) noexcept {
    const Async previous(std::exchange(frame_, std::exchange(other.frame_, nullptr)));
    return *this;
  }

  ~Async() {
    if (frame_) frame_.promise().chain().destroy(frame_.promise());
  }

  /// Runs the body until it waits for something that is not ready, or ends. Throws what the body
  /// throws, and `Misuse` when this `Async` is empty or is polled from inside its own body.
  Poll<T> poll(Context& context) {
    check_not_empty();
    if (!frame_.promise().chain().run(context)) return kPending;
    const detail::Ended ended(std::exchange(frame_, nullptr));
    if constexpr (std::is_void_v<T>) {
      ended->take();
      return kReady;
    } else {
      return ended->take();
    }
  }

  /// The `co_await`s that this coroutine and those it called are suspended at, and what the
  /// innermost waits for. Empty before the first poll and after the end.
  Trace trace() const {
    Trace trace;
    describe(trace);
    return trace;
  }

  /// Adds the same to `trace`.
  void describe(Trace& trace) const {
    if (has_started()) frame_.promise().chain().describe(trace);
  }

 private:
  friend detail::ChildAwaiter<T>;

  using Frame = std::coroutine_handle<promise_type>;

  explicit Async(Frame frame) noexcept : frame_(frame) {}

  bool has_started() const noexcept { return frame_ && frame_.promise().has_started(); }
  bool is_fresh() const noexcept { return frame_ && !frame_.promise().has_started(); }

  void check_not_empty() const {
    if (!frame_) throw_empty();
  }

  [[noreturn, gnu::cold]] static void throw_empty() {
    throw Misuse("this Async is empty: it was moved from, or it has ended already");
  }

  Frame frame_;
};

namespace detail {

/// What `co_await f()` turns into when `f` is a coroutine: a nested call.
template <class T>
class ChildAwaiter {
 public:
  explicit ChildAwaiter(Async<T>&& child)
      : frame_(child.is_fresh() ? std::exchange(child.frame_, nullptr) : go_on(child)) {}

  // [call]
  bool await_ready() const noexcept { return false; }

  template <class Parent>
  void await_suspend(std::coroutine_handle<Parent> parent) noexcept {
    frame_.promise().join_chain_of(parent.promise());
  }
  // [/call]

  T await_resume() {
    const Ended ended(frame_);
    return ended->take();
  }

 private:
  /// A coroutine that has been polled has a chain of its own already, and keeps it.
  [[gnu::noinline]] static typename Async<T>::Frame go_on(Async<T>& child) {
    child.check_not_empty();
    const auto await = [](Async<T> started) -> Async<T> { co_return co_await started; };
    Async<T> nested = await(std::move(child));
    return std::exchange(nested.frame_, nullptr);
  }

  typename Async<T>::Frame frame_;  ///< Destroyed by `await_resume`, or else by `Chain::destroy`.
};

/// The half of a promise that depends on what the coroutine returns.
template <class T>
class Promise : public PromiseBase {
 public:
  void return_value(T value) { value_.put(std::move(value)); }

 protected:
  Slot<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  void return_void() const noexcept {}

 protected:
  [[no_unique_address]] Slot<void> value_;
};

// [return]
/// The last stop of a coroutine: the one that awaits it runs next.
struct Return {
  bool await_ready() const noexcept { return false; }
  void await_resume() const noexcept {}

  template <class P>
  void await_suspend(std::coroutine_handle<P> ended) const noexcept {
    ended.promise().leave_chain();
  }
};
// [/return]

}  // namespace detail

/// What the compiler asks of a coroutine that returns `Async<T>`.
template <class T>
class Async<T>::promise_type final : public detail::Promise<T> {
 public:
  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void operator delete(void* frame, std::size_t size) noexcept {
    FramePool::deallocate(frame, size);
  }

  Async get_return_object() noexcept { return Async(Frame::from_promise(*this)); }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  detail::Return final_suspend() const noexcept { return {}; }

  /// `co_await f()`: a nested call.
  template <class U>
  detail::ChildAwaiter<U> await_transform(
      Async<U>&& child, std::source_location where = std::source_location::current()) {
    this->set_where(where);
    return detail::ChildAwaiter<U>(std::move(child));
  }

  /// `co_await future`: everything else.
  template <Future F>
  detail::LeafAwaiter<std::remove_reference_t<F>> await_transform(
      F&& future, std::source_location where = std::source_location::current()) noexcept {
    this->set_where(where);
    return {future, this->chain()};
  }

  /// What the coroutine returned, or throws what it threw.
  T take() {
    this->rethrow();
    return this->value_.take();
  }
};

}  // namespace nara::inline NARA_BUILD
