// How a failed check prints what a descriptor is ready for: READABLE|READ_CLOSED.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <nara/io/ready.hpp>

template <>
struct doctest::StringMaker<nara::io::Ready> {
  static String convert(nara::io::Ready ready) {
    static constexpr std::array kNames{"READABLE",     "WRITABLE", "READ_CLOSED",
                                       "WRITE_CLOSED", "PRIORITY", "ERROR"};
    if (ready.is_empty()) return "nothing";
    String text;
    const auto add = [&](const String& name) { text += text.size() == 0 ? name : "|" + name; };
    for (unsigned bit = 0; bit < 16; ++bit) {
      if ((ready.bits() >> bit & 1) == 0) continue;
      add(bit < kNames.size() ? String(kNames[bit]) : "bit " + toString(bit));
    }
    return text;
  }
};
