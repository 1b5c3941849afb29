// What takes long to load is loaded once, however many ask for it at the same time.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <nara/async.hpp>
#include <nara/sync/once_cell.hpp>
#include <string>
#include <utility>

/// A text; or else, in words, why there is none.
using Loaded = std::expected<std::string, std::string>;

/// Given. Where it all comes from.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// Takes long. Cancel safe. It may itself ask the cache for another key.
  virtual nara::Async<Loaded> load(std::string key) = 0;
};

/// Keeps what was loaded, by its key. One thread only. It must outlive those who wait.
class Cache {
 public:
  explicit Cache(Source& source) : source_(source) {}

  /// What belongs to the key. If it is not there, it is loaded, by one for all who ask for it
  /// meanwhile. If that fails, the one who has loaded gets the error, and of those who wait, the
  /// next one loads. Keys do not wait for each other.
  ///
  /// Cancel safety: if it is given up while it loads, the next who waits loads.
  nara::Async<Loaded> get(std::string key) {
    // BEGIN SOLUTION
    // STARTER: co_return nara::todo("09-4: get() finds the cell of the key, and lets one fill it");
    std::shared_ptr<Cell>& place = cells_[key];
    if (place == nullptr) place = std::make_shared<Cell>();
    const Visit visit(*this, key, place);
    // Safe because: get_or_try_init() keeps the lambda until the load is over.
    // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines)
    const auto load = [&]() -> nara::Async<Loaded> {
      Loaded loaded = co_await source_.load(key);
      co_return loaded;
    };
    const auto found = co_await visit.cell->get_or_try_init(load);
    if (!found) co_return std::unexpected(found.error());
    co_return **found;
    // END SOLUTION
  }

  /// The next who asks for the key loads it anew. Who loads it just now, or waits for that, gets
  /// what comes of it; but it is not kept.
  void forget(const std::string& key) { cells_.erase(key); }

  /// How many keys it knows: those that are kept, and those that somebody loads.
  std::size_t size() const noexcept { return cells_.size(); }

 private:
  /// Empty until it was loaded. Those who use it share it, so it lives on when it is forgotten.
  using Cell = nara::sync::OnceCell<std::string>;

  /// Somebody who uses a cell. The last one of them takes a cell that is still empty out of the
  /// cache, however that has come.
  struct Visit {
    Visit(Cache& cache, const std::string& key, std::shared_ptr<Cell> cell)
        : cache(cache), key(key), cell(std::move(cell)) {}
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() {
      // BEGIN SOLUTION
      // STARTER: // 09-4: is the cell empty, and still that of the key, and does nobody else use it?
      const auto place = cache.cells_.find(key);
      if (place == cache.cells_.end() || place->second != cell) return;  // It was forgotten.
      const bool is_last = cell.use_count() == 2;                        // The cache has the other.
      if (is_last && !cell->is_initialized()) cache.cells_.erase(place);
      // END SOLUTION
    }

    Cache& cache;
    const std::string& key;
    std::shared_ptr<Cell> cell;
  };

  Source& source_;
  std::map<std::string, std::shared_ptr<Cell>> cells_;
};
