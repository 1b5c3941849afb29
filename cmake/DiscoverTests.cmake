# Read by ctest: makes a test of each doctest case of `program`.
#
# Why here and not in the build: a learner's next run does not wait for it.
execute_process(COMMAND ${program} --list-test-cases
  OUTPUT_VARIABLE cases RESULT_VARIABLE result TIMEOUT 60)
if(NOT result EQUAL 0)
  # It is not built, or ends before main(). One test that fails says so.
  add_test(${name} ${program} --list-test-cases)
  return()
endif()
# The names do not become a CMake list: they may contain what separates or brackets its items.
while(cases MATCHES "^([^\n]*)\n(.*)$")
  set(case "${CMAKE_MATCH_1}")
  set(cases "${CMAKE_MATCH_2}")
  if(case MATCHES "^(\\[doctest\\] |===)")  # doctest's own reporters frame the list
    continue()
  endif()
  # A comma would end the pattern. A question mark matches it, as it does every character.
  string(REGEX REPLACE "[,\\]" "?" pattern "${case}")
  add_test("${name}: ${case}" ${program} "--test-case=${pattern}")
  set_tests_properties("${name}: ${case}" PROPERTIES TIMEOUT 120)
endwhile()
