// How long is it to somebody and back? One asks "ping", the other answers "pong".
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <expected>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/timeout.hpp>
#include <nara/todo.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Given. What has become of many pings.
struct Pings {
  std::vector<nara::time::Duration> times;  ///< From asking to being answered, in the order asked.
  int lost = 0;                             ///< Those that nobody has answered in time.
};

/// Answers for ever. What begins with "ping" goes back to the one who has sent it, with "pong"
/// instead: "ping" as "pong", and "ping 7" as "pong 7". Nothing else is answered. Gives the error
/// when nothing can be received or sent any more.
inline nara::Async<nara::io::Result<void>> answer(const nara::net::UdpSocket& socket) {
  co_return nara::todo("07-1: answer() receives a ping, and sends a pong to who sent it");
}

/// Sends "ping" and the number to the one with whom `socket` is connected, waits for "pong" and the
/// same number, and gives the time that this took. Nothing when it has not come within `limit`,
/// whatever else has come. Gives the error when nothing can be sent or received.
inline nara::Async<nara::io::Result<std::optional<nara::time::Duration>>> ping(
    const nara::net::UdpSocket& socket, int number, nara::time::Duration limit) {
  const std::string question = "ping " + std::to_string(number);
  const std::string answer = "pong " + std::to_string(number);
  co_return nara::todo("07-1: ping() asks, and waits for the answer, but not for ever");
}

/// Given. Asks so many times, one after the other. Who is not answered within `limit` goes on to
/// the next.
inline nara::Async<nara::io::Result<Pings>> ping_many(const nara::net::UdpSocket& socket, int count,
                                                      nara::time::Duration limit) {
  Pings pings;
  for (int number = 1; number <= count; ++number) {
    const auto time = co_await ping(socket, number, limit);
    if (!time) co_return std::unexpected(time.error());
    if (*time) {
      pings.times.push_back(**time);
    } else {
      ++pings.lost;
    }
  }
  co_return pings;
}

/// The shortest time that at least `percent` of all did not exceed: 50 is the median, 99 what is
/// called p99, and 0 the minimum. There is at least one time, in any order.
inline nara::time::Duration percentile(std::vector<nara::time::Duration> times, int percent) {
  return nara::todo("07-1: percentile() puts the times in order, and counts");
}
