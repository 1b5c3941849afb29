// A node comes, is cancelled with all below it, and goes.
#include <nara/detail/cancellation_node.hpp>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

std::shared_ptr<CancellationNode> CancellationNode::child_of(CancellationNode& parent) {
  auto child = std::make_shared<CancellationNode>(Key(), parent.mutex_);
  {
    const std::lock_guard lock(*parent.mutex_);
    if (!parent.is_cancelled()) {
      child->parent_ = &parent;
      parent.children_.push_back(*child);
      return child;
    }
  }
  child->cancel();  // It is born cancelled, and needs no parent.
  return child;
}

void CancellationNode::add_handle() noexcept {
  const std::lock_guard lock(*mutex_);
  ++handles_;
}

void CancellationNode::remove_handle() noexcept {
  const std::lock_guard lock(*mutex_);
  if (--handles_ != 0) return;
  unlink();
  // Without a parent, each child is the root of a tree of its own.
  while (CancellationNode* const child = children_.pop_front()) {
    child->parent_ = parent_;
    if (parent_ != nullptr) parent_->children_.push_back(*child);
  }
}

void CancellationNode::cancel() noexcept {
  {
    const std::lock_guard lock(*mutex_);
    if (is_cancelled()) return;
    is_cancelled_.store(true, std::memory_order_release);
    // A list of those that are marked. While we go along it, it grows at its end.
    CancellationNode* last = this;
    for (CancellationNode* node = this; node != nullptr; node = node->next_.get()) {
      for (CancellationNode& child : node->children_) {
        if (child.is_cancelled()) continue;  // And so are all below it.
        child.is_cancelled_.store(true, std::memory_order_release);
        last->next_ = child.shared_from_this();
        last = &child;
      }
    }
  }
  // The tree may change now, but not this list: it keeps its nodes, and only we know of it.
  std::shared_ptr<CancellationNode> node = shared_from_this();
  while (node != nullptr) {
    node->waiters_.close();
    std::shared_ptr<CancellationNode> next = std::move(node->next_);
    node = std::move(next);
  }
}

}  // namespace nara::inline NARA_BUILD::detail
