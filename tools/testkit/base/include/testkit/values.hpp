// How a failed check prints what doctest prints as {?}: an optional, an expected, a list.
//
//   but was:   nothing == "one tea"
//
// Every test has it, through the precompiled header.
#pragma once

#include <doctest/doctest.h>

#include <expected>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>

namespace nara::test {

/// In quotes, and in one line.
inline doctest::String quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '\n') {
      quoted += "\\n";
    } else {
      quoted += letter;
    }
  }
  quoted += '"';
  return {quoted.data(), static_cast<doctest::String::size_type>(quoted.size())};
}

/// As a part of something else. A text is in quotes there, because it may be empty.
template <class T>
doctest::String part(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return nara::test::quoted(value);  // Not the one of <iomanip>.
  } else {
    return doctest::toString(value);
  }
}

/// What can be walked through, and cannot be printed.
template <class T>
concept List =
    std::ranges::input_range<const T> && !doctest::detail::has_insertion_operator<T>::value;

}  // namespace nara::test

namespace doctest {

template <class T>
struct StringMaker<std::optional<T>> {
  static String convert(const std::optional<T>& value) {
    return value ? nara::test::part(*value) : String("nothing");
  }
};

template <class T, class Error>
struct StringMaker<std::expected<T, Error>> {
  static String convert(const std::expected<T, Error>& result) {
    if (!result) return String("error ") + nara::test::part(result.error());
    if constexpr (std::is_void_v<T>) {
      return "done";
    } else {
      return nara::test::part(*result);
    }
  }
};

/// The beginning of it, if it is long.
template <nara::test::List T>
struct StringMaker<T> {
  static String convert(const T& list) {
    String text = "{";
    int parts = 0;
    for (const auto& value : list) {
      if (parts > 0) text += ", ";
      if (++parts > 10) return text + "...}";
      text += nara::test::part(value);
    }
    return text + "}";
  }
};

}  // namespace doctest
