// What any chat is tested with. A function `serve()`, which takes a TcpListener, has to be declared
// before this is included.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <nara/async.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <string>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <testkit/talker.hpp>
#include <utility>

namespace nara::test {

/// Starts your server, and says where it is.
inline net::SocketAddr start() {
  step("start your server");
  net::TcpListener listener = listen();
  const net::SocketAddr where = listener.local_addr().value();
  (void)spawn(::serve(std::move(listener)));
  return where;
}

inline Async<Talker> talk_with(net::SocketAddr where) {
  net::TcpStream stream = co_await connect(where);
  co_return Talker(std::move(stream));
}

/// A client who has come in.
inline Async<Talker> come(net::SocketAddr where, int number) {
  const std::string name = "client " + std::to_string(number);
  step(name, " connects");
  Talker talker = co_await talk_with(where);
  co_await talker.hears("welcome, " + name);
  co_return talker;
}

inline Async<> two_talk() {
  const net::SocketAddr where = start();
  const Talker first = co_await come(where, 1);
  Talker second = co_await come(where, 2);
  co_await first.hears("client 2 joined\n");
  step("client 2 says hello; client 1 says two lines at once");
  co_await second.say("hello\n");
  co_await first.hears("client 2: hello\n");
  co_await first.say("hello, you\n\n");
  co_await second.hears("client 1: hello, you\nclient 1: \n");
  step("client 2 leaves");
  second.leave();
  co_await first.hears("client 2 left\n");
  co_await second.hears_the_end();
  step("nobody has heard what they said themselves");
  CHECK(first.heard() ==
        "welcome, client 1; with you: nobody\nclient 2 joined\nclient 2: hello\nclient 2 left\n");
  CHECK(second.heard() ==
        "welcome, client 2; with you: client 1\nclient 1: hello, you\nclient 1: \n");
}

inline Async<> one_speaks_slowly() {
  const net::SocketAddr where = start();
  const Talker first = co_await come(where, 1);
  const Talker second = co_await come(where, 2);
  const Talker third = co_await come(where, 3);
  step("client 1 sends a line byte by byte. Between any two, client 2 says a line");
  for (const char letter : std::string("Nara!\n")) {
    co_await first.say(std::string(1, letter));
    co_await second.say("?\n");
    const int lines = third.lines();
    co_await wait_until([&] { return third.lines() > lines; });
  }
  co_await third.hears("client 1: Nara!\n");
  co_await wait_until([&] { return third.lines() == 8; });  // With its welcome.
  CHECK(std::ranges::count(third.heard(), '?') == 6);
}

inline Async<> one_says_much() {
  const net::SocketAddr where = start();
  const Talker first = co_await come(where, 1);
  const Talker second = co_await come(where, 2);
  step("client 2 says a line of 100,000 letters. Client 1 hears all of it");
  const std::string much = std::string(100'000, 'x') + "\n";
  co_await second.say(much);
  co_await wait_until([&] { return first.lines() == 3; });  // With its welcome.
  const std::string expected =
      "welcome, client 1; with you: nobody\nclient 2 joined\nclient 2: " + much;
  CHECK(difference(first.heard(), expected) == "");
}

inline Async<> one_resets() {
  const net::SocketAddr where = start();
  const Talker first = co_await come(where, 1);
  net::TcpStream second = co_await connect(where);
  co_await first.hears("client 2 joined\n");
  const Talker third = co_await come(where, 3);
  step("client 2 says half a line, and throws its connection away");
  co_await write_all(second, "I am st");
  reset(std::move(second));
  co_await first.hears("client 2 left\n");
  co_await third.hears("client 2 left\n");
  CHECK_FALSE(first.has_heard("I am st"));
  step("client 1 and client 3 talk on");
  co_await first.say("what was that?\n");
  co_await third.hears("client 1: what was that?\n");
  co_await third.say("the train\n");
  co_await first.hears("client 3: the train\n");
}

inline Async<> one_floods() {
  constexpr int kLines = 3000;
  const net::SocketAddr where = start();
  const Talker first = co_await come(where, 1);
  const Talker second = co_await come(where, 2);
  const Talker third = co_await come(where, 3);
  step("client 1 says ", kLines, " lines as fast as it can; client 2 says one in the middle");
  auto flood = spawn(first.say(numbered_lines(kLines)));
  co_await third.hears("client 1: line 50\n");
  co_await second.say("excuse me\n");
  const std::string last = "client 1: line " + std::to_string(kLines) + "\n";
  while (!third.has_heard(last) && !third.has_heard_the_end()) co_await let_run(100);
  (void)co_await flood;
  step("client 3 has heard all, in the order in which it was said");
  std::string expected;
  for (int number = 1; number <= kLines; ++number) {
    expected += "client 1: line " + std::to_string(number) + "\n";
  }
  const std::string between = "client 2: excuse me\n";
  std::string heard = third.heard().substr(third.heard().find('\n') + 1);
  const std::size_t place = heard.find(between);
  REQUIRE(place != std::string::npos);
  heard.erase(place, between.size());
  CHECK(difference(heard, expected) == "");
  step("client 2 did not have to wait until the end of it");
  CHECK(place < heard.size() / 2);
}

inline Async<> a_hundred_talk() {
  constexpr int kClients = 100;
  const net::SocketAddr where = start();
  step("100 clients connect");
  std::deque<Talker> talkers;
  for (int number = 1; number <= kClients; ++number) {
    Talker talker = co_await talk_with(where);
    co_await talker.hears("welcome, client " + std::to_string(number));
    talkers.push_back(std::move(talker));
  }
  step("each says a line, and hears those of the 99 others");
  for (const Talker& talker : talkers) co_await talker.say("here\n");
  for (int number = 1; number <= kClients; ++number) {
    const Talker& talker = talkers[number - 1];
    const int lines = 1 + (kClients - number) + 99;  // The welcome, who joined, what they said.
    co_await wait_until([&] { return talker.lines() == lines; });
    REQUIRE(talker.lines() == lines);
    for (int other = 1; other <= kClients; ++other) {
      if (other == number) continue;
      REQUIRE(talker.has_heard("client " + std::to_string(other) + ": here\n"));
    }
  }
}

}  // namespace nara::test
