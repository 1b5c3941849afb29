// Tests of servers that one talks to: a client that is real, and on this machine.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/io/write.hpp>
#include <nara/net/split.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace nara::test {

/// Lets the others run until this is true, or until so much real time has passed: the kernel may be
/// slow when the machine is busy. To be checked afterwards. A clock that is paused stands still
/// meanwhile, as this task never waits.
inline Async<> wait_until(std::function<bool()> is_true,
                          std::chrono::milliseconds limit = std::chrono::seconds(2)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!is_true() && std::chrono::steady_clock::now() < deadline) co_await yield_now();
}

/// A client that listens all the time, as somebody at a terminal does.
class Talker {
 public:
  explicit Talker(net::TcpStream stream) {
    auto [reader, writer] = net::into_split(std::move(stream));
    writer_.emplace(std::move(writer));
    (void)spawn(keep_listening(std::move(reader), ear_));
  }

  /// Says it; with `\n` at its end, if it is to be a line.
  Async<> say(std::string text) const {
    const auto said = co_await io::write_all(*writer_, text);
    REQUIRE(said.has_value());
  }

  /// Says that it will say nothing more.
  void leave() { writer_.reset(); }

  /// All that it has heard.
  const std::string& heard() const { return ear_->text; }
  bool has_heard(std::string_view text) const { return heard().find(text) != std::string::npos; }
  int lines() const { return ear_->lines; }
  bool has_heard_the_end() const { return ear_->is_over; }

  /// Lets the others run until it has heard this.
  Async<> hears(std::string text) const {
    std::size_t seen = 0;
    bool has_it = false;
    co_await wait_until([&] {
      // To search a long text in each turn would take longer than everything else.
      if (seen != heard().size()) has_it = has_heard(text);
      seen = heard().size();
      return has_it;
    });
    INFO("it should hear:\n", text, "\nand has heard, in the end:\n", last_heard());
    REQUIRE(has_heard(text));
  }

  /// The same until it has heard the end.
  Async<> hears_the_end() const {
    co_await wait_until([&] { return has_heard_the_end(); });
    INFO("it should hear the end, and has heard before it:\n", last_heard());
    REQUIRE(has_heard_the_end());
  }

 private:
  /// Not more of it than somebody would read.
  std::string last_heard() const {
    constexpr std::size_t kMany = 300;
    return heard().size() > kMany ? "… " + heard().substr(heard().size() - kMany) : heard();
  }

  struct Ear {
    std::string text;
    int lines = 0;
    bool is_over = false;
  };

  static Async<> keep_listening(net::OwnedReadHalf half, std::shared_ptr<Ear> ear) {
    std::array<std::byte, 4096> buffer;
    while (true) {
      const auto size = co_await half.read(buffer);
      if (!size || *size == 0) break;
      const std::string_view text = io::as_text(std::span(buffer).first(*size));
      ear->text += text;
      ear->lines += static_cast<int>(std::ranges::count(text, '\n'));
    }
    ear->is_over = true;
  }

  std::shared_ptr<Ear> ear_ = std::make_shared<Ear>();
  std::optional<net::OwnedWriteHalf> writer_;
};

inline std::string numbered_lines(int count) {
  std::string text;
  for (int number = 1; number <= count; ++number) text += "line " + std::to_string(number) + "\n";
  return text;
}

}  // namespace nara::test
