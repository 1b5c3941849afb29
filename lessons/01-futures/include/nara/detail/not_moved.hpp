// Handles that share something, and may be moved away.
#pragma once

#include <memory>
#include <nara/misuse.hpp>
#include <string>
#include <string_view>

namespace nara::inline NARA_BUILD::detail {

[[noreturn, gnu::cold]] inline void throw_moved(std::string_view who) {
  throw Misuse(std::string(who) + " was used that was moved from: use the one it was moved to");
}

/// What a handle refers to. Throws `Misuse` when that was moved away; `who` is what the handle is.
template <class T>
T& not_moved(const std::shared_ptr<T>& shared, std::string_view who) {
  if (shared == nullptr) throw_moved(who);
  return *shared;
}

}  // namespace nara::inline NARA_BUILD::detail
