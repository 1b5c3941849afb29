// The tests of 07-4, stage by stage. The link is one within the program, and the clock stands
// still: what happens follows from a script, or from a seed. In the last stage, sockets are real.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <link.hpp>
#include <memory>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/join_handle.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/spawn.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/timeout.hpp>
#include <optional>
#include <packet.hpp>
#include <span>
#include <string>
#include <string_view>
#include <testkit/diary.hpp>
#include <testkit/random.hpp>
#include <testkit/runtime.hpp>
#include <transfer.hpp>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using nara::Async;
using nara::io::Result;
using nara::net::UdpSocket;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;

namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

/// So many bytes, of which no two pieces are the same.
std::string file_of(std::size_t size) {
  std::string file;
  nara::test::Random random(1);
  while (file.size() < size) file += static_cast<char>(nara::test::below(random, 256));
  return file;
}

Fates good_weather() {
  return [](View) { return Fate{10ms}; };
}

/// As in good weather, but `change(n, fate)` may change what becomes of the n-th packet, from 1 on.
Fates script(std::function<void(int, Fate&)> change) {
  return [change, number = 0](View) mutable {
    Fate fate{10ms};
    change(++number, fate);
    return fate;
  };
}

Fates nothing_arrives() {
  return [](View) { return Fate{}; };
}

/// How a transfer has ended, on both sides, and when.
struct Outcome {
  Result<int> sent;
  Result<std::string> received;
  long sent_ms = 0;
  long received_ms = 0;

  /// "3 packets" or why not.
  std::string sender() const {
    return sent ? std::to_string(*sent) + " packets" : sent.error().message();
  }
  std::string receiver(const std::string& file) const {
    if (!received) return received.error().message();
    if (*received == file) return "the same";
    return "another file, of " + std::to_string(received->size()) + " bytes";
  }
};

struct Sent {
  Result<int> result;
  long ms;
};
Async<Sent> send(LinkEnd end, std::string file) {
  const Diary diary;
  Result<int> sent = co_await send_file(end, std::move(file));
  co_return Sent{std::move(sent), diary.ms()};
}

struct Arrived {
  Result<std::string> result;
  long ms;
};
Async<Arrived> receive(LinkEnd end) {
  const Diary diary;
  Result<std::string> received = co_await receive_file(end);
  co_return Arrived{std::move(received), diary.ms()};
}

/// A transfer through a link.
Async<Outcome> transfer(std::string file, Fates forth, Fates back) {
  const auto [left, right] = LinkEnd::link(std::move(forth), std::move(back));
  auto receiving = nara::spawn(receive(right));
  auto sending = nara::spawn(send(left, std::move(file)));
  auto sender = co_await sending;
  auto receiver = co_await receiving;
  Sent sent = std::move(sender).value();
  Arrived arrived = std::move(receiver).value();
  co_return Outcome{std::move(sent.result), std::move(arrived.result), sent.ms, arrived.ms};
}

/// The same, and it has to succeed.
Async<Outcome> succeed(std::string file, Fates forth, Fates back) {
  Outcome outcome = co_await transfer(file, std::move(forth), std::move(back));
  INFO("the sender says: ", outcome.sender());
  const std::string arrived = outcome.receiver(file);
  REQUIRE(arrived == "the same");
  REQUIRE(outcome.sent.has_value());
  co_return outcome;
}

/// One side, played by a test.
class Player {
 public:
  explicit Player(LinkEnd end) : end_(std::move(end)) {}

  Async<> say(Packet packet) {
    const Bytes bytes = encode(packet);
    (void)co_await end_.send(bytes);
  }
  Async<> say_bytes(Bytes bytes) { (void)co_await end_.send(bytes); }

  /// The next packet; nothing when none comes for so long.
  Async<std::optional<Packet>> hear(nara::time::Duration limit = 50ms) {
    std::array<std::byte, kLongestPacket> buffer;
    const auto got = co_await nara::time::timeout(limit, end_.recv(buffer));
    if (!got) co_return std::nullopt;
    const auto packet = decode(std::span(buffer).first((*got)->size));
    REQUIRE(packet.has_value());
    co_return packet;
  }

  /// In words: "3, next 2", or "nothing".
  Async<std::string> hear_ack() {
    const auto ack = co_await hear();
    if (!ack) co_return "nothing";
    co_return std::to_string(ack->number) + ", next " + std::to_string(ack->next);
  }

 private:
  LinkEnd end_;
};

/// Those of both directions in a transfer of three packets.
constexpr int kAll = 6;

}  // namespace

TEST_SUITE_BEGIN("07-4" * doctest::timeout(30));

TEST_CASE("07-4 File transfer: stage 1: files of all sizes, in good weather") {
  run_paused([]() -> Async<> {
    for (const std::size_t size : {1, 0, 1023, 1024, 1025, 2048, 2049, 50'000}) {
      step("send ", size, " bytes");
      const std::string file = file_of(size);
      const Outcome outcome = co_await succeed(file, good_weather(), good_weather());
      CHECK(*outcome.sent == static_cast<int>(count_packets(file)));
    }
  });
}

TEST_CASE("07-4 File transfer: stage 2: whichever packet is lost, it is sent again") {
  run_paused([]() -> Async<> {
    const std::string file = file_of(2000);
    for (int lost = 1; lost <= kAll; ++lost) {
      const bool is_forth = lost <= kAll / 2;
      const int number = is_forth ? lost : lost - kAll / 2;
      step("of two pieces and an End, lose ", is_forth ? "packet " : "acknowledgement ", number);
      const auto lose = [number](int n, Fate& fate) {
        if (n == number) fate.clear();
      };
      Fates forth = is_forth ? script(lose) : good_weather();
      Fates back = is_forth ? good_weather() : script(lose);
      const Outcome outcome = co_await succeed(file, std::move(forth), std::move(back));
      CHECK(outcome.sent_ms < 1000);
    }
    step("lose the first ten of each direction");
    const auto lose_ten = [](int n, Fate& fate) {
      if (n <= 10) fate.clear();
    };
    (void)co_await succeed(file, script(lose_ten), script(lose_ten));
  });
}

TEST_CASE("07-4 File transfer: stage 3: doubles, and packets that overtake each other") {
  run_paused([]() -> Async<> {
    const std::string file = file_of(20'000);
    const auto twice = [](int, Fate& fate) { fate.push_back(12ms); };
    step("each packet arrives twice");
    (void)co_await succeed(file, script(twice), script(twice));
    step("each second packet is late by 30 ms");
    const auto late = [](int n, Fate& fate) {
      if (n % 2 == 0) fate = {40ms};
    };
    (void)co_await succeed(file, script(late), script(late));
    step("a copy of each packet arrives half a second later");
    const auto ghosts = [](int, Fate& fate) { fate.push_back(500ms); };
    (void)co_await succeed(file, script(ghosts), script(ghosts));
    step("packets come in the opposite order, ten at a time");
    const auto opposite = [](int n, Fate& fate) { fate = {10ms + (10 - n % 10) * 5ms}; };
    (void)co_await succeed(file, script(opposite), good_weather());
  });
}

TEST_CASE("07-4 File transfer: stage 4: who hears nothing gives up") {
  run_paused([]() -> Async<> {
    const std::string file = file_of(100'000);
    step("nothing arrives");
    const Outcome silent = co_await transfer(file, nothing_arrives(), nothing_arrives());
    CHECK(silent.sender() == "Connection timed out");
    CHECK(silent.receiver(file) == "Connection timed out");
    CHECK(silent.sent_ms >= 5000);
    CHECK(silent.sent_ms < 6000);
    CHECK(silent.received_ms >= 5000);
    CHECK(silent.received_ms < 6000);
    step("the link breaks after 20 packets");
    const auto breaks = [](int n, Fate& fate) {
      if (n > 20) fate.clear();
    };
    const Outcome broken = co_await transfer(file, script(breaks), script(breaks));
    CHECK(broken.sender() == "Connection timed out");
    CHECK(broken.receiver(file) == "Connection timed out");
    CHECK(broken.sent_ms < 7000);
    CHECK(broken.received_ms < 7000);
    step("an empty file: the End arrives, and no acknowledgement does");
    const std::string empty;
    const Outcome unheard = co_await transfer(empty, good_weather(), nothing_arrives());
    CHECK(unheard.sender() == "Connection timed out");
    CHECK(unheard.receiver(empty) == "the same");
    step("three of four packets are lost: it takes longer than 5 s, and there is always an answer");
    Troubles troubles;
    Fates slow = bad_weather({.lost = 75}, 1, troubles);
    const Outcome patient =
        co_await succeed(file_of(800 * kPiece), std::move(slow), good_weather());
    CHECK(patient.sent_ms > 5000);
  });
}

TEST_CASE("07-4 File transfer: stage 5: a receiver, and a sender that is not to be trusted") {
  run_paused([]() -> Async<> {
    const std::string file = file_of(3000);
    const auto [left, right] = LinkEnd::link(good_weather(), good_weather());
    Player sender(left);
    auto receiving = nara::spawn(receive(right));
    step("what is no packet, and an acknowledgement, is passed over");
    co_await sender.say_bytes({});
    co_await sender.say_bytes(Bytes(kLongestPacket, std::byte{0xff}));
    co_await sender.say(ack_packet(0, 3));
    const std::string none = co_await sender.hear_ack();
    CHECK(none == "nothing");
    step("packet 1 comes first, and then packet 0");
    co_await sender.say(packet_of(file, 1));
    const std::string one = co_await sender.hear_ack();
    CHECK(one == "1, next 0");
    co_await sender.say(packet_of(file, 0));
    const std::string zero = co_await sender.hear_ack();
    CHECK(zero == "0, next 2");
    step("packet 0 comes once more: it is acknowledged once more");
    co_await sender.say(packet_of(file, 0));
    const std::string again = co_await sender.hear_ack();
    CHECK(again == "0, next 2");
    step("packets for which there is no room");
    for (const std::uint32_t far : {2 + kWindow, 1'000'000U, 0xffffffffU}) {
      Packet packet = packet_of(file, 0);
      packet.number = far;
      co_await sender.say(packet);
      const std::string room = co_await sender.hear_ack();
      CHECK(room == "nothing");
    }
    step("the rest, and the End");
    co_await sender.say(packet_of(file, 2));
    (void)co_await sender.hear_ack();
    co_await sender.say(packet_of(file, 3));
    const std::string end = co_await sender.hear_ack();
    CHECK(end == "3, next 4");
    step("after the End, another piece: there is no room for it");
    Packet more = packet_of(file, 0);
    more.number = 4;
    co_await sender.say(more);
    const std::string no_room = co_await sender.hear_ack();
    CHECK(no_room == "nothing");
    auto done = co_await receiving;
    const Arrived arrived = std::move(done).value();
    REQUIRE(arrived.result.has_value());
    const bool is_the_same = *arrived.result == file;
    CHECK(is_the_same);
  });
}

TEST_CASE("07-4 File transfer: stage 5: a file that is not what the End says") {
  run_paused([]() -> Async<> {
    const std::string file = file_of(10);
    for (const std::string_view what : {"size", "checksum"}) {
      step("the End has another ", what);
      const auto [left, right] = LinkEnd::link(good_weather(), good_weather());
      Player sender(left);
      auto receiving = nara::spawn(receive(right));
      co_await sender.say(packet_of(file, 0));
      const std::string piece = co_await sender.hear_ack();
      CHECK(piece == "0, next 1");
      Packet end = packet_of(file, 1);
      if (what == "size") ++end.size;
      if (what == "checksum") end.checksum ^= 1;
      co_await sender.say(end);
      const std::string acknowledged = co_await sender.hear_ack();
      CHECK(acknowledged == "nothing");
      auto done = co_await receiving;
      const Arrived arrived = std::move(done).value();
      REQUIRE_FALSE(arrived.result.has_value());
      CHECK(arrived.result.error() == std::errc::bad_message);
    }
  });
}

TEST_CASE("07-4 File transfer: stage 6: many files, through all weathers") {
  run_paused([]() -> Async<> {
    const Weather bad{.lost = 20, .doubled = 10, .late = 20};
    const Weather terrible{.lost = 50, .doubled = 30, .late = 50};
    for (unsigned seed = 1; seed <= 40; ++seed) {
      const std::size_t size = seed * 997;
      const std::string file = file_of(size);
      step("send ", size, " bytes, with seed ", seed);
      const Weather weather = seed % 4 == 0 ? terrible : bad;
      Troubles troubles;
      Fates forth = bad_weather(weather, seed, troubles);
      Fates back = bad_weather(weather, seed + 1000, troubles);
      (void)co_await succeed(file, std::move(forth), std::move(back));
    }
  });
}

TEST_CASE("07-4 File transfer: stage 6: a megabyte, of which a fifth is lost on the way") {
  run_paused([]() -> Async<> {
    const Weather weather{.lost = 20, .doubled = 10, .late = 10};
    Troubles troubles;
    step("send 1 MiB");
    Fates forth = bad_weather(weather, 1, troubles);
    Fates back = bad_weather(weather, 2, troubles);
    (void)co_await succeed(file_of(kMegabyte), std::move(forth), std::move(back));
    CHECK(troubles.lost > 300);
    CHECK(troubles.doubled > 100);
    CHECK(troubles.late > 100);
  });
}

TEST_CASE("07-4 File transfer: stage 7: a window, and not one packet for each round trip") {
  run_paused([]() -> Async<> {
    step("your send_file() sends 1 MiB to a test that says nothing for 50 ms");
    const auto [left, right] = LinkEnd::link(good_weather(), good_weather());
    Player receiver(right);
    auto sending = nara::spawn(send(left, file_of(kMegabyte)));
    std::uint32_t packets = 0;
    while (true) {
      const auto packet = co_await receiver.hear();
      if (!packet) break;
      CHECK(packet->number == packets);
      ++packets;
    }
    CHECK(packets == kWindow);
    step("packet 0 is acknowledged: there is room for one more");
    co_await receiver.say(ack_packet(0, 1));
    const auto next = co_await receiver.hear(25ms);
    REQUIRE(next.has_value());
    CHECK(next->number == kWindow);
    sending.abort();
    step("send 1 MiB in good weather: a packet for each round trip would take 20 s");
    const Outcome outcome = co_await succeed(file_of(kMegabyte), good_weather(), good_weather());
    CHECK(outcome.sent_ms < 2000);
  });
}

TEST_CASE("07-4 File transfer: stage 8: what has arrived is not sent again") {
  run_paused([]() -> Async<> {
    const std::string file = file_of(kMegabyte);
    const int packets = static_cast<int>(count_packets(file));
    step("send 1 MiB, of which a tenth is lost on the way");
    Troubles troubles;
    Fates forth = bad_weather({.lost = 10}, 1, troubles);
    Fates back = bad_weather({.lost = 10}, 2, troubles);
    const Outcome outcome = co_await succeed(file, std::move(forth), std::move(back));
    CHECK(*outcome.sent < packets * 3 / 2);
  });
}

TEST_CASE("07-4 File transfer: stage 9: over real sockets") {
  run_paused([]() -> Async<> {
    auto left = co_await UdpSocket::bind("127.0.0.1:0");
    REQUIRE(left.has_value());
    auto right = co_await UdpSocket::bind("127.0.0.1:0");
    REQUIRE(right.has_value());
    const auto there = co_await left->connect(right->local_addr().value());
    REQUIRE(there.has_value());
    const auto back = co_await right->connect(left->local_addr().value());
    REQUIRE(back.has_value());
    const auto sender = std::make_shared<const UdpSocket>(*std::move(left));
    const auto receiver = std::make_shared<const UdpSocket>(*std::move(right));
    const auto send_from = [](std::shared_ptr<const UdpSocket> socket,
                              std::string file) -> Async<Result<int>> {
      Result<int> sent = co_await send_file(*socket, std::move(file));
      co_return sent;
    };
    const auto receive_from =
        [](std::shared_ptr<const UdpSocket> socket) -> Async<Result<std::string>> {
      Result<std::string> file = co_await receive_file(*socket);
      co_return file;
    };
    step("send 1 MiB between two sockets of this machine");
    const std::string file = file_of(kMegabyte);
    auto receiving = nara::spawn(receive_from(receiver));
    auto sending = nara::spawn(send_from(sender, file));
    // The clock stands still meanwhile, since this task never waits.
    co_await nara::test::let_run_until([&] { return sending.is_finished(); });
    REQUIRE(sending.is_finished());
    const auto sent = co_await sending;
    REQUIRE(sent->has_value());
    step("and nothing comes any more: the receiver has it");
    const auto received = co_await receiving;
    REQUIRE(received->has_value());
    const bool is_the_same = **received == file;
    CHECK(is_the_same);
  });
}

TEST_SUITE_END();
