// Given: what the two sides of a transfer say to each other, and the numbers that they agree on.
//
//   sender                                               receiver
//     Data 0, Data 1, Data 2, …     ───────────────►       puts the pieces into their order
//                                   ◄───────────────       Ack: "3 has come; I have all before 2"
//     End 977: size, checksum       ───────────────►       compares
//                                   ◄───────────────       Ack: "977 has come; all before 978"
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nara/io/text.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using Bytes = std::vector<std::byte>;
using View = std::span<const std::byte>;

/// A packet has so many bytes of the file; only the last one may have fewer.
inline constexpr std::size_t kPiece = 1024;

/// No packet is longer.
inline constexpr std::size_t kLongestPacket = kPiece + 32;

/// So many packets may be on their way, at most: a receiver has room for these, and no others.
inline constexpr std::uint32_t kWindow = 32;

/// What was not acknowledged after so long is sent again. It is longer than there and back.
inline constexpr std::chrono::milliseconds kTimeout(100);

/// Who has heard nothing from the other side for so long gives up.
inline constexpr std::chrono::seconds kPatience(5);

/// So long a receiver that has everything stays, after the last packet that has come: if its last
/// acknowledgement was lost, the sender asks for it again.
inline constexpr std::chrono::seconds kLinger(1);

/// The CRC-32 of some bytes, as in zip and Ethernet.
inline std::uint32_t checksum(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
  }
  return ~crc;
}

/// What one side says to the other.
struct Packet {
  enum class Kind : std::uint8_t { kData, kEnd, kAck };

  Kind kind = Kind::kData;
  std::uint32_t number = 0;    ///< Which packet it is. In an Ack: the one that has just come.
  std::uint32_t next = 0;      ///< In an Ack: all packets before this one have come.
  std::uint64_t size = 0;      ///< In an End: of the whole file, in bytes.
  std::uint32_t checksum = 0;  ///< In an End: of the whole file.
  std::string bytes;           ///< In a Data: a piece of the file.
};

inline Packet ack_packet(std::uint32_t number, std::uint32_t next) {
  return {.kind = Packet::Kind::kAck, .number = number, .next = next, .bytes = {}};
}

/// How many packets a file needs: a Data for each piece, and the End.
inline std::uint32_t count_packets(std::string_view file) {
  return static_cast<std::uint32_t>((file.size() + kPiece - 1) / kPiece) + 1;
}

/// The packet of a file with that number, from 0 on: the last one is the End.
inline Packet packet_of(std::string_view file, std::uint32_t number) {
  if (number + 1 == count_packets(file)) {
    return {.kind = Packet::Kind::kEnd,
            .number = number,
            .size = file.size(),
            .checksum = checksum(file),
            .bytes = {}};
  }
  return {.number = number, .bytes = std::string(file.substr(number * kPiece, kPiece))};
}

/// A packet as it is sent.
inline Bytes encode(const Packet& packet) {
  Bytes all;
  const auto put = [&](std::uint64_t value, int bytes) {
    while (--bytes >= 0) all.push_back(static_cast<std::byte>(value >> 8 * bytes & 0xff));
  };
  put(static_cast<std::uint64_t>(packet.kind), 1);
  put(packet.number, 4);
  if (packet.kind == Packet::Kind::kAck) put(packet.next, 4);
  if (packet.kind == Packet::Kind::kEnd) {
    put(packet.size, 8);
    put(packet.checksum, 4);
  }
  const auto bytes = nara::io::as_bytes(packet.bytes);
  all.insert(all.end(), bytes.begin(), bytes.end());
  return all;
}

/// The packet that was received, or nothing if it is none.
inline std::optional<Packet> decode(View from) {
  std::size_t at = 0;
  const auto take = [&](int bytes) {
    std::uint64_t value = 0;
    for (; bytes > 0 && at < from.size(); --bytes) {
      value = value << 8 | std::to_integer<std::uint64_t>(from[at++]);
    }
    if (bytes > 0) at = from.size() + 1;  // It was too short.
    return value;
  };
  Packet packet;
  const std::uint64_t kind = take(1);
  if (kind > 2) return std::nullopt;
  packet.kind = static_cast<Packet::Kind>(kind);
  packet.number = static_cast<std::uint32_t>(take(4));
  if (packet.kind == Packet::Kind::kAck) packet.next = static_cast<std::uint32_t>(take(4));
  if (packet.kind == Packet::Kind::kEnd) {
    packet.size = take(8);
    packet.checksum = static_cast<std::uint32_t>(take(4));
  }
  if (at > from.size()) return std::nullopt;
  const std::size_t rest = from.size() - at;
  const bool is_data = packet.kind == Packet::Kind::kData;
  if (is_data ? rest == 0 || rest > kPiece : rest > 0) return std::nullopt;
  packet.bytes = nara::io::as_text(from.subspan(at));
  return packet;
}
