// The rows that need drivers: timers, and descriptors. See rows.toml for what each measures.
#pragma once

#include <cstdint>
#include <nara/runtime.hpp>
#include <utility>

namespace bench {

/// What `work` gives, done in a task of a runtime with a reactor and a clock.
template <class Work>
double run_with_drivers(Work work) {
  return nara::Runtime::create().value().block_on(std::move(work));
}

// timers.cpp
double sleep_cancel(std::uint64_t ops);
double timer_cancel(std::uint64_t ops);
double timer_fire(std::uint64_t ops);
double timer_late(std::uint64_t ops);
double timer_late_99(std::uint64_t ops);
double timer_late_max(std::uint64_t ops);
double bytes_sleep(std::uint64_t ops);

// pipes.cpp
double pipe_ping_pong(std::uint64_t ops);
double pipe_timeout(std::uint64_t ops);
double idle_fds(std::uint64_t ops);
double idle_cpu(std::uint64_t ops);

}  // namespace bench
