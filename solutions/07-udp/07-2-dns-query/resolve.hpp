// Asks a server of DNS for the addresses of a name.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <message.hpp>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/timeout.hpp>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace dns {

/// Given. How often it asks, and how long it waits each time.
inline constexpr int kAttempts = 3;
inline constexpr std::chrono::seconds kPatience(1);

/// Puts a name at the end of `to`: each label with its size in one byte before it, and at the end
/// of the name a byte 0. "nara.test" is `4 n a r a 4 t e s t 0`. False, when a label is empty or
/// longer than `kLongestLabel`, or the name is longer than `kLongestName`.
inline bool put_name(Bytes& to, std::string_view name) {
  // BEGIN SOLUTION
  // STARTER: return nara::todo("07-2: put_name() writes each label, with its size before it");
  if (name.size() > kLongestName) return false;
  while (true) {
    const std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > kLongestLabel) return false;
    to.push_back(static_cast<std::byte>(label.size()));
    const auto bytes = nara::io::as_bytes(label);
    to.insert(to.end(), bytes.begin(), bytes.end());
    if (label.size() == name.size()) break;
    name.remove_prefix(label.size() + 1);
  }
  to.push_back(std::byte{0});
  return true;
  // END SOLUTION
}

/// Given. A question for the addresses of a name, with an id that nobody can guess. Nothing when
/// the name is none.
inline Bytes make_query(std::string_view name) {
  const auto id = static_cast<std::uint16_t>(std::random_device()());
  Bytes query;
  for (const std::uint16_t number : {id, kRecursionDesired, std::uint16_t{1}}) {
    put_u16(query, number);  // One question.
  }
  for (int section = 0; section < 3; ++section) put_u16(query, 0);  // And nothing else.
  if (!put_name(query, name)) return {};
  put_u16(query, kTypeA);
  put_u16(query, kClassIn);
  return query;
}

/// Asks `server` for the addresses of `name`, and gives what `parse_answer()` makes of its answer.
/// When that has not come within `kPatience`, asks the same once more, `kAttempts` times in all;
/// then it is `kNoAnswer`. Whatever comes from somebody else, or is no answer to this query, is
/// passed over, and changes nothing. An answer that did not fit into `kLongest` bytes is
/// `kTruncated`.
inline nara::Async<Answer> resolve(const nara::net::UdpSocket& socket, nara::net::SocketAddr server,
                                   std::string name) {
  const Bytes query = make_query(name);
  if (query.empty()) co_return std::unexpected(Failure::kMalformed);
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("07-2: resolve() asks, waits, and asks again");
  std::array<std::byte, kLongest> buffer;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto sent = co_await socket.send_to(query, server);
    if (!sent) co_return std::unexpected(Failure::kSocket);
    const nara::time::Instant deadline = nara::time::now() + kPatience;
    while (true) {
      const auto got = co_await nara::time::timeout_at(deadline, socket.recv_from(buffer));
      if (!got) break;
      if (!*got) co_return std::unexpected(Failure::kSocket);
      const View message = std::span(buffer).first((*got)->size);
      if ((*got)->from != server || !is_answer_to(query, message)) continue;
      if ((*got)->truncated) co_return std::unexpected(Failure::kTruncated);
      co_return parse_answer(message);
    }
  }
  co_return std::unexpected(Failure::kNoAnswer);
  // END SOLUTION
}

}  // namespace dns
