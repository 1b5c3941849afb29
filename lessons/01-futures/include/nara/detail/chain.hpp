// One chain of coroutines that await each other, and what is known about all of them together.
//
//        root            middle             top                 leaf
//   ┌────────────┐   ┌────────────┐   ┌────────────┐     ┌────────────────┐
//   │ Async      │◄──│ Async      │◄──│ Async      │     │ future awaited │
//   │ co_await ──┼──►│ co_await ──┼──►│ co_await ──┼────►│ by the top     │
//   └─────┬──────┘   └────────────┘   └────────────┘     └────────────────┘
//         │                                 ▲                    ▲
//       Chain ── top_ ──────────────────────┘                    │
//             ── leaf_ ──────────────────────────────────────────┘
//
// A poll of the root goes straight to the leaf, however deep the chain is. When the leaf is ready,
// the top is resumed. A coroutine that calls another or returns only moves `top_` and gives control
// back to the loop in `Chain::run` (a trampoline), so the stack stays flat.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <nara/context.hpp>
#include <nara/misuse.hpp>
#include <nara/trace.hpp>
#include <source_location>

namespace nara::inline NARA_BUILD::detail {

class PromiseBase;

/// The future that the top of a chain awaits, as the chain sees it.
class Leaf {
 public:
  /// Polls the future once more; true when the coroutine that awaits it can go on.
  virtual bool poll_again(Context& context) noexcept = 0;

  /// Adds to `trace` what the future waits for.
  virtual void describe(Trace& trace) const = 0;

 protected:
  ~Leaf() = default;
};

class Chain {
 public:
  explicit Chain(PromiseBase& root) noexcept : top_(&root) {}

  /// Goes on until the root has returned (true) or a leaf is pending (false). Throws `Misuse` when
  /// it is running already.
  bool run(Context& context);

  bool is_running() const noexcept { return context_ != nullptr; }

  /// The context of the poll that is going on.
  Context& context() const noexcept { return *context_; }

  /// The top has polled `leaf`, found it pending, and is about to suspend.
  void wait_for(Leaf& leaf) noexcept { leaf_ = &leaf; }

  /// `promise` runs next. Null: the root has returned.
  void set_top(PromiseBase* promise) noexcept { top_ = promise; }

  /// Destroys all frames of the chain, innermost first, the one of `root` last. Throws `Misuse`
  /// while the chain is running, which ends the program, because a destructor asked for it.
  void destroy(PromiseBase& root);

  /// Adds to `trace` where each coroutine of the chain is suspended, the root first, and what the
  /// top waits for.
  void describe(Trace& trace) const;

 private:
  // [state]
  PromiseBase* top_;            ///< The innermost coroutine. Null once the root has returned.
  Leaf* leaf_ = nullptr;        ///< What the top waits for. Null when it can be resumed.
  Context* context_ = nullptr;  ///< Set while `run` is running.
  // [/state]
};

/// What the promises of all `Async` types have in common.
class PromiseBase {
 public:
  PromiseBase() noexcept = default;
  PromiseBase(const PromiseBase&) = delete;
  PromiseBase& operator=(const PromiseBase&) = delete;

  /// The chain that this coroutine is in: its own, until another coroutine awaits it.
  Chain& chain() const noexcept { return *chain_; }

  /// The coroutine that awaits this one. Null for a root.
  PromiseBase* parent() const noexcept { return parent_; }

  // [links]
  /// Called: this coroutine becomes the top of the chain of `parent`, which awaits it.
  void join_chain_of(PromiseBase& parent) noexcept {
    parent_ = &parent;
    chain_ = parent.chain_;
    chain_->set_top(this);
  }

  /// Returned: the coroutine that awaits this one is the top again.
  void leave_chain() noexcept { chain_->set_top(parent_); }
  // [/links]

  /// The `co_await` that this coroutine is at.
  std::source_location where() const noexcept { return where_; }
  void set_where(std::source_location where) noexcept { where_ = where; }

  bool has_started() const noexcept { return where_.line() != 0; }

  /// Called by the compiler in a `catch (...)` around the body.
  void unhandled_exception() noexcept {
    // A frame that is being destroyed gets here too, when a destructor in it throws. Nobody awaits
    // the frame any more, and the compiler would leave it half destroyed.
    if (!chain_->is_running()) std::terminate();
    error_ = std::current_exception();
  }

  /// Throws what the body threw, if it did.
  void rethrow() const {
    if (error_) rethrow_error();
  }

  std::coroutine_handle<> handle() noexcept {
    // Safe because: a handle is found from a promise by its address and alignment, and every
    // promise of an Async begins with its PromiseBase and is aligned to at most 16 bytes.
    return std::coroutine_handle<PromiseBase>::from_promise(*this);
  }

 private:
  [[noreturn, gnu::cold]] void rethrow_error() const { std::rethrow_exception(error_); }

  Chain own_{*this};
  Chain* chain_ = &own_;
  PromiseBase* parent_ = nullptr;
  std::source_location where_;
  std::exception_ptr error_;
};

// [run]
inline bool Chain::run(Context& context) {
  if (is_running()) throw Misuse("an Async was polled from inside its own body");
  context_ = &context;
  if (leaf_ == nullptr || leaf_->poll_again(context)) {
    std::uint32_t resumes = 0;
    leaf_ = nullptr;
    do {
      ++resumes;
      top_->handle().resume();
    } while (top_ != nullptr && leaf_ == nullptr);
    context.count_resumes(resumes);
  }
  context_ = nullptr;
  return top_ == nullptr;
}
// [/run]

}  // namespace nara::inline NARA_BUILD::detail
