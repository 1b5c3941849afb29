// doctest cases whose bodies are coroutines.
#pragma once

#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/runtime.hpp>

/// Like doctest's TEST_CASE, but the body may `co_await`: it runs on a new runtime with everything
/// enabled.
///
///   NARA_TEST_CASE("a second is over after a second") {
///     nara::time::pause();
///     co_await nara::time::sleep(1s);
///   }
#define NARA_TEST_CASE(name) NARA_TEST_CASE_NAMED(name, DOCTEST_ANONYMOUS(nara_test_case_))
#define NARA_TEST_CASE_NAMED(name, body)                               \
  static nara::Async<> body();                                         \
  TEST_CASE(name) {                                                    \
    nara::io::Result<nara::Runtime> runtime = nara::Runtime::create(); \
    REQUIRE(runtime.has_value());                                      \
    runtime->block_on(body);                                           \
  }                                                                    \
  static nara::Async<> body()
