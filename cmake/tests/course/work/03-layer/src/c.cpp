#include <nara/c.hpp>

namespace nara::inline NARA_BUILD {

const char* c_source() { return "learner's"; }

}  // namespace nara::inline NARA_BUILD
