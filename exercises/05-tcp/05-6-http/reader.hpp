// Requests out of a stream of bytes. The bytes come as they like: one by one, or three requests at
// once.
//
//   stream ──► [ GET /a … \r\n\r\n GET /b … \r\n\r\n GE ]      what has come, and is not used yet
//                └──── read_head() ───┘                         takes from the front
#pragma once

#include <array>
#include <cstddef>
#include <message.hpp>
#include <nara/async.hpp>
#include <nara/io/concepts.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <nara/io/write.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/timeout.hpp>
#include <nara/todo.hpp>
#include <parse.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace http {

/// Given. How many bytes the head at the front of `text` has, with the empty line at its end; 0
/// while that has not come.
inline std::size_t head_size(std::string_view text) {
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', end + 1)) {
    const std::string_view rest = text.substr(end + 1);
    if (rest.starts_with('\n')) return end + 2;
    if (rest.starts_with("\r\n")) return end + 3;
  }
  return 0;
}

/// Reads requests from a stream, which has to outlive it: a `TcpStream`, or one end of a
/// `duplex()`.
template <class Stream>
class Reader {
 public:
  Reader(Stream& stream, const Limits& limits) : stream_(stream), limits_(limits) {}

  /// Given. The next request, or the status to answer with, or `kGone`.
  nara::Async<Parsed<Request>> read_request() {
    const Parsed<std::string> head = co_await read_head();
    if (!head) co_return std::unexpected(head.error());
    Parsed<Request> request = parse_head(*head);
    if (!request) co_return request;
    const Parsed<std::size_t> size = body_size(*request, limits_);
    if (!size) co_return std::unexpected(size.error());
    const bool waits = has_word(*request, "Expect", "100-continue") && request->minor_version == 1;
    Parsed<std::string> body = co_await read_body(*size, waits);
    if (!body) co_return std::unexpected(body.error());
    request->body = *std::move(body);
    co_return request;
  }

  /// Stage 4. Takes the next head from the front of `buffer_`, with the empty line at its end, and
  /// leaves what comes after it.
  ///
  /// When `buffer_` is empty, waits for `limits_.idle` until something comes; `kGone` if nothing
  /// does. From then on, the whole head has `limits_.head_time`: 408 afterwards. `kGone` when the
  /// stream ends or fails before the head does. 431 when the head has more than `limits_.head`
  /// bytes: also when it is complete, and as soon as it is clear when it is not.
  nara::Async<Parsed<std::string>> read_head() {
    co_return nara::todo("05-6: read_head() reads up to an empty line");
  }

  /// Stage 5. Takes a body of `size` bytes from the front of `buffer_`, reads what is missing, and
  /// leaves what comes after it. It has `limits_.body_time`: 408 afterwards. `kGone` when the
  /// stream ends or fails before.
  ///
  /// A client with a large body may wait to be asked for it (`waits`). If nothing of it is here,
  /// write "HTTP/1.1 100 Continue\r\n\r\n" to `stream_` first.
  nara::Async<Parsed<std::string>> read_body(std::size_t size, bool waits) {
    co_return nara::todo("05-6: read_body() takes what is here, and reads what is missing");
  }

 private:
  /// Given. Waits until something comes, and appends it to `buffer_`. Gives how many bytes that
  /// are; 0 when there will be no more. Cancel safe: nothing was read.
  nara::Async<std::size_t> more() {
    std::array<std::byte, 4096> piece;
    const nara::io::Result<std::size_t> size = co_await stream_.read(piece);
    if (!size) co_return 0;
    buffer_ += nara::io::as_text(std::span(piece).first(*size));
    co_return *size;
  }

  Stream& stream_;
  const Limits& limits_;
  std::string buffer_;  ///< What has come, and is not used yet.
};

}  // namespace http
