// A file, through a link on which nothing is certain.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <map>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/timeout.hpp>
#include <optional>
#include <packet.hpp>
#include <span>
#include <string>
#include <system_error>
#include <utility>

/// Sends the packets of `file` to the other end of `link`, a connected `UdpSocket` or what has the
/// same `send()` and `recv()`, until each is acknowledged. No more than `kWindow` are on their way:
/// a packet is sent for the first time when all that are older by `kWindow` are acknowledged. One
/// that is not acknowledged after `kTimeout` is sent again. What is no Ack of one of its packets
/// changes nothing.
///
/// Gives how many packets it has sent, those that were sent again included. `timed_out` when no Ack
/// has come for `kPatience`, and the error when nothing can be sent or received.
template <class Link>
nara::Async<nara::io::Result<int>> send_file(const Link& link, std::string file) {
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("07-4: send_file() sends each packet until it is acknowledged");
  struct Pending {
    Bytes packet;
    nara::time::Instant due;  // When it is sent, or sent again.
    bool is_acknowledged = false;
  };
  const std::uint32_t count = count_packets(file);
  std::deque<Pending> window;  // Packet `first`, and those after it that have been sent.
  std::uint32_t first = 0;
  int sent_packets = 0;
  std::array<std::byte, kLongestPacket> buffer;
  nara::time::Instant heard = nara::time::now();
  while (first < count) {
    while (window.size() < kWindow && first + window.size() < count) {
      const auto number = static_cast<std::uint32_t>(first + window.size());
      window.push_back(Pending{encode(packet_of(file, number)), nara::time::now()});
    }
    nara::time::Instant wait_until = heard + kPatience;
    for (Pending& pending : window) {
      if (pending.is_acknowledged) continue;
      if (pending.due <= nara::time::now()) {
        const auto sent = co_await link.send(pending.packet);
        if (!sent) co_return std::unexpected(sent.error());
        ++sent_packets;
        pending.due = nara::time::now() + kTimeout;
      }
      wait_until = std::min(wait_until, pending.due);
    }
    const auto got = co_await nara::time::timeout_at(wait_until, link.recv(buffer));
    if (!got) {
      if (nara::time::now() < heard + kPatience) continue;
      co_return std::unexpected(std::make_error_code(std::errc::timed_out));
    }
    if (!*got) co_return std::unexpected(got->error());
    const auto ack = decode(std::span(buffer).first((*got)->size));
    if (!ack || ack->kind != Packet::Kind::kAck || ack->number >= first + window.size()) continue;
    heard = nara::time::now();
    for (std::size_t i = 0; i < window.size(); ++i) {
      const bool is_meant = first + i < ack->next || first + i == ack->number;
      window[i].is_acknowledged = window[i].is_acknowledged || is_meant;
    }
    while (!window.empty() && window.front().is_acknowledged) {
      window.pop_front();
      ++first;
    }
  }
  co_return sent_packets;
  // END SOLUTION
}

/// Receives a file from the other end of `link`, and gives it. Each packet that has room is
/// acknowledged, also one that has come before. There is room for the next one that is missing and
/// the `kWindow - 1` after it; what is beyond, and what is no packet of a file, is passed over.
///
/// When it has all, up to the End, and the size and the checksum are right, it stays until nothing
/// has come for `kLinger`, and acknowledges what comes again. `bad_message` when they are not
/// right: then the End is not acknowledged. `timed_out` when no packet has come for `kPatience`.
/// The error when nothing can be sent or received, unless it has all already.
template <class Link>
nara::Async<nara::io::Result<std::string>> receive_file(const Link& link) {
  std::string file;
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("07-4: receive_file() puts the pieces in order, and says so");
  std::map<std::uint32_t, Packet> early;  // What has come before its turn.
  std::uint32_t next = 0;
  bool is_complete = false;
  std::array<std::byte, kLongestPacket> buffer;
  nara::time::Instant heard = nara::time::now();
  while (true) {
    const nara::time::Duration patience = is_complete ? kLinger : kPatience;
    const auto got = co_await nara::time::timeout_at(heard + patience, link.recv(buffer));
    if (is_complete && (!got || !*got)) co_return file;
    if (!got) co_return std::unexpected(std::make_error_code(std::errc::timed_out));
    if (!*got) co_return std::unexpected(got->error());
    auto packet = decode(std::span(buffer).first((*got)->size));
    const std::uint32_t limit = is_complete ? next : next + kWindow;
    if (!packet || packet->kind == Packet::Kind::kAck || packet->number >= limit) continue;
    heard = nara::time::now();
    const std::uint32_t number = packet->number;
    if (number >= next) early.emplace(number, *std::move(packet));
    for (auto found = early.extract(next); found; found = early.extract(next)) {
      const Packet& taken = found.mapped();
      if (taken.kind == Packet::Kind::kEnd) {
        const bool is_right = taken.size == file.size() && taken.checksum == checksum(file);
        if (!is_right) co_return std::unexpected(std::make_error_code(std::errc::bad_message));
        is_complete = true;
      }
      file += taken.bytes;
      ++next;
    }
    const Bytes ack = encode(ack_packet(number, next));
    const auto sent = co_await link.send(ack);
    if (!sent && !is_complete) co_return std::unexpected(sent.error());
  }
  // END SOLUTION
}
