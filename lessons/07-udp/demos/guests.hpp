// Three who write a postcard each, and wait for an answer. They know nothing of tasks.
#pragma once

#include <array>
#include <cstdio>

#include "post.hpp"

/// All three write before anybody looks for an answer, and the last one writes first.
inline void write_three_times(const SocketAddr& to) {
  const std::array<OwnedFd, 3> boxes{wait_at_a_box(), wait_at_a_box(), wait_at_a_box()};
  const std::array<const char*, 3> words{"water, please", "the bill, please", "the menu, please"};
  for (const int guest : {2, 0, 1}) (void)post(boxes[guest], to, words[guest]);
  for (const int guest : {0, 1, 2}) {
    std::printf("guest %d reads: %s\n", guest + 1, take_out(boxes[guest])->c_str());
  }
}
