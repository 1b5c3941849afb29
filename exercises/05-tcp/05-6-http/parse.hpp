// From text to a request, and from a response to text. Nothing here waits. RFC 9112.
//
//   POST /tea HTTP/1.1\r\n        the request line          stage 1
//   Host: example.com\r\n         headers                   stage 2
//   Content-Length: 4\r\n
//   \r\n                          the end of the head
//   milk                          the body                  stage 3: how long is it?
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <ctime>
#include <message.hpp>
#include <nara/todo.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace http {

/// Stage 1. Reads a request line, "GET /tea HTTP/1.1": a method, one space, a target, one space,
/// and a version. The method is a token. The target is not empty, and has no space in it.
///
/// HTTP/1.0 is minor version 0, and all other HTTP/1.x are 1. A version that looks like one but is
/// no 1.x, such as HTTP/2.0, is a 505. All else is a 400.
inline Parsed<Request> parse_request_line(std::string_view line) {
  return nara::todo("05-6: parse_request_line() reads a method, a target and a version");
}

/// Stage 2. Reads a header, "Host: example.com". The name is a token, and the colon comes right
/// after it. Spaces and tabs around the value do not belong to it. The value may be empty.
///
/// All else is a 400, also a line that begins with a space: once, that was how a header went on in
/// the next line.
inline Parsed<Header> parse_header(std::string_view line) {
  return nara::todo("05-6: parse_header() reads a name and a value");
}

/// Given. Reads a head, line by line. An empty line before it is passed over: some clients end a
/// body with one. A client of HTTP/1.1 says whom it means: exactly one Host.
inline Parsed<Request> parse_head(std::string_view head) {
  Parsed<Request> request = std::unexpected(400);
  bool is_first = true;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find('\n'), head.size());
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 1, head.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (has_controls(line)) return std::unexpected(400);
    if (is_first) {
      request = parse_request_line(line);
      if (!request) return request;
      is_first = false;
    } else {
      Parsed<Header> header = parse_header(line);
      if (!header) return std::unexpected(header.error());
      request->headers.push_back(*std::move(header));
    }
  }
  if (request && request->minor_version == 1 && values(*request, "Host").size() != 1) {
    return std::unexpected(400);
  }
  return request;
}

/// Stage 3. How many bytes of body come after the head: what Content-Length says, or 0 if there is
/// none.
///
/// The server and all that stand before it have to agree about where a request ends: else somebody
/// could hide one request in another. So all that is in doubt is an error. Two Content-Lengths, one
/// with a Transfer-Encoding, or one that is not made of digits alone: 400. Transfer-Encoding, which
/// this server cannot read: 501. More than `limits.body`, and be it a number with a hundred digits:
/// 413.
inline Parsed<std::size_t> body_size(const Request& request, const Limits& limits) {
  return nara::todo("05-6: body_size() says how long the body is");
}

/// Stage 3. Does the connection stay open after this request? With HTTP/1.1 it does, unless its
/// Connection header has the word "close". With HTTP/1.0 it does only if it has "keep-alive";
/// "close" wins.
inline bool stays_open(const Request& request) {
  return nara::todo("05-6: stays_open() looks at the version and at Connection");
}

/// Given. "Sun, 06 Nov 1994 08:49:37 GMT".
inline std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[sizeof "Sun, 06 Nov 1994 08:49:37 GMT"];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

/// Stage 6. The response as it is sent: "HTTP/1.1 200 OK", then the headers Date, Content-Type,
/// Content-Length and Connection ("keep-alive" or "close"), an empty line, and the body. Each line
/// ends with "\r\n".
///
/// The answer to a HEAD is the same without the body. Its Content-Length is still that of the body,
/// which is what the client has asked for.
inline std::string to_text(const Response& response, bool is_head, bool stays_open) {
  return nara::todo("05-6: to_text() writes the status, four headers, and the body");
}

}  // namespace http
