// The tree that cancellation tokens are the handles of.
//
//                 ┌──────┐
//        root     │ node │     One mutex for the whole tree: it guards all links, all counts of
//                 └──┬───┘     handles, and who is cancelled. What is asked of a token is short.
//            ┌───────┴──────┐
//         ┌──┴───┐       ┌──┴───┐
//         │ node │       │ node │  ◄── its handles: a token, and its clones
//         └──┬───┘       └──────┘
//         ┌──┴───┐
//         │ node │
//         └──────┘
//
// A node whose last handle goes leaves the tree; its children belong to its parent then. So each
// node in the tree has a handle, and nothing is kept that nobody can ask for.
//
// cancel() marks a whole subtree while it has the mutex, and wakes those who wait afterwards. Both
// are loops: a tree may be deeper than any stack.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <nara/detail/permits.hpp>
#include <nara/intrusive_list.hpp>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

/// A node. It is made with one handle. Any thread.
class CancellationNode : public std::enable_shared_from_this<CancellationNode>, public ListNode {
  /// What only a node can make.
  struct Key {};

 public:
  static std::shared_ptr<CancellationNode> root() {
    return std::make_shared<CancellationNode>(Key(), std::make_shared<std::mutex>());
  }

  /// A child, which is cancelled when `parent` is.
  static std::shared_ptr<CancellationNode> child_of(CancellationNode& parent);

  CancellationNode(Key, std::shared_ptr<std::mutex> mutex) noexcept : mutex_(std::move(mutex)) {}

  void add_handle() noexcept;

  /// The last one takes the node out of the tree.
  void remove_handle() noexcept;

  /// Cancels it, and all below it.
  void cancel() noexcept;

  /// Acquire: pairs with cancel().
  bool is_cancelled() const noexcept { return is_cancelled_.load(std::memory_order_acquire); }

  /// There never are permits: who waits for one is dismissed when the node is cancelled.
  Permits& waiters() noexcept { return waiters_; }

 private:
  const std::shared_ptr<std::mutex> mutex_;  ///< Of the tree.
  CancellationNode* parent_ = nullptr;       ///< Guarded by it, like all up to `handles_`.
  IntrusiveList<CancellationNode> children_;
  std::size_t handles_ = 1;
  std::atomic<bool> is_cancelled_ = false;  ///< Set once, with the mutex held.
  std::shared_ptr<CancellationNode> next_;  ///< Belongs to the cancel() that has marked it.
  Permits waiters_{0};
};

}  // namespace nara::inline NARA_BUILD::detail
