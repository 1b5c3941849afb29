// Given: what HTTP consists of, as this server sees it. RFC 9110.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <nara/time/clock.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace http {

/// A line of a head: "Host: example.com".
struct Header {
  std::string name;
  std::string value;
};

/// What a client wants.
struct Request {
  std::string method;     ///< "GET", "HEAD", "POST", …
  std::string target;     ///< What it is about: "/", "/index.html?x=1"
  int minor_version = 1;  ///< Of HTTP/1.1, or 0.
  std::vector<Header> headers;
  std::string body;
};

/// What it is told.
struct Response {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain";
};

/// The server's own business: what to answer to a request.
using Handler = std::function<Response(const Request&)>;

/// How much of everything a client may have. Without limits, one that sends without end fills the
/// memory, and thousands that send nothing use up the descriptors.
struct Limits {
  std::size_t head = std::size_t{8} << 10;                    ///< Bytes of a head.
  std::size_t body = std::size_t{1} << 20;                    ///< Bytes of a body.
  nara::time::Duration idle = std::chrono::seconds(60);       ///< Until a request begins.
  nara::time::Duration head_time = std::chrono::seconds(10);  ///< From then until its head is here.
  nara::time::Duration body_time = std::chrono::seconds(30);  ///< From then until its body is here.
  nara::time::Duration write_time = std::chrono::seconds(30);  ///< Until an answer is taken.
};

/// A `T`; or the status that says to the client why there is none, such as 400.
template <class T>
using Parsed = std::expected<T, int>;

/// Instead of a status: the client has gone, or was idle for too long. There is nobody to answer.
inline constexpr int kGone = 0;

/// What a status means, in words.
inline std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

/// Names of headers, and some of their values, may be written in any case. (Not those of methods.)
inline bool is_same_word(std::string_view one, std::string_view other) {
  const auto small = [](char letter) {
    return 'A' <= letter && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  };
  return std::ranges::equal(one, other, {}, small, small);
}

/// A token: what methods and names of headers are made of. Not empty, and without spaces, colons,
/// and other characters that have a meaning.
inline bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  const auto is_allowed = [&](char letter) {
    return ('a' <= letter && letter <= 'z') || ('A' <= letter && letter <= 'Z') ||
           ('0' <= letter && letter <= '9') || kOthers.contains(letter);
  };
  return !text.empty() && std::ranges::all_of(text, is_allowed);
}

/// Is there a byte that no line of a head may have: a control character other than a tab?
inline bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](char letter) {
    return (0 <= letter && letter < ' ' && letter != '\t') || letter == 127;
  });
}

/// Without the spaces and tabs at both ends.
inline std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// The values of all headers of that name.
inline std::vector<std::string_view> values(const Request& request, std::string_view name) {
  std::vector<std::string_view> found;
  for (const Header& header : request.headers) {
    if (is_same_word(header.name, name)) found.push_back(header.value);
  }
  return found;
}

/// Does a header of that name, which is a list with commas, have that word in it?
inline bool has_word(const Request& request, std::string_view name, std::string_view word) {
  for (std::string_view list : values(request, name)) {
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      if (is_same_word(trimmed(list.substr(0, comma)), word)) return true;
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return false;
}

}  // namespace http
