#include <nara/a.hpp>
#include <private.hpp>

namespace nara::inline NARA_BUILD {

const char* a_source() { return "learner's"; }
const char* private_header_in_a_source() { return private_header(); }

}  // namespace nara::inline NARA_BUILD
