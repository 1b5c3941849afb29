// Four ways to keep deadlines. Each can set one, cancel one, and give out one that is due.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <nara/detail/wheel.hpp>
#include <utility>
#include <vector>

/// A heap. What is cancelled is only marked, and stays until its time comes.
class LazyHeap {
 public:
  struct Timer {
    bool* is_cancelled = nullptr;
  };

  void set(Timer& timer, std::uint64_t when) {
    heap_.emplace_back(when, std::make_unique<bool>(false));
    timer.is_cancelled = heap_.back().second.get();
    std::ranges::push_heap(heap_, kLater);
  }
  void cancel(Timer& timer) { *timer.is_cancelled = true; }
  bool expire_one(std::uint64_t now) {
    bool was_cancelled = true;
    while (was_cancelled && !heap_.empty() && heap_.front().first <= now) {
      std::ranges::pop_heap(heap_, kLater);
      was_cancelled = *heap_.back().second;
      heap_.pop_back();
    }
    return !was_cancelled;
  }
  std::size_t size() const { return heap_.size(); }

 private:
  using Entry = std::pair<std::uint64_t, std::unique_ptr<bool>>;
  static constexpr auto kLater = [](const Entry& a, const Entry& b) { return a.first > b.first; };

  std::vector<Entry> heap_;
};

/// A heap in which each knows its place, so that it can be taken out.
class Heap {
 public:
  struct Timer {
    std::size_t place = 0;
  };

  void set(Timer& timer, std::uint64_t when) {
    heap_.emplace_back();
    rise({when, &timer}, heap_.size() - 1);
  }
  void cancel(Timer& timer) { take_out(timer.place); }
  bool expire_one(std::uint64_t now) {
    if (heap_.empty() || heap_.front().when > now) return false;
    take_out(0);
    return true;
  }
  std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    std::uint64_t when;
    Timer* timer;
  };

  void put(Entry entry, std::size_t place) {
    heap_[place] = entry;
    entry.timer->place = place;
  }
  void rise(Entry entry, std::size_t place) {
    for (; place > 0 && entry.when < heap_[(place - 1) / 2].when; place = (place - 1) / 2) {
      put(heap_[(place - 1) / 2], place);
    }
    put(entry, place);
  }
  void take_out(std::size_t place) {
    const Entry last = heap_.back();
    heap_.pop_back();
    if (place == heap_.size()) return;
    for (std::size_t child = 0; (child = 2 * place + 1) < heap_.size(); place = child) {
      if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
      if (last.when <= heap_[child].when) break;
      put(heap_[child], place);
    }
    rise(last, place);
  }

  std::vector<Entry> heap_;
};

/// A sorted tree, like the toy's.
class Tree {
 public:
  using Deadlines = std::multimap<std::uint64_t, int>;
  struct Timer {
    Deadlines::iterator place;
  };

  void set(Timer& timer, std::uint64_t when) { timer.place = deadlines_.emplace(when, 0); }
  void cancel(Timer& timer) { deadlines_.erase(timer.place); }
  bool expire_one(std::uint64_t now) {
    if (deadlines_.empty() || deadlines_.begin()->first > now) return false;
    deadlines_.erase(deadlines_.begin());
    return true;
  }
  std::size_t size() const { return deadlines_.size(); }

 private:
  Deadlines deadlines_;
};

/// The wheel of this lesson.
class Wheel {
 public:
  using Timer = nara::detail::Alarm;

  void set(Timer& timer, std::uint64_t when) {
    timer.when = when;
    size_ += wheel_.insert(timer) ? 1 : 0;
  }
  void cancel(Timer& timer) {
    wheel_.remove(timer);
    --size_;
  }
  bool expire_one(std::uint64_t now) {
    if (wheel_.expire(now) == nullptr) return false;
    --size_;
    return true;
  }
  std::size_t size() const { return size_; }

 private:
  nara::detail::Wheel wheel_;
  std::size_t size_ = 0;
};
