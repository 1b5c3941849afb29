// A list whose links are inside the things that it lists: nothing is allocated to join, and leaving
// takes no search.
#pragma once

#include <cassert>
#include <cstddef>
#include <iterator>
#include <utility>

namespace nara::inline NARA_BUILD {

/// The links of something that can stand in one `IntrusiveList`. Its destructor asserts that it has
/// left, because the list would go on pointing to it.
class ListNode {
 public:
  ListNode() noexcept = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { assert(!is_linked() && "it was destroyed while it stood in a list"); }

  bool is_linked() const noexcept { return next_ != nullptr; }

  /// Leaves the list, in constant time. Does nothing when it is in none.
  void unlink() noexcept {
    if (!is_linked()) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = nullptr;
  }

 private:
  template <class T>
  friend class IntrusiveList;

  ListNode* previous_ = nullptr;
  ListNode* next_ = nullptr;
};

/// A first-in, first-out list of `T`, which derives from `ListNode`. It owns nothing.
///
/// Thread safety: none. Whoever shares a list guards it, and its members' links with it.
template <class T>
class IntrusiveList {
 public:
  IntrusiveList() noexcept { ends_.previous_ = ends_.next_ = &ends_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  /// Those that are still in it leave.
  ~IntrusiveList() {
    while (pop_front() != nullptr) {
    }
    ends_.previous_ = ends_.next_ = nullptr;
  }

  bool empty() const noexcept { return ends_.next_ == &ends_; }

  /// Null when the list is empty.
  T* front() const noexcept { return empty() ? nullptr : static_cast<T*>(ends_.next_); }
  T* back() const noexcept { return empty() ? nullptr : static_cast<T*>(ends_.previous_); }

  /// `member` must be in no list.
  void push_back(T& member) noexcept { insert(*ends_.previous_, member); }
  void push_front(T& member) noexcept { insert(ends_, member); }

  /// Null when the list is empty.
  T* pop_front() noexcept {
    T* const first = front();
    if (first != nullptr) first->unlink();
    return first;
  }

  /// All members of `other` leave it, and stand at the end of this one, in their order.
  void append(IntrusiveList& other) noexcept {
    if (other.empty()) return;
    ListNode* const first = std::exchange(other.ends_.next_, &other.ends_);
    ListNode* const last = std::exchange(other.ends_.previous_, &other.ends_);
    first->previous_ = std::exchange(ends_.previous_, last);
    first->previous_->next_ = first;
    last->next_ = &ends_;
  }

  /// Goes from the first to the last. The one it stands at must not leave before it has gone on.
  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(ListNode* node = nullptr) noexcept : node_(node) {}
    T& operator*() const noexcept { return *static_cast<T*>(node_); }
    Iterator& operator++() noexcept {
      node_ = node_->next_;
      return *this;
    }
    Iterator operator++(int) noexcept {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator&) const noexcept = default;

   private:
    ListNode* node_;
  };

  Iterator begin() const noexcept { return Iterator(ends_.next_); }
  Iterator end() const noexcept { return Iterator(&ends_); }

 private:
  static void insert(ListNode& before, ListNode& node) noexcept {
    assert(!node.is_linked() && "it stands in a list already");
    node.previous_ = &before;
    node.next_ = before.next_;
    before.next_->previous_ = &node;
    before.next_ = &node;
  }

  mutable ListNode ends_;  ///< Before the first and after the last: no list is ever a special case.
};

}  // namespace nara::inline NARA_BUILD
