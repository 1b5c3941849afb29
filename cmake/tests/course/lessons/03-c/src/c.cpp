#include <nara/c.hpp>

namespace nara::inline NARA_BUILD {

const char* c_source() { return "lesson's"; }

}  // namespace nara::inline NARA_BUILD
