// A few connections to a server, which many tasks share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <nara/async.hpp>
#include <nara/sync/semaphore.hpp>
#include <nara/time/timeout.hpp>
#include <nara/todo.hpp>
#include <utility>
#include <vector>

/// Given. Destroying it closes it.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  /// True when it is of no use any more. That may happen at any time, also while nobody uses it.
  virtual bool is_broken() const noexcept = 0;
};

/// Given.
class Server {
 public:
  Server() = default;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  virtual ~Server() = default;

  /// Opens a connection. Gives null when the server refuses. Cancel safe: given up, nothing is
  /// open.
  virtual nara::Async<std::unique_ptr<Connection>> connect() = 0;
};

/// Why there is no connection.
enum class PoolError : std::uint8_t { kNoTime, kRefused };

class Pool;

/// A connection that one has for a while. Destroying it gives it back to the pool, or closes it if
/// it is broken.
class [[nodiscard]] Lease {
 public:
  Lease(Pool& pool, nara::sync::SemaphorePermit permit,
        std::unique_ptr<Connection> connection) noexcept
      : pool_(&pool), permit_(std::move(permit)), connection_(std::move(connection)) {}
  Lease(Lease&&) noexcept = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  Connection& operator*() const noexcept { return *connection_; }
  Connection* operator->() const noexcept { return connection_.get(); }

 private:
  Pool* pool_;
  nara::sync::SemaphorePermit permit_;  // Before the connection: so it goes after that.
  std::unique_ptr<Connection> connection_;
};

/// At most `most` connections to a server are open at a time. Who comes first is served first. It
/// must outlive its leases. One thread only.
class Pool {
 public:
  using Answer = std::expected<Lease, PoolError>;

  Pool(Server& server, std::size_t most) : server_(server), permits_(most) {
    idle_.reserve(most);  // To give one back allocates nothing.
  }

  /// Gives a connection that nobody uses; or opens one, if there may be one more; or waits for one.
  /// All of that must not take longer than `limit`.
  ///
  /// Cancel safety: given up, at any point, nothing is lost. The next one in the line moves up.
  nara::Async<Answer> acquire(nara::time::Duration limit) {
    co_return nara::todo("09-3: acquire() gives take() so much time");
  }

  /// How many are open, and nobody uses them.
  std::size_t idle() const noexcept { return idle_.size(); }

 private:
  friend Lease;

  /// The same as `acquire()`, however long it takes.
  nara::Async<Answer> take() {
    co_return nara::todo("09-3: take() gets a permit, and a connection to go with it");
  }

  Server& server_;
  nara::sync::Semaphore permits_;  ///< One for each connection that somebody has, or opens.
  std::vector<std::unique_ptr<Connection>> idle_;
};

inline Lease::~Lease() {
  // 09-3: give the connection back, unless it is broken. One that was moved from has none.
}
