#include <doctest/doctest.h>

#include <nara/a.hpp>

TEST_CASE("layer 01 is the lesson's") { CHECK(nara::a_source() == doctest::String("lesson's")); }

TEST_CASE("a, name; with \"every\" [sign $that \\ ${may} *trouble* (CMake) or | doctest?") {}

TEST_CASE("a [name") {}

TEST_CASE("a] name") {}
