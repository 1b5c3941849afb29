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
#include <nara/todo.hpp>
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
  co_return nara::todo("07-4: send_file() sends each packet until it is acknowledged");
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
  co_return nara::todo("07-4: receive_file() puts the pieces in order, and says so");
}
