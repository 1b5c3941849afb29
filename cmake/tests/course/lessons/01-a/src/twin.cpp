#include <nara/a.hpp>
#include <private.hpp>

namespace nara::inline NARA_BUILD {

const char* twin_source() { return "lesson's"; }
const char* a_header_in_twin_source() { return a_header(); }
const char* private_header_in_twin_source() { return private_header(); }

}  // namespace nara::inline NARA_BUILD
