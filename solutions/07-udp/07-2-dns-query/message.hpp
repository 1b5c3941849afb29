// Given: the messages of DNS, as RFC 1035 has them in section 4. Whatever comes from the network is
// read by a `Reader`, which never reads beyond the end.
//
//   header     id  flags  questions  answers  authorities  additional      12 bytes
//   question   name  type  class
//   records    name  type  class  seconds to live  size  data              so many times
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <nara/io/text.hpp>
#include <nara/net/ip_addr.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dns {

using Bytes = std::vector<std::byte>;
using View = std::span<const std::byte>;

inline constexpr std::uint16_t kTypeA = 1;      ///< An address of IPv4.
inline constexpr std::uint16_t kTypeCname = 5;  ///< Another name for the same.
inline constexpr std::uint16_t kClassIn = 1;    ///< The internet.
inline constexpr std::uint16_t kResponse = 0x8000;
inline constexpr std::uint16_t kTruncated = 0x0200;
inline constexpr std::uint16_t kRecursionDesired = 0x0100;
inline constexpr std::uint16_t kRcode = 0x000f;  ///< Why there is no answer; 0 if there is one.
inline constexpr std::uint16_t kRcodeNoSuchName = 3;  ///< NXDOMAIN.

/// The longest message that a server may send with UDP, to somebody who has not said more.
inline constexpr std::size_t kLongest = 512;

/// The longest name, with its dots.
inline constexpr std::size_t kLongestName = 253;
inline constexpr std::size_t kLongestLabel = 63;

/// Why there is no address.
enum class Failure : std::uint8_t {
  kNoAnswer,    ///< Nobody has answered, however often it was asked.
  kTruncated,   ///< The answer does not fit into a datagram. TCP would bring all of it.
  kNoSuchName,  ///< There is nothing of that name.
  kServer,      ///< The server cannot, or does not want to.
  kMalformed,   ///< What the server says is no message. Or the name to be asked for is none.
  kSocket,      ///< Nothing can be sent, or received.
};

inline std::string_view to_text(Failure failure) {
  constexpr std::array<std::string_view, 6> kTexts{
      "nobody has answered",    "the answer is too long for UDP", "there is no such name",
      "the server has refused", "that is no message of DNS",      "the socket does not work"};
  return kTexts[static_cast<std::size_t>(failure)];
}

/// The addresses of a name: none, when it has none.
using Answer = std::expected<std::vector<nara::net::IpAddr>, Failure>;

/// Puts a number at the end, the larger half first.
inline void put_u16(Bytes& to, std::uint16_t number) {
  to.push_back(static_cast<std::byte>(number >> 8));
  to.push_back(static_cast<std::byte>(number & 0xff));
}

/// Reads a message from its beginning, or from `at` on. All functions give nothing, and read
/// nothing, when there are not so many bytes left.
class Reader {
 public:
  explicit Reader(View message, std::size_t at = 0) noexcept : message_(message), at_(at) {}

  std::size_t at() const noexcept { return at_; }
  std::size_t left() const noexcept { return message_.size() - std::min(at_, message_.size()); }

  std::optional<View> take(std::size_t size) noexcept {
    if (left() < size) return std::nullopt;
    at_ += size;
    return message_.subspan(at_ - size, size);
  }
  std::optional<std::uint8_t> u8() noexcept {
    const auto bytes = take(1);
    if (!bytes) return std::nullopt;
    return std::to_integer<std::uint8_t>((*bytes)[0]);
  }
  std::optional<std::uint16_t> u16() noexcept {
    const auto bytes = take(2);
    if (!bytes) return std::nullopt;
    const auto high = std::to_integer<unsigned>((*bytes)[0]);
    return static_cast<std::uint16_t>(high << 8 | std::to_integer<unsigned>((*bytes)[1]));
  }

  /// A name, in lower case. Instead of labels, two bytes may say where in the message the rest of
  /// the name is (*compression*, section 4.1.4). RFC 1035 means a place before; whoever jumps
  /// forwards, or in a circle, is malformed.
  std::optional<std::string> name() {
    std::string name;
    Reader part = *this;  // It jumps. This one goes on behind the first jump.
    bool has_jumped = false;
    for (std::size_t begin = at_;;) {
      const auto size = part.u8();
      if (!size) return std::nullopt;
      if (*size >= 0xc0) {
        const auto low = part.u8();
        if (!low) return std::nullopt;
        if (!has_jumped) at_ = part.at();
        has_jumped = true;
        const std::size_t target = (*size & 0x3fU) << 8 | *low;
        if (target >= begin) return std::nullopt;  // Each jump leads further back: it ends.
        part = Reader(message_, begin = target);
      } else if (*size == 0) {
        if (!has_jumped) at_ = part.at();
        return name;
      } else {
        const auto label = part.take(*size);
        if (!label || *size > kLongestLabel) return std::nullopt;
        if (!name.empty()) name += '.';
        for (const char letter : nara::io::as_text(*label)) name += lower(letter);
        if (name.size() > kLongestName) return std::nullopt;
      }
    }
  }

  static char lower(char letter) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }

 private:
  View message_;
  std::size_t at_;
};

/// The first twelve bytes.
struct Header {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  std::uint16_t questions = 0;
  std::uint16_t answers = 0;
};

inline std::optional<Header> read_header(Reader& reader) {
  const auto bytes = reader.take(12);
  if (!bytes) return std::nullopt;
  Reader numbers(*bytes);
  Header header;
  for (auto* const number : {&header.id, &header.flags, &header.questions, &header.answers}) {
    *number = *numbers.u16();
  }
  return header;
}

/// What is asked, or answered.
struct Question {
  std::string name;
  std::uint16_t type = 0;
  std::uint16_t of_class = 0;

  bool operator==(const Question&) const = default;
};

inline std::optional<Question> read_question(Reader& reader) {
  const auto name = reader.name();
  if (!name) return std::nullopt;
  const auto type = reader.u16();
  const auto of_class = reader.u16();
  if (!type || !of_class) return std::nullopt;
  return Question{*name, *type, *of_class};
}

/// True when `message` is an answer to that question: it has the same id, it says that it is an
/// answer, and it repeats the question. Who guesses has to guess all of that.
inline bool is_answer_to(View query, View message) {
  Reader asked(query);
  Reader reader(message);
  const auto question = read_header(asked);
  const auto header = read_header(reader);
  if (!question || !header || header->id != question->id) return false;
  if ((header->flags & kResponse) == 0 || header->questions != 1) return false;
  const auto repeated = read_question(reader);
  return repeated && repeated == read_question(asked);
}

/// The addresses in an answer. A record may say that the name is another name for a second one
/// (CNAME): then the addresses are those of the second.
inline Answer parse_answer(View message) {
  constexpr std::unexpected kBad(Failure::kMalformed);
  Reader reader(message);
  const auto header = read_header(reader);
  if (!header) return kBad;
  const auto question = read_question(reader);
  if (!question) return kBad;
  if ((header->flags & kTruncated) != 0) return std::unexpected(Failure::kTruncated);
  const int rcode = header->flags & kRcode;
  if (rcode == kRcodeNoSuchName) return std::unexpected(Failure::kNoSuchName);
  if (rcode != 0) return std::unexpected(Failure::kServer);
  std::vector<nara::net::IpAddr> addresses;
  std::string name = question->name;
  for (int record = 0; record < header->answers; ++record) {
    const auto owner = read_question(reader);  // A record begins like one.
    const auto seconds = reader.take(4);
    const auto size = reader.u16();
    if (!owner || !seconds || !size) return kBad;
    Reader data = reader;
    const auto bytes = reader.take(*size);
    if (!bytes) return kBad;
    if (owner->name != name || owner->of_class != kClassIn) continue;
    if (owner->type == kTypeCname) {
      const auto other = data.name();
      if (!other || data.at() != reader.at()) return kBad;
      name = *other;
    } else if (owner->type == kTypeA) {
      if (bytes->size() != 4) return kBad;
      const auto byte = [&](int i) { return std::to_integer<std::uint8_t>((*bytes)[i]); };
      addresses.push_back(nara::net::IpAddr::v4(byte(0), byte(1), byte(2), byte(3)));
    }
  }
  return addresses;
}

}  // namespace dns
