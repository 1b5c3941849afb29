// A server that keeps values under names, for everybody, also for those who mean no good: each
// client has so many bytes, and so much time, and no more.
//
//   client ──► BufReader ──► read_line() ──► reply() ──► BufWriter ──► client
//              8 KiB         1 KiB a line                8 KiB
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <nara/async.hpp>
#include <nara/io/buf_reader.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <nara/io/write.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/time/timeout.hpp>
#include <nara/todo.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Given. So many bytes may come before the "\n" of a line, a "\r" among them.
inline constexpr std::size_t kLongest = 1024;

/// Given. So long may a line take, from the answer to the one before it; and so long may a client
/// take to make room for more answers.
inline constexpr std::chrono::seconds kPatience(30);

/// Given. What is kept: values by their names, and no more of them than `kMost`.
using Store = std::map<std::string, std::string, std::less<>>;
inline constexpr std::size_t kMost = 1000;

/// Given. What has come of a client. One that is too long has no text.
struct Line {
  std::string text;
  bool is_too_long = false;
};

/// Given. Does what a line says, and gives the answer, with "\n" at its end.
inline std::string reply(Store& store, const Line& line) {
  if (line.is_too_long) return "error: too long\n";
  const std::string_view all = line.text;
  const std::string_view command = all.substr(0, all.find(' '));
  const std::string_view rest = all.substr(command.size() + (command.size() < all.size() ? 1 : 0));
  const std::string_view name = rest.substr(0, rest.find(' '));
  const auto found = store.find(name);
  if (command == "get" && !name.empty() && name.size() == rest.size()) {
    return found == store.end() ? "nothing\n" : "value " + found->second + "\n";
  }
  if (command == "set" && !name.empty() && name.size() < rest.size()) {
    if (found == store.end() && store.size() >= kMost) return "error: full\n";
    store.insert_or_assign(std::string(name), std::string(rest.substr(name.size() + 1)));
    return "ok\n";
  }
  return "error: say \"set NAME VALUE\", or \"get NAME\"\n";
}

/// Reads the next line, without the "\n" or "\r\n" at its end; the last one may lack it. Gives
/// nothing when there will be no more: at the end, and when it cannot be read.
///
/// One with more than `kLongest` bytes before its "\n" is read to its end as well, so that the next
/// one is a line again. It is not kept.
template <class Stream>
nara::Async<std::optional<Line>> read_line(nara::io::BufReader<Stream>& reader) {
  co_return nara::todo("06-4: read_line() reads up to \\n, and keeps no more than kLongest");
}

/// Answers line after line with `reply()`, in their order, until there are no more.
///
/// Answers are collected, and flushed before it waits for the client: when no whole line is there
/// any more. Then all other tasks have a turn, too: whoever sends as much as it can must not keep
/// them waiting. A line that takes longer than `kPatience` is answered with `error: too slow`, and
/// is the last. A client who does not take its answers for so long is dropped without a word.
template <class Stream>
nara::Async<> talk(Stream& stream, Store& store) {
  nara::io::BufReader reader(stream);
  nara::io::BufWriter writer(stream);
  nara::todo("06-4: talk() reads, replies, and flushes before it waits");
  co_return;
}

/// Given. One task for each client.
inline nara::Async<> serve_client(nara::net::TcpStream stream, std::shared_ptr<Store> store) {
  co_await talk(stream, *store);
}

/// Given. Serves all who come. Gives the error when nobody can come in any more.
inline nara::Async<nara::io::Result<void>> serve(nara::net::TcpListener listener) {
  const auto store = std::make_shared<Store>();
  while (true) {
    nara::io::Result<nara::net::Accepted> accepted = co_await listener.accept();
    if (!accepted) co_return std::unexpected(accepted.error());
    (void)nara::spawn(serve_client(std::move(accepted->stream), store));
  }
}
