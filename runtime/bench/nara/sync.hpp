// The rows about mutexes and channels. See rows.toml for what each measures.
#pragma once

#include <cstdint>
#include <nara/async.hpp>

namespace bench {

nara::Async<> mutex_free(std::uint64_t ops);
nara::Async<> mutex_contended(std::uint64_t ops);
nara::Async<> mpsc_from_1(std::uint64_t ops);
nara::Async<> mpsc_from_4(std::uint64_t ops);
nara::Async<> mpsc_unbounded(std::uint64_t ops);
nara::Async<> mpsc_ping_pong(std::uint64_t ops);

}  // namespace bench
