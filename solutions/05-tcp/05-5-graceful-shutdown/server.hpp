// A server that keeps what it is told, and can be asked to stop.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/io/buf_reader.hpp>
#include <nara/io/result.hpp>
#include <nara/io/write.hpp>
#include <nara/join_set.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/select.hpp>
#include <nara/sync/cancellation_token.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/timeout.hpp>
#include <optional>
#include <string>
#include <utility>

/// Given. Where lines are kept.
class Journal {
 public:
  Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  virtual ~Journal() = default;

  /// Takes a line, which may take a while. It is in memory then, and on disk with the next
  /// `flush()`. Cancel safety: nobody knows whether the line was taken.
  virtual nara::Async<> append(std::string line) = 0;

  /// Writes all that was taken to the disk.
  virtual nara::Async<> flush() = 0;
};

/// Given. How a server has ended.
struct Report {
  int came = 0;     ///< Clients that were accepted.
  int aborted = 0;  ///< Those that were still there at the deadline.
};

/// Given. Reads what a client still sends, to the end, for a second at most.
///
/// Why: to close a connection of which something was not read throws away what was sent to the
/// other side, too (a reset).
inline nara::Async<> read_the_rest(const nara::net::TcpStream& stream) {
  const nara::time::Instant deadline = nara::time::now() + std::chrono::seconds(1);
  std::array<std::byte, 1024> buffer{};
  while (true) {
    const auto size = co_await nara::time::timeout_at(deadline, stream.read(buffer));
    const bool is_over = !size || !*size || **size == 0;
    if (is_over) co_return;
  }
}

/// Given. The last word: "bye", and then the end.
inline nara::Async<> say_goodbye(const nara::net::TcpStream& stream) {
  const nara::io::Result<void> said = co_await nara::io::write_all(stream, "bye\n");
  if (!said) co_return;
  const nara::io::Result<void> ended = co_await stream.shutdown();
  if (ended) co_await read_the_rest(stream);
}

/// Talks with one client, until that has gone. Gives each line to the journal, and acknowledges it
/// afterwards: "kept " and the line. When `stopping` is cancelled, it finishes the line that it has
/// begun with, begins with no other, and says goodbye.
inline nara::Async<> talk(nara::net::TcpStream stream, Journal& journal,
                          nara::sync::CancellationToken stopping) {
  auto lines = nara::io::lines(nara::io::BufReader(stream));
  // BEGIN SOLUTION
  // STARTER: nara::todo("05-5: talk() keeps each line, acknowledges it, and hears the stop");
  // STARTER: co_return;
  while (true) {
    const auto next = co_await stopping.run_until_cancelled(lines.next_line());
    if (!next) break;
    const bool has_gone = !*next || !**next;
    if (has_gone) co_return;
    const std::string& line = ***next;
    co_await journal.append(line);
    const std::string answer = "kept " + line + "\n";
    const nara::io::Result<void> answered = co_await nara::io::write_all(stream, answer);
    if (!answered) co_return;
  }
  co_await say_goodbye(stream);
  // END SOLUTION
}

/// Waits until all clients have gone, but for no longer than `grace` in all. Aborts those that are
/// left, and gives how many these were. Nobody is left when it is ready.
inline nara::Async<int> drain(nara::JoinSet<void>& clients, nara::time::Duration grace) {
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("05-5: drain() waits until the deadline, and aborts who is left");
  const nara::time::Instant deadline = nara::time::now() + grace;
  while (!clients.empty()) {
    const auto ended = co_await nara::time::timeout_at(deadline, clients.join_next());
    if (!ended) break;
  }
  const int left = static_cast<int>(clients.size());
  co_await clients.shutdown();
  co_return left;
  // END SOLUTION
}

/// Talks with all who come, until `stop` is ready. Then it accepts nobody any more, asks all
/// clients' tasks to stop, gives them `grace`, aborts the rest, and flushes the journal.
inline nara::Async<Report> serve(nara::net::TcpListener listener, nara::Async<> stop,
                                 Journal& journal, nara::time::Duration grace) {
  nara::JoinSet<void> clients;
  nara::sync::CancellationToken stopping;
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("05-5: serve() accepts until the stop, and then ends in order");
  Report report;
  bool is_stopping = false;
  std::optional<nara::net::TcpListener> door(std::move(listener));
  const auto stop_now = [&] { is_stopping = true; };
  const auto forget = [] {};
  const auto welcome = [&](nara::io::Result<nara::net::Accepted> accepted) {
    if (!accepted) return stop_now();
    ++report.came;
    clients.spawn(talk(std::move(accepted->stream), journal, stopping.clone()));
  };
  while (!is_stopping) {
    co_await nara::select_biased(
        nara::on(stop, stop_now),
        nara::when(!clients.empty(), nara::on(clients.join_next(), forget)),
        nara::on(door->accept(), welcome));
  }
  door.reset();
  stopping.cancel();
  report.aborted = co_await drain(clients, grace);
  co_await journal.flush();
  co_return report;
  // END SOLUTION
}
