// A chat without a server: what one says to the group comes to all its members.
//
//   ada    mouth ───┐                       ┌───► ear    ada     (her own words: passed over)
//                   ├──►  239.7.7.7:7073 ───┼───► ear    basho
//   basho  mouth ───┘    the group          └───► ear    chiyo
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <nara/net/ip_addr.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/todo.hpp>
#include <span>
#include <string>
#include <utility>

/// Given. So many bytes of a message are heard. What is longer is cut there.
inline constexpr std::size_t kLongest = 1000;

/// Given. A member of a group: one socket to hear, and one to speak.
struct Member {
  nara::net::SocketAddr group;
  nara::net::UdpSocket ear;    ///< At the address of the group, like those of all other members.
  nara::net::UdpSocket mouth;  ///< At an address that nobody else has: it tells who has spoken.
};

/// Given. A socket to speak with. What it sends stays on this machine.
///
/// Why at 127.0.0.1: a datagram for a group has no route of its own. It leaves by the interface
/// whose address its sender has, and this one leads nowhere else.
inline nara::Async<nara::io::Result<nara::net::UdpSocket>> open_mouth() {
  auto mouth = co_await nara::net::UdpSocket::bind("127.0.0.1:0");
  if (!mouth) co_return std::unexpected(mouth.error());
  const auto kept_here = mouth->set_multicast_ttl_v4(0);
  if (!kept_here) co_return std::unexpected(kept_here.error());
  co_return mouth;
}

/// A socket that hears what is said to `group`, and nothing else that comes to its port. Any number
/// of them can be on this machine. It is a member of the group at the interface of 127.0.0.1.
inline nara::io::Result<nara::net::UdpSocket> open_ear(nara::net::SocketAddr group) {
  return nara::todo("07-3: open_ear() shares the group's address, and joins the group");
}

/// Given. Becomes a member. Destroying it leaves the group.
inline nara::Async<nara::io::Result<Member>> join(nara::net::SocketAddr group) {
  auto ear = open_ear(group);
  if (!ear) co_return std::unexpected(ear.error());
  auto mouth = co_await open_mouth();
  if (!mouth) co_return std::unexpected(mouth.error());
  co_return Member{group, *std::move(ear), *std::move(mouth)};
}

/// Says it to all members, in one datagram.
inline nara::Async<nara::io::Result<void>> say(const Member& me, std::string text) {
  co_return nara::todo("07-3: say() sends the text to the group");
}

/// Waits for what another member says next, and gives it: its first `kLongest` bytes, and "…" at
/// the end if there were more. What this member itself has said is passed over. Nobody has to say
/// something: an empty text is one, too. Cancel safe: nothing was heard.
inline nara::Async<nara::io::Result<std::string>> hear(const Member& me) {
  co_return nara::todo("07-3: hear() waits for a datagram that somebody else has sent");
}
