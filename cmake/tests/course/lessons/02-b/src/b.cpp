#include <nara/a.hpp>
#include <nara/b.hpp>

namespace nara::inline NARA_BUILD {

const char* a_header_in_b_source() { return a_header(); }
const char* a_source_by_b_source() { return a_source(); }

}  // namespace nara::inline NARA_BUILD
