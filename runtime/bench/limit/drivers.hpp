// The rows about timers and descriptors, without a runtime and without coroutines.
#pragma once

#include <cstdint>

namespace limit {

double timer_cancel(std::uint64_t ops);
double pipe_ping_pong(std::uint64_t ops);
double idle_fds(std::uint64_t ops);

}  // namespace limit
