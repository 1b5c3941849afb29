#include <doctest/doctest.h>

#include <nara/c.hpp>

TEST_CASE("layer 03 stands on the lesson's layer 01") {
  CHECK(nara::a_source_by_c_source() == doctest::String("lesson's"));
}
