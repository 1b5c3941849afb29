// A connection: requests come in, responses go out, in the same order.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <message.hpp>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/io/write.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/timeout.hpp>
#include <parse.hpp>
#include <reader.hpp>
#include <string>
#include <utility>

namespace http {

/// Given. The response to what is no request.
inline Response error_page(int status) {
  return {.status = status, .body = std::string(reason(status)) + "\n"};
}

/// Given. What the handler says. That it throws is its own error, and not the client's.
inline Response answer(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (const std::exception&) {
    return error_page(500);
  }
}

/// Given. Ends writing, and reads what the client still sends, for two seconds at most.
///
/// Why: to close a connection of which something was not read throws away what was sent to the
/// other side, too (a reset). The client would never see why it was turned away.
template <class Stream>
nara::Async<> linger(Stream& stream) {
  const nara::io::Result<void> ended = co_await stream.shutdown();
  if (!ended) co_return;
  const nara::time::Instant deadline = nara::time::now() + std::chrono::seconds(2);
  std::array<std::byte, 4096> buffer;
  while (true) {
    const auto size = co_await nara::time::timeout_at(deadline, stream.read(buffer));
    const bool is_over = !size || !*size || **size == 0;
    if (is_over) co_return;
  }
}

/// Stage 7. Answers the requests of a client, one after the other, until one of them is the last,
/// or something goes wrong.
///
/// What is no request is answered with `error_page(status)`, and is the last: nobody knows where
/// the next one would begin. When the client has gone (`kGone`), there is no answer. Each answer
/// has `limits.write_time` to be written; a client that does not take it is dropped without a word.
/// After the last answer, lingers.
template <class Stream>
nara::Async<> serve_connection(Stream& stream, const Handler& handler, const Limits& limits) {
  Reader<Stream> reader(stream, limits);
  // BEGIN SOLUTION
  // STARTER: nara::todo("05-6: serve_connection() reads, answers and writes, until the last one");
  // STARTER: co_return;
  bool stays = true;
  while (stays) {
    const Parsed<Request> request = co_await reader.read_request();
    if (!request && request.error() == kGone) co_return;
    stays = request && stays_open(*request);
    const bool is_head = request && request->method == "HEAD";
    const Response response = request ? answer(handler, *request) : error_page(request.error());
    const std::string text = to_text(response, is_head, stays);
    const auto written =
        co_await nara::time::timeout(limits.write_time, nara::io::write_all(stream, text));
    const bool is_taken = written && *written;
    if (!is_taken) co_return;
  }
  co_await linger(stream);
  // END SOLUTION
}

/// Given. One task for each client.
inline nara::Async<> serve_client(nara::net::TcpStream stream, const Handler& handler,
                                  const Limits& limits) {
  (void)stream.set_nodelay(true);
  co_await serve_connection(stream, handler, limits);
}

/// Given. Accepts clients for ever. The handler and the limits have to outlive their tasks.
inline nara::Async<nara::io::Result<void>> serve(nara::net::TcpListener listener,
                                                 const Handler& handler, const Limits& limits) {
  while (true) {
    auto accepted = co_await listener.accept();
    if (!accepted) co_return std::unexpected(accepted.error());
    (void)nara::spawn(serve_client(std::move(accepted->stream), handler, limits));
  }
}

}  // namespace http
