#include <nara/b.hpp>
#include <nara/c.hpp>

namespace nara::inline NARA_BUILD {

const char* a_source_by_c_source() { return a_source_by_b_source(); }

}  // namespace nara::inline NARA_BUILD
