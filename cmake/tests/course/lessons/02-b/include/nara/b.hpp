#pragma once

namespace nara::inline NARA_BUILD {

const char* a_header_in_b_source();
const char* a_source_by_b_source();

}  // namespace nara::inline NARA_BUILD
