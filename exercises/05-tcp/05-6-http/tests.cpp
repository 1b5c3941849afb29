// The tests of 05-6, stage by stage. In the first six, bytes come through memory, and the clock
// stands still. In the last one, clients are real.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <connection.hpp>
#include <cstddef>
#include <message.hpp>
#include <nara/async.hpp>
#include <nara/io/duplex.hpp>
#include <nara/io/read.hpp>
#include <nara/io/write.hpp>
#include <nara/join_set.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <parse.hpp>
#include <random>
#include <reader.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <testkit/diary.hpp>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using nara::Async;
using nara::io::duplex;
using nara::io::DuplexStream;
using nara::io::write_all;
using nara::net::SocketAddr;
using nara::net::TcpListener;
using nara::net::TcpStream;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::time::Duration;
using nara::time::sleep;

namespace {

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::size_t kRoom = std::size_t{1} << 20;

/// For those who look at what has come out.
std::string text(int status) { return status == http::kGone ? "gone" : std::to_string(status); }
std::string text(const http::Parsed<std::string>& parsed) {
  return parsed ? *parsed : text(parsed.error());
}
std::string text(const http::Parsed<std::size_t>& parsed) {
  return parsed ? "size " + std::to_string(*parsed) : text(parsed.error());
}
std::string text(const http::Parsed<http::Header>& parsed) {
  return parsed ? parsed->name + "=" + parsed->value : text(parsed.error());
}
std::string text(const http::Parsed<http::Request>& parsed) {
  if (!parsed) return text(parsed.error());
  return parsed->method + " " + parsed->target + " 1." + std::to_string(parsed->minor_version);
}

std::string request_line(std::string_view line) { return text(http::parse_request_line(line)); }
std::string header(std::string_view line) { return text(http::parse_header(line)); }

http::Request with(std::vector<http::Header> headers, int minor_version = 1) {
  http::Request request;
  request.minor_version = minor_version;
  request.headers = std::move(headers);
  return request;
}

http::Limits limits() {
  http::Limits limits;
  limits.body = 1000;
  return limits;
}

std::string size_of(std::vector<http::Header> headers) {
  return text(http::body_size(with(std::move(headers)), limits()));
}

bool stays(std::string_view connection, int minor_version = 1) {
  return http::stays_open(with({{"Connection", std::string(connection)}}, minor_version));
}

/// Writes a text byte by byte.
Async<> drip(DuplexStream stream, std::string text, Duration pause) {
  for (const char byte : text) {
    const auto written = co_await write_all(stream, std::string_view(&byte, 1));
    if (!written) co_return;
    co_await sleep(pause);
  }
}

/// A response without its date, which varies.
std::string without_date(std::string text) {
  const std::size_t begin = text.find("Date: ");
  if (begin != text.npos) text.erase(begin, text.find('\n', begin) + 1 - begin);
  return text;
}

/// What the server of these tests answers.
http::Response echo(const http::Request& request) {
  if (request.target == "/boom") throw std::runtime_error("boom");
  if (request.target == "/big") return {.body = std::string(std::size_t{8} << 20, 'x')};
  return {.body = request.method + " " + request.target + " " + request.body};
}
const http::Handler kEcho = echo;
const http::Limits kLimits;

/// In short: "200 keep-alive [GET /a ]" for each response, and what is left over.
std::string answers(std::string_view text) {
  std::string all;
  const auto between = [&](std::string_view begin, std::string_view end) -> std::string_view {
    const std::size_t at = text.find(begin);
    if (at == text.npos) return "?";
    const std::string_view rest = text.substr(at + begin.size());
    return rest.substr(0, rest.find(end));
  };
  while (text.starts_with("HTTP/1.1 ") && text.contains("\r\n\r\n")) {
    const std::string length(between("Content-Length: ", "\r\n"));
    all += std::string(all.empty() ? "" : ", ") + std::string(text.substr(9, 3));
    all += " " + std::string(between("Connection: ", "\r\n"));
    text.remove_prefix(text.find("\r\n\r\n") + 4);
    const std::size_t size = length == "?" ? text.size() : std::stoul(length);
    all += " [" + std::string(text.substr(0, size)) + "]";
    text.remove_prefix(std::min(size, text.size()));
  }
  return text.empty() ? all : all + " and then \"" + std::string(text.substr(0, 200)) + "\"";
}

/// A server that runs, and clients of it.
struct Web {
  static Async<Web> open() {
    auto listener = co_await TcpListener::bind("127.0.0.1:0");
    REQUIRE(listener.has_value());
    Web web;
    web.address = listener->local_addr().value();
    (void)nara::spawn(http::serve(*std::move(listener), kEcho, kLimits));
    co_return web;
  }

  Async<TcpStream> connect() const {
    auto stream = co_await TcpStream::connect(address);
    REQUIRE(stream.has_value());
    co_return *std::move(stream);
  }

  /// Sends a text, piece by piece, ends writing, and gives all that comes back.
  Async<std::string> send(std::vector<std::string> pieces) const {
    const TcpStream stream = co_await connect();
    REQUIRE(stream.set_nodelay(true).has_value());
    for (const std::string& piece : pieces) (void)co_await write_all(stream, piece);
    (void)co_await stream.shutdown();
    std::string all;
    const auto read = co_await nara::time::timeout(5s, nara::io::read_to_string(stream, all));
    REQUIRE_MESSAGE(read.has_value(), "the server should have closed the connection within 5 s");
    if (!*read) all += "(" + read->error().message() + ")";
    co_return all;
  }

  Async<std::string> ask(std::string text) const {
    std::vector<std::string> pieces{std::move(text)};
    std::string all = co_await send(std::move(pieces));
    co_return answers(all);
  }

  SocketAddr address;
};

/// The next response of a connection that stays open.
Async<std::string> next_answer(const TcpStream& stream) {
  std::string all;
  while (true) {
    std::array<std::byte, 1024> buffer{};
    const auto size = co_await nara::time::timeout(5s, stream.read(buffer));
    REQUIRE_MESSAGE(size.has_value(), "nothing has come for 5 s");
    const bool is_over = !*size || **size == 0;
    if (is_over) co_return all + "(the end)";
    all += nara::io::as_text(std::span(buffer).first(**size));
    if (all.ends_with("\r\n\r\n") || answers(all).ends_with("]")) co_return answers(all);
  }
}

}  // namespace

TEST_CASE("05-6 HTTP, stage 1: a request line") {
  CHECK(request_line("GET / HTTP/1.1") == "GET / 1.1");
  CHECK(request_line("POST /tea?milk=1 HTTP/1.0") == "POST /tea?milk=1 1.0");
  CHECK(request_line("M-SEARCH * HTTP/1.1") == "M-SEARCH * 1.1");
  step("a later 1.x speaks what we speak; 2.0 does not");
  CHECK(request_line("GET / HTTP/1.7") == "GET / 1.1");
  CHECK(request_line("GET / HTTP/2.0") == "505");
  step("nonsense is a 400");
  for (const std::string_view line :
       {"", " ", "GET", "GET /", "GET / ", "GET  HTTP/1.1", " GET / HTTP/1.1", "GET  / HTTP/1.1",
        "GET / HTTP/1.1 ", "GET /a b HTTP/1.1", "G(T / HTTP/1.1", "GET / HTTP/1", "GET / HTTP/1.10",
        "GET / HTTP/x.1", "GET / http/1.1", "GET / HTTP/1,1"}) {
    CAPTURE(line);
    CHECK(request_line(line) == "400");
  }
}

TEST_CASE("05-6 HTTP, stage 2: a header") {
  CHECK(header("Host: example.com") == "Host=example.com");
  CHECK(header("Host:example.com:80") == "Host=example.com:80");
  CHECK(header("x-tea: \t with  milk \t") == "x-tea=with  milk");
  CHECK(header("Accept:") == "Accept=");
  CHECK(header("Accept: \t ") == "Accept=");
  step("nonsense is a 400");
  for (const std::string_view line : {"Host", ": example.com", "Host : example.com",
                                      " Host: example.com", "\tand so on", "Ho st: x"}) {
    CAPTURE(line);
    CHECK(header(line) == "400");
  }
}

TEST_CASE("05-6 HTTP, stage 3: how long the body is") {
  CHECK(size_of({}) == "size 0");
  CHECK(size_of({{"Content-Length", "0"}}) == "size 0");
  CHECK(size_of({{"content-length", "1000"}}) == "size 1000");
  step("too much");
  CHECK(size_of({{"Content-Length", "1001"}}) == "413");
  CHECK(size_of({{"Content-Length", std::string(100, '9')}}) == "413");
  step("no number");
  for (const std::string_view value : {"", "-1", "+1", "1 1", "1, 1", "0x10", "1.0", "ten"}) {
    CAPTURE(value);
    CHECK(size_of({{"Content-Length", std::string(value)}}) == "400");
  }
  step("two that could be taken for different ends of the request");
  CHECK(size_of({{"Content-Length", "5"}, {"Content-Length", "6"}}) == "400");
  CHECK(size_of({{"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}}) == "400");
  CHECK(size_of({{"Transfer-Encoding", "chunked"}}) == "501");
}

TEST_CASE("05-6 HTTP, stage 3: whether the connection stays open") {
  CHECK(http::stays_open(with({}, 1)));
  CHECK_FALSE(http::stays_open(with({}, 0)));
  CHECK_FALSE(stays("close"));
  CHECK_FALSE(stays("Close, x"));
  CHECK_FALSE(stays("keep-alive, close"));
  CHECK(stays("closer"));
  CHECK(stays("Keep-Alive", 0));
  CHECK_FALSE(stays("close, keep-alive", 0));
  CHECK_FALSE(stays("upgrade", 0));
}

TEST_CASE("05-6 HTTP, stage 4: a head, however it comes") {
  run_paused([]() -> Async<> {
    auto [client, server] = duplex(kRoom);
    const http::Limits limits;
    http::Reader reader(server, limits);
    step("two heads and a half at once: they come out one by one");
    const std::string two = std::string(kGet) + std::string(kGet) + "GET /b";
    (void)co_await write_all(client, two);
    const auto first = co_await reader.read_head();
    const auto second = co_await reader.read_head();
    CHECK(text(first) == kGet);
    CHECK(text(second) == kGet);
    step("the rest, byte by byte, one every 10 ms");
    (void)nara::spawn(drip(std::move(client), " HTTP/1.1\r\nHost: y\r\n\r\n", 10ms));
    const auto third = co_await reader.read_head();
    CHECK(text(third) == "GET /b HTTP/1.1\r\nHost: y\r\n\r\n");
    step("the client has gone");
    const auto end = co_await reader.read_head();
    CHECK(text(end) == "gone");
  });
}

TEST_CASE("05-6 HTTP, stage 4: a head has a limit of bytes, and one of time") {
  run_paused([]() -> Async<> {
    http::Limits limits;
    limits.head = kGet.size();
    Diary diary;
    {
      step("a head that is just small enough, and one that is too large by one byte");
      auto [client, server] = duplex(kRoom);
      http::Reader reader(server, limits);
      const std::string larger = "GET /ab" + std::string(kGet.substr(6));
      (void)co_await write_all(client, std::string(kGet) + larger);
      const auto small = co_await reader.read_head();
      const auto large = co_await reader.read_head();
      CHECK(text(small) == kGet);
      CHECK(text(large) == "431");
    }
    {
      step("one that never ends");
      auto [client, server] = duplex(kRoom);
      http::Reader reader(server, limits);
      (void)nara::spawn(drip(std::move(client), std::string(1000, 'x'), 10ms));
      const auto endless = co_await reader.read_head();
      CHECK(text(endless) == "431");
      CHECK(diary.ms() < 1000);
    }
    {
      step("nothing comes for 60 s");
      auto [client, server] = duplex(kRoom);
      http::Reader reader(server, limits);
      const Diary since;
      const auto nothing = co_await reader.read_head();
      CHECK(text(nothing) == "gone");
      CHECK(since.ms() == 60'000);
    }
    {
      step("a byte every second: the whole head has 10 s, from its first byte on");
      auto [client, server] = duplex(kRoom);
      http::Reader reader(server, limits);
      const Diary since;
      (void)nara::spawn(drip(std::move(client), std::string(kGet), 1s));
      const auto slow = co_await reader.read_head();
      CHECK(text(slow) == "408");
      CHECK(since.ms() == 10'000);
    }
    {
      step("half a head, and the end");
      auto [client, server] = duplex(kRoom);
      http::Reader reader(server, limits);
      (void)nara::spawn(drip(std::move(client), "GET / HT", 0ms));
      const auto half = co_await reader.read_head();
      CHECK(text(half) == "gone");
    }
  });
}

TEST_CASE("05-6 HTTP, stage 5: a body, however it comes") {
  run_paused([]() -> Async<> {
    auto [client, server] = duplex(kRoom);
    const http::Limits limits;
    http::Reader reader(server, limits);
    step("two bodies and a head at once");
    (void)co_await write_all(client, "milksugar" + std::string(kGet));
    const auto milk = co_await reader.read_body(4, false);
    const auto sugar = co_await reader.read_body(5, false);
    const auto head = co_await reader.read_head();
    const auto nothing = co_await reader.read_body(0, false);
    CHECK(text(milk) == "milk");
    CHECK(text(sugar) == "sugar");
    CHECK(text(head) == kGet);
    CHECK(text(nothing) == "");
    step("10,000 bytes, and then a byte every second: a body has 30 s");
    const Diary since;
    (void)co_await write_all(client, std::string(10'000, 'x'));
    (void)nara::spawn(drip(std::move(client), std::string(100, 'y'), 1s));
    const auto slow = co_await reader.read_body(10'020, false);
    const auto too_slow = co_await reader.read_body(40, false);
    const auto cut_off = co_await reader.read_body(1000, false);
    CHECK(text(slow).size() == 10'020);
    CHECK(text(too_slow) == "408");
    CHECK(since.ms() / 1000 <= 80);
    CHECK(text(cut_off) == "408");
  });
}

TEST_CASE("05-6 HTTP, stage 5: who waits to be asked is asked, and the end is seen") {
  run_paused([]() -> Async<> {
    auto [client, server] = duplex(kRoom);
    const http::Limits limits;
    http::Reader reader(server, limits);
    step("the body is here already: nobody has to be asked for it");
    (void)co_await write_all(client, "milk");
    const auto here = co_await reader.read_body(4, true);
    CHECK(text(here) == "milk");
    step("it is not, and the client waits");
    auto body = nara::spawn(reader.read_body(5, true));
    std::string asked(25, '?');
    const auto bytes = std::as_writable_bytes(std::span(asked));
    const auto read = co_await nara::time::timeout(1s, nara::io::read_exact(client, bytes));
    REQUIRE_MESSAGE(read.has_value(), "nobody has asked for the body");
    CHECK(asked == "HTTP/1.1 100 Continue\r\n\r\n");
    (void)co_await write_all(client, "sugar");
    const auto sugar = co_await body;
    CHECK(text(sugar.value()) == "sugar");
    step("the client goes in the midst of a body");
    (void)co_await write_all(client, "te");
    {
      const DuplexStream gone = std::move(client);
    }
    const auto half = co_await reader.read_body(3, false);
    CHECK(text(half) == "gone");
  });
}

TEST_CASE("05-6 HTTP, stage 6: a response") {
  const http::Response tea{.status = 200, .body = "with milk\n", .content_type = "text/tea"};
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/tea\r\nContent-Length: 10\r\nConnection: ";
  const std::string date = http::to_text(tea, false, true);
  CHECK(date.contains("\r\nDate: "));
  CHECK(date.contains(" GMT\r\n"));
  CHECK(without_date(http::to_text(tea, false, true)) == head + "keep-alive\r\n\r\nwith milk\n");
  CHECK(without_date(http::to_text(tea, false, false)) == head + "close\r\n\r\nwith milk\n");
  step("the answer to a HEAD has no body, and says how long it would be");
  CHECK(without_date(http::to_text(tea, true, true)) == head + "keep-alive\r\n\r\n");
  step("another status");
  CHECK(
      http::to_text(http::error_page(404), false, true).starts_with("HTTP/1.1 404 Not Found\r\n"));
}

TEST_CASE("05-6 HTTP, stage 7: one request after the other, on one connection") {
  run_with_drivers([]() -> Async<> {
    const Web web = co_await Web::open();
    const TcpStream stream = co_await web.connect();
    step("a GET; when it is answered, a POST in two pieces");
    (void)co_await write_all(stream, kGet);
    const std::string first = co_await next_answer(stream);
    CHECK(first == "200 keep-alive [GET /a ]");
    (void)co_await write_all(stream, "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n");
    (void)co_await write_all(stream, "milk");
    const std::string second = co_await next_answer(stream);
    CHECK(second == "200 keep-alive [POST /b milk]");
    step("a handler that throws is no reason to close");
    (void)co_await write_all(stream, "GET /boom HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string boom = co_await next_answer(stream);
    CHECK(boom == "500 keep-alive [Internal Server Error\n]");
    step("the last one: \"Connection: close\"");
    (void)co_await write_all(stream, "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string last = co_await next_answer(stream);
    CHECK(last == "200 close [GET /c ]");
    const std::string end = co_await next_answer(stream);
    CHECK(end == "(the end)");
  });
}

TEST_CASE("05-6 HTTP, stage 7: several requests at once, and HTTP/1.0") {
  run_with_drivers([]() -> Async<> {
    const Web web = co_await Web::open();
    step("three at once, the second with a body");
    const std::string post = "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nmilk";
    const std::string three = co_await web.ask(std::string(kGet) + post + std::string(kGet));
    CHECK(three ==
          "200 keep-alive [GET /a ], 200 keep-alive [POST /b milk], 200 keep-alive [GET /a ]");
    step("an empty line too many between two of them");
    const std::string spaced = co_await web.ask(std::string(kGet) + "\r\n" + std::string(kGet));
    CHECK(spaced == "200 keep-alive [GET /a ], 200 keep-alive [GET /a ]");
    step("after the last one, nothing is answered");
    const std::string close = "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const std::string closed = co_await web.ask(std::string(kGet) + close + std::string(kGet));
    CHECK(closed == "200 keep-alive [GET /a ], 200 close [GET /c ]");
    step("a HEAD, and a GET right after it");
    const std::string head = "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(kGet);
    std::vector<std::string> pieces{head};
    const std::string both = co_await web.send(std::move(pieces));
    const std::size_t second = both.find("HTTP/1.1", 1);
    REQUIRE(second != both.npos);
    CHECK(both.substr(0, second).ends_with("\r\n\r\n"));
    CHECK(both.substr(0, second).contains("Content-Length: 8\r\n"));
    CHECK(answers(both.substr(second)) == "200 keep-alive [GET /a ]");
    step("HTTP/1.0: the first request is the last, unless it says otherwise");
    const std::string old = co_await web.ask("GET /a HTTP/1.0\r\n\r\n" + std::string(kGet));
    CHECK(old == "200 close [GET /a ]");
    const std::string kept =
        co_await web.ask("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" + std::string(kGet));
    CHECK(kept == "200 keep-alive [GET /a ], 200 keep-alive [GET /a ]");
  });
}

TEST_CASE("05-6 HTTP, stage 7: bytes come as they like") {
  run_with_drivers([]() -> Async<> {
    const Web web = co_await Web::open();
    const std::string post = "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nmilk";
    step("one byte at a time");
    std::vector<std::string> bytes;
    for (const char byte : post) bytes.emplace_back(1, byte);
    const std::string one_by_one = co_await web.send(std::move(bytes));
    CHECK(answers(one_by_one) == "200 keep-alive [POST /b milk]");
    step("cut in two, at each place");
    std::string wrong;
    for (std::size_t at = 1; at < post.size(); ++at) {
      std::vector<std::string> halves{post.substr(0, at), post.substr(at)};
      const std::string all = co_await web.send(std::move(halves));
      if (answers(all) != "200 keep-alive [POST /b milk]") wrong += std::to_string(at) + " ";
    }
    CHECK(wrong == "");
  });
}

TEST_CASE("05-6 HTTP, stage 7: who is turned away is told why") {
  run_with_drivers([]() -> Async<> {
    const Web web = co_await Web::open();
    step("nonsense; and what comes after it is not looked at");
    const std::string hello = co_await web.ask("hello\r\n\r\n" + std::string(kGet));
    CHECK(hello == "400 close [Bad Request\n]");
    const std::string no_host = co_await web.ask("GET / HTTP/1.1\r\n\r\n");
    CHECK(no_host == "400 close [Bad Request\n]");
    const std::string zero =
        co_await web.ask("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(1, '\0') + "\r\n\r\n");
    CHECK(zero == "400 close [Bad Request\n]");
    const std::string chunked = co_await web.ask(
        "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    CHECK(chunked == "501 close [Not Implemented\n]");
    step("1 MiB of a header, and 8 MiB of a body: sent to the end, and the answer arrives");
    const std::string large(std::size_t{1} << 20, 'x');
    const std::string header = co_await web.ask("GET / HTTP/1.1\r\nX: " + large + "\r\n\r\n");
    CHECK(header == "431 close [Request Header Fields Too Large\n]");
    const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n";
    std::vector<std::string> pieces(9, large);
    pieces.front() = head;
    const std::string body = co_await web.send(std::move(pieces));
    CHECK(answers(body) == "413 close [Content Too Large\n]");
    step("noise: 100 times 300 bytes, which end like a head");
    std::mt19937 random(5);
    for (int number = 0; number < 100; ++number) {
      std::string noise(300, ' ');
      std::ranges::generate(noise, [&] { return static_cast<char>(random()); });
      const std::string answer = co_await web.ask(noise + "\r\n\r\n");
      CHECK(answer == "400 close [Bad Request\n]");
    }
    step("no bytes at all: no answer");
    const std::string nothing = co_await web.ask("");
    CHECK(nothing == "");
  });
}

TEST_CASE("05-6 HTTP, stage 7: who is too slow is turned away, and who does not read is dropped") {
  run_paused([]() -> Async<> {
    {
      step("half a head, and then nothing: a 408 after 10 s");
      auto [client, server] = duplex(kRoom);
      const Diary since;
      auto task = nara::spawn(http::serve_connection(server, kEcho, kLimits));
      (void)co_await write_all(client, "GET / HT");
      std::string all;
      (void)co_await nara::io::read_to_string(client, all);
      CHECK(answers(all) == "408 close [Request Timeout\n]");
      CHECK(since.ms() == 10'000);
      {
        const DuplexStream gone = std::move(client);
      }
      (void)co_await task;
    }
    {
      step("an answer, and then nothing: closed after 60 s, without a word");
      auto [client, server] = duplex(kRoom);
      const Diary since;
      auto task = nara::spawn(http::serve_connection(server, kEcho, kLimits));
      (void)co_await write_all(client, kGet);
      (void)co_await task;
      CHECK(since.ms() == 60'000);
    }
    {
      step("an answer of 8 MiB that nobody reads: dropped after 30 s");
      auto [client, server] = duplex(kRoom);
      const Diary since;
      auto task = nara::spawn(http::serve_connection(server, kEcho, kLimits));
      (void)co_await write_all(client, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
      const auto ended = co_await nara::time::timeout(1h, std::move(task));
      REQUIRE_MESSAGE(ended.has_value(), "after an hour, it still waited for its client to read");
      CHECK(since.ms() == 30'000);
    }
  });
}

TEST_CASE("05-6 HTTP, stage 7: what one client does is no matter to the others") {
  run_with_drivers([]() -> Async<> {
    const Web web = co_await Web::open();
    step("one throws its connection away in the midst of a request, one before it has its answer");
    for (const std::string_view text : {"GET / HT", "GET /big HTTP/1.1\r\nHost: x\r\n\r\n"}) {
      TcpStream stream = co_await web.connect();
      (void)co_await write_all(stream, text);
      nara::test::reset(std::move(stream));
    }
    step("one asks for 8 MiB, and reads none of it; one says nothing");
    const TcpStream rude = co_await web.connect();
    (void)co_await write_all(rude, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    const TcpStream silent = co_await web.connect();
    step("100 others ask ten times each, all at once");
    std::string ten;
    std::string expected;
    for (int number = 0; number < 10; ++number) {
      const std::string target = "/" + std::to_string(number);
      ten += "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
      expected += (number == 0 ? "" : ", ") + ("200 keep-alive [GET " + target + " ]");
    }
    nara::JoinSet<std::string> clients;
    for (int number = 0; number < 100; ++number) clients.spawn(web.ask(ten));
    int right = 0;
    while (!clients.empty()) {
      const auto answered = co_await clients.join_next();
      if (answered->value() == expected) ++right;
    }
    CHECK(right == 100);
  });
}
