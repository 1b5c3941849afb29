// A second header of layer 01. The learner has no file of this name.
#pragma once

namespace nara::inline NARA_BUILD {

inline const char* twin_header() { return "lesson's"; }
const char* twin_source();
const char* a_header_in_twin_source();
const char* private_header_in_twin_source();

}  // namespace nara::inline NARA_BUILD
