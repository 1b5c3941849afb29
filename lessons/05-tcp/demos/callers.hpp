// Three who call a server that echoes. They know nothing of tasks: each call waits.
#pragma once

#include <array>
#include <cstdio>
#include <nara/run_blocking.hpp>

#include "sockets.hpp"

/// All three call before anybody says a word, and the last to call is the first to speak.
inline void call_three_times(const SocketAddr& address) {
  const std::array<OwnedFd, 3> calls{dial(address), dial(address), dial(address)};
  const std::array<const char*, 3> words{"water, please", "the bill, please", "the menu, please"};
  for (const int caller : {2, 0, 1}) {
    say(calls[caller], words[caller]);
    std::printf("caller %d hears: %s\n", caller + 1, hear(calls[caller]).c_str());
  }
}
