// The layers of this pretend course do one thing: each file says whose it is.
#pragma once

#include <nara/twin.hpp>

namespace nara::inline NARA_BUILD {

inline const char* a_header() { return "lesson's"; }
const char* a_source();
const char* private_header_in_a_source();

}  // namespace nara::inline NARA_BUILD
