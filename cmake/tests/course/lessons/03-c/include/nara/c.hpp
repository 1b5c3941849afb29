#pragma once

namespace nara::inline NARA_BUILD {

const char* c_source();
const char* a_source_by_c_source();

}  // namespace nara::inline NARA_BUILD
