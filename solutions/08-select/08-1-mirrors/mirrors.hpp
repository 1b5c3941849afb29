// One file, and several servers that have it: whoever is first wins.
#pragma once

#include <expected>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/select.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// What a mirror sends; or else, in words, why it does not.
using File = std::expected<std::string, std::string>;

/// Given. A server that should have the file.
class Mirror {
 public:
  Mirror() = default;
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;
  virtual ~Mirror() = default;

  /// Opens a connection, and fetches the file. The connection is closed when the future is
  /// destroyed, whether or not the file has come.
  virtual nara::Async<File> fetch() = 0;
};

/// Asks both mirrors at once, and gives what comes first, be it the file or an error. No connection
/// is open any more when it returns.
inline nara::Async<File> first_of(Mirror& one, Mirror& other) {
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("08-1: first_of() selects between the two fetches");
  auto first = co_await nara::select(one.fetch(), other.fetch());
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return std::get<1>(std::move(first));
  // END SOLUTION
}

/// Asks all mirrors at once, and gives the first file that comes. Errors do not count, unless all
/// fail: then it gives the last one, or "no mirrors" when there are none. No connection is open any
/// more when it returns. When it is destroyed, all fetches are cancelled.
inline nara::Async<File> first_good(std::vector<Mirror*> mirrors) {
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("08-1: first_good() spawns a task for each mirror, in a set");
  nara::JoinSet<File> fetches;
  for (Mirror* const mirror : mirrors) fetches.spawn(mirror->fetch());
  File file = std::unexpected("no mirrors");
  while (!file && !fetches.empty()) {
    auto next = co_await fetches.join_next();
    file = std::move(next)->value();
  }
  co_await fetches.shutdown();
  co_return file;
  // END SOLUTION
}
