// Text is bytes, and bytes may be text.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace nara::inline NARA_BUILD::io {

/// The bytes of a text, where it lies.
inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span(text));
}

/// The text that lies there.
inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  // Safe because: any object may be read as characters.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace nara::inline NARA_BUILD::io
