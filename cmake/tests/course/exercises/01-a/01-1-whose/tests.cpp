#include <doctest/doctest.h>

#include <whose.hpp>

TEST_CASE("this is the solution") { CHECK(whose() == doctest::String("solution")); }
