// The rows about mutexes and channels. See rows.toml for what each measures.
#pragma once

#include <cstdint>
#include <nara/async.hpp>

namespace bench {

nara::Async<> mutex_free(std::uint64_t ops);
nara::Async<> mutex_contended(std::uint64_t ops);

}  // namespace bench
