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
  // BEGIN SOLUTION
  // STARTER: return nara::todo("05-6: parse_request_line() reads a method, a target and a version");
  constexpr std::string_view kVersion = "HTTP/x.x";
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == line.npos || first == last) return std::unexpected(400);
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || target.empty() || target.contains(' ')) return std::unexpected(400);
  const auto is_digit = [](char letter) { return '0' <= letter && letter <= '9'; };
  const bool is_version = version.size() == kVersion.size() && version.starts_with("HTTP/") &&
                          is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!is_version) return std::unexpected(400);
  if (version[5] != '1') return std::unexpected(505);
  Request request;
  request.method = method;
  request.target = target;
  request.minor_version = version[7] == '0' ? 0 : 1;
  return request;
  // END SOLUTION
}

/// Stage 2. Reads a header, "Host: example.com". The name is a token, and the colon comes right
/// after it. Spaces and tabs around the value do not belong to it. The value may be empty.
///
/// All else is a 400, also a line that begins with a space: once, that was how a header went on in
/// the next line.
inline Parsed<Header> parse_header(std::string_view line) {
  // BEGIN SOLUTION
  // STARTER: return nara::todo("05-6: parse_header() reads a name and a value");
  const std::size_t colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon))) return std::unexpected(400);
  Header header;
  header.name = line.substr(0, colon);
  header.value = trimmed(line.substr(colon + 1));
  return header;
  // END SOLUTION
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
  // BEGIN SOLUTION
  // STARTER: return nara::todo("05-6: body_size() says how long the body is");
  const std::vector<std::string_view> lengths = values(request, "Content-Length");
  const bool is_encoded = !values(request, "Transfer-Encoding").empty();
  if (is_encoded) return std::unexpected(lengths.empty() ? 501 : 400);
  if (lengths.empty()) return 0;
  const std::string_view digits = lengths.front();
  const bool is_number = digits.find_first_not_of("0123456789") == digits.npos && !digits.empty();
  if (lengths.size() > 1 || !is_number) return std::unexpected(400);
  std::size_t size = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  if (read.ec != std::errc() || size > limits.body) return std::unexpected(413);
  return size;
  // END SOLUTION
}

/// Stage 3. Does the connection stay open after this request? With HTTP/1.1 it does, unless its
/// Connection header has the word "close". With HTTP/1.0 it does only if it has "keep-alive";
/// "close" wins.
inline bool stays_open(const Request& request) {
  // BEGIN SOLUTION
  // STARTER: return nara::todo("05-6: stays_open() looks at the version and at Connection");
  if (has_word(request, "Connection", "close")) return false;
  return request.minor_version == 1 || has_word(request, "Connection", "keep-alive");
  // END SOLUTION
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
  // BEGIN SOLUTION
  // STARTER: return nara::todo("05-6: to_text() writes the status, four headers, and the body");
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
  text += reason(response.status);
  text += "\r\nDate: " + date();
  text += "\r\nContent-Type: " + response.content_type;
  text += "\r\nContent-Length: " + std::to_string(response.body.size());
  text += stays_open ? "\r\nConnection: keep-alive" : "\r\nConnection: close";
  text += "\r\n\r\n";
  if (!is_head) text += response.body;
  return text;
  // END SOLUTION
}

}  // namespace http
