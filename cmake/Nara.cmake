# The functions that the course is built with: nara_layer(), nara_library() and nara_exercise().

# Layers whose files come from the learner: two-digit numbers, or `all` that the learner has begun.
set(NARA_MINE "" CACHE STRING "Layers to take from the learner's folder: 01;02 or all")
# Where the learner's files are.
set(NARA_WORK "${PROJECT_SOURCE_DIR}/work" CACHE PATH "The learner's folder")
# More variants of exercises to build, in folders <id>/<variant>/. Used to try wrong solutions. With
# it, there also is a program for each file of a lesson's tests, lesson-NN.<file>.
set(NARA_VARIANTS "" CACHE PATH "A folder with further variants of exercises")

# A hole that is still to be filled leaves parameters and members unused.
add_compile_options(-Wno-unused-parameter $<$<CXX_COMPILER_ID:Clang>:-Wno-unused-private-field>)

set(_mine ${NARA_MINE})  # with numbers instead of `all`
set(_begun "")           # the layers that the learner has files of
if(NARA_MINE)
  file(GLOB_RECURSE _begun RELATIVE ${NARA_WORK} CONFIGURE_DEPENDS
    ${NARA_WORK}/[0-9][0-9]-layer/include/*.hpp ${NARA_WORK}/[0-9][0-9]-layer/src/*.[ch]pp)
  list(TRANSFORM _begun REPLACE "-layer/.*" "")
  list(REMOVE_DUPLICATES _begun)
  if(NARA_MINE STREQUAL "all")
    set(_mine ${_begun})
  endif()
endif()

# Two builds of the library must not be mixed: each puts its names into an inline namespace of its
# own, so that a mixture does not link.
if(NARA_MINE)
  list(JOIN _mine "_" NARA_BUILD)
  string(PREPEND NARA_BUILD "mine_")
else()
  set(NARA_BUILD course)
endif()

# nara_layer(NN-name [USES NN…]): a lesson's include/ and src/ become the layer NN.
#
# The layer sees the headers of the layers that it names, and of those that these stand on; no
# others. When NN is in NARA_MINE, the learner's files replace those of the same name. Also makes
# the test programs lesson-NN and lesson-NN-first, and the programs demo-<name>.
function(nara_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES")
  string(SUBSTRING ${name} 0 2 number)
  _nara_check_layer(${name} ${ARGN})

  # The first folder that has a file of a name wins.
  set(header_names "")
  set(folders ${CMAKE_CURRENT_SOURCE_DIR})
  if(number IN_LIST _mine)
    list(PREPEND folders ${NARA_WORK}/${number}-layer)
    file(GLOB_RECURSE header_names CONFIGURE_DEPENDS ${NARA_WORK}/${number}-layer/*.hpp)
  endif()
  set(sources "")
  set(names "")
  foreach(folder IN LISTS folders)
    file(GLOB found CONFIGURE_DEPENDS ${folder}/src/*.cpp)
    foreach(source IN LISTS found)
      get_filename_component(file ${source} NAME)
      if(NOT file IN_LIST names)
        list(APPEND names ${file})
        list(APPEND sources ${source})
      endif()
    endforeach()
  endforeach()

  set(layer layer-${number})
  add_library(${layer} OBJECT ${sources})
  list(TRANSFORM folders APPEND /include OUTPUT_VARIABLE public)
  list(TRANSFORM folders APPEND /src OUTPUT_VARIABLE private)
  list(TRANSFORM arg_USES PREPEND layer- OUTPUT_VARIABLE lower_layers)
  target_include_directories(${layer} PUBLIC ${public} PRIVATE ${private})
  target_link_libraries(${layer} PUBLIC testkit-todo ${lower_layers})
  target_compile_definitions(${layer} PUBLIC NARA_BUILD=${NARA_BUILD})
  set_target_properties(${layer} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  if(header_names)
    # Why: a header that the learner adds hides the lesson's, and what was compiled with the lesson's
    # would look up to date. A new definition has it compiled again.
    string(MD5 header_names "${header_names}")
    target_compile_definitions(${layer} PUBLIC NARA_HEADERS_${number}=${header_names})
  endif()
  _nara_lesson_programs(${number})
endfunction()

function(_nara_check_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES")
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  if(NOT name MATCHES "^[0-9][0-9]-" OR NOT name STREQUAL folder)
    message(FATAL_ERROR "A layer has the name of its folder, such as 01-futures. "
                        "But nara_layer(${name}) stands in ${folder}.")
  elseif(arg_UNPARSED_ARGUMENTS OR arg_KEYWORDS_MISSING_VALUES)
    list(JOIN ARGN " " arguments)
    message(FATAL_ERROR "nara_layer(${name} ${arguments}) should be like "
                        "nara_layer(${name} USES 01 02).")
  endif()
  get_property(layers GLOBAL PROPERTY NARA_LAYERS)
  foreach(lower IN LISTS arg_USES)
    if(NOT lower IN_LIST layers OR NOT lower LESS number)
      list(JOIN layers ", " known)
      message(FATAL_ERROR "Layer ${number} cannot use layer ${lower}: it may use only layers with "
                          "smaller numbers. There are: ${known}.")
    endif()
  endforeach()
  set_property(GLOBAL APPEND PROPERTY NARA_LAYERS ${number})
endfunction()

# Tests and demos are always the lesson's own.
function(_nara_lesson_programs number)
  file(GLOB tests CONFIGURE_DEPENDS tests/*.cpp)
  # What has a header of its own beside it is there for the others, and a part of each program.
  set(helpers "")
  foreach(test IN LISTS tests)
    string(REGEX REPLACE "[.]cpp$" ".hpp" header ${test})
    if(EXISTS ${header})
      list(APPEND helpers ${test})
    endif()
  endforeach()
  if(tests)
    nara_test_program(lesson-${number} ${tests})
    _nara_discover_tests(lesson-${number})
  endif()
  if(NARA_VARIANTS)
    # Each file alone, too. Why: a wrong layer that one of them finds out need not compile the others.
    foreach(test IN LISTS tests)
      get_filename_component(stem ${test} NAME_WLE)
      nara_test_program(lesson-${number}.${stem} ${test} ${helpers})
      set_target_properties(lesson-${number}.${stem} PROPERTIES EXCLUDE_FROM_ALL ON)
    endforeach()
  endif()
  _nara_first_program(${number} ${helpers})
  file(GLOB demos CONFIGURE_DEPENDS demos/*.cpp)
  foreach(demo IN LISTS demos)
    get_filename_component(stem ${demo} NAME_WLE)
    add_executable(demo-${stem} ${demo})
    target_link_libraries(demo-${stem} PRIVATE nara)
  endforeach()
endfunction()

# Those tests of the lesson that a learner's layer has to pass before all others, once more, in a
# program of their own. Why: so the learner has an answer in seconds, long before all that stands on
# the layer is built anew. 00-*.cpp need no more than headers of the layer, and are built without the
# library. 01-*.cpp need that, too, and may use the lesson's helpers.
function(_nara_first_program number)
  set(program lesson-${number}-first)
  file(GLOB tests CONFIGURE_DEPENDS tests/00-*.cpp)
  file(GLOB with_library CONFIGURE_DEPENDS tests/01-*.cpp)
  if(with_library)
    nara_test_program(${program} ${tests} ${with_library} ${ARGN})
  elseif(tests)
    set(seen layer-${number},INTERFACE)
    add_executable(${program} ${tests})
    target_include_directories(${program} PRIVATE $<TARGET_PROPERTY:${seen}_INCLUDE_DIRECTORIES>)
    target_compile_definitions(${program} PRIVATE $<TARGET_PROPERTY:${seen}_COMPILE_DEFINITIONS>)
    target_link_libraries(${program} PRIVATE testkit-program testkit-alone)
    target_precompile_headers(${program} REUSE_FROM testkit-program)
  endif()
endfunction()

# nara_library(): all layers become libnara.so.
function(nara_library)
  get_property(layers GLOBAL PROPERTY NARA_LAYERS)
  list(JOIN layers ", " known)
  # A learner who asks for a layer of their own must get it, not ours in silence.
  if(NARA_MINE AND NOT _mine)
    message(FATAL_ERROR "NARA_MINE is `all`, but no layer in ${NARA_WORK} has files.")
  endif()
  foreach(number IN LISTS _mine)
    if(NOT number IN_LIST layers)
      message(FATAL_ERROR "NARA_MINE names layer ${number}, which does not exist. "
                          "There are: ${known}.")
    elseif(NOT number IN_LIST _begun)
      message(FATAL_ERROR "NARA_MINE names layer ${number}, but ${NARA_WORK}/${number}-layer has no "
                          "files in include/ or src/. `make ${number}-layer` puts the starter there.")
    endif()
  endforeach()
  add_library(nara SHARED)
  # Every layer by name: objects do not travel through object libraries. What is installed does not
  # know them any more.
  list(TRANSFORM layers REPLACE ".+" "$<BUILD_INTERFACE:layer-\\0>")
  target_link_libraries(nara PUBLIC ${layers})
endfunction()

# nara_test_program(name file…): a doctest program on libnara.so and the test kit.
function(nara_test_program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE testkit testkit-program)
  target_precompile_headers(${name} REUSE_FROM testkit-program)
endfunction()

# Each doctest case of the program becomes a test of ctest. `tests` builds all programs that have some.
function(_nara_discover_tests name)
  add_dependencies(tests ${name})
  set(script ${CMAKE_CURRENT_BINARY_DIR}/${name}-tests.cmake)
  file(GENERATE OUTPUT ${script} CONTENT "set(name ${name})
set(program [==[$<TARGET_FILE:${name}>]==])
include([==[${CMAKE_CURRENT_FUNCTION_LIST_DIR}/DiscoverTests.cmake]==])
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${script})
endfunction()

# nara_exercise(NN-lesson/NN-k-title): the tests of an exercise, once for each variant of the
# learner's files: starter, solution, work (the learner's), and those in NARA_VARIANTS. main.cpp, if
# there is one, becomes the program <id>.<variant>.run.
function(nara_exercise path)
  get_filename_component(name ${path} NAME)
  if(NOT name MATCHES "^([0-9][0-9]-[0-9a-z]+)-")
    message(FATAL_ERROR "The folder of an exercise has a name such as 01-1-countdown, not ${name}.")
  endif()
  set(id ${CMAKE_MATCH_1})
  set(here ${CMAKE_CURRENT_SOURCE_DIR}/${path})
  _nara_variant(${id} ${here} solution ${PROJECT_SOURCE_DIR}/solutions/${path})
  _nara_discover_tests(${id}.solution)
  _nara_variant(${id} ${here} starter ${here})
  _nara_variant(${id} ${here} work ${NARA_WORK}/${name})
  if(NARA_VARIANTS)
    file(GLOB more CONFIGURE_DEPENDS ${NARA_VARIANTS}/${id}/*)
    foreach(folder IN LISTS more)
      get_filename_component(variant ${folder} NAME)
      _nara_variant(${id} ${here} ${variant} ${folder})
      add_dependencies(variants ${id}.${variant})
    endforeach()
  endif()
endfunction()

function(_nara_variant id tests variant folder)
  nara_test_program(${id}.${variant} ${tests}/tests.cpp)
  set(programs ${id}.${variant})
  if(EXISTS ${tests}/main.cpp)
    add_executable(${id}.${variant}.run ${tests}/main.cpp)
    target_link_libraries(${id}.${variant}.run PRIVATE nara)
    # <programs/…>, which several of them share.
    target_include_directories(${id}.${variant}.run PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    list(APPEND programs ${id}.${variant}.run)
  endif()
  foreach(program IN LISTS programs)
    # The tests include <file.hpp>: "file.hpp" would find the starter that stands beside them.
    target_include_directories(${program} BEFORE PRIVATE ${folder})
    target_compile_definitions(${program} PRIVATE NARA_CHECK_LIFETIMES)
    if(NOT variant STREQUAL "solution")
      set_target_properties(${program} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
  endforeach()
  if(variant STREQUAL "starter")
    add_dependencies(starters ${programs})
  endif()
endfunction()

add_custom_target(tests)
add_custom_target(starters)
add_custom_target(variants)
