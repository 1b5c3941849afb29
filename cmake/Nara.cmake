# The functions that the course is built with: nara_layer(), nara_library() and nara_exercise().

# Layers whose files come from the learner: a list of two-digit numbers, or `all`.
set(NARA_MINE "" CACHE STRING "Layers to take from the learner's folder: 01;02 or all")
# Where the learner's files are.
set(NARA_WORK "${PROJECT_SOURCE_DIR}/work" CACHE PATH "The learner's folder")
# More variants of exercises to build, in folders <id>/<variant>/. Used to try wrong solutions.
set(NARA_VARIANTS "" CACHE PATH "A folder with further variants of exercises")

# A hole that is still to be filled leaves parameters and members unused.
add_compile_options(-Wno-unused-parameter $<$<CXX_COMPILER_ID:Clang>:-Wno-unused-private-field>)

# Two builds of the library must not be mixed: each puts its names into an inline namespace of its
# own, so that a mixture does not link.
if(NARA_MINE)
  string(REGEX REPLACE "[^a-z0-9]+" "_" _mine "mine_${NARA_MINE}")
  set(NARA_BUILD ${_mine})
else()
  set(NARA_BUILD course)
endif()

# nara_layer(NN-name [USES NN…]): a lesson's include/ and src/ become the layer NN.
#
# The layer sees the headers of the layers that it names, and no others. When NN is in NARA_MINE,
# the learner's files replace those of the same name. Also makes the test program lesson-NN and the
# programs demo-<name>.
function(nara_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES")
  string(SUBSTRING ${name} 0 2 number)
  set(layer layer-${number})
  set(folders ${CMAKE_CURRENT_SOURCE_DIR})
  if(NARA_MINE STREQUAL "all" OR number IN_LIST NARA_MINE)
    list(PREPEND folders ${NARA_WORK}/${number}-layer)
    _nara_require_learner_files(${number})
  endif()

  # The first folder that has a file of a name wins.
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
  list(TRANSFORM folders APPEND /include OUTPUT_VARIABLE includes)

  add_library(${layer} OBJECT ${sources})
  target_include_directories(${layer} PUBLIC ${includes})
  target_link_libraries(${layer} PUBLIC testkit-todo)
  target_compile_definitions(${layer} PUBLIC NARA_BUILD=${NARA_BUILD})
  set_target_properties(${layer} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  foreach(lower IN LISTS arg_USES)
    if(NOT lower LESS number)
      message(FATAL_ERROR "Layer ${number} uses layer ${lower}, but may use only smaller numbers.")
    endif()
    target_link_libraries(${layer} PUBLIC layer-${lower})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY NARA_LAYERS ${number})

  # Tests and demos are always the lesson's own.
  file(GLOB tests CONFIGURE_DEPENDS tests/*.cpp)
  if(tests)
    nara_test_program(lesson-${number} ${tests})
    doctest_discover_tests(lesson-${number} TEST_PREFIX "lesson-${number}: " ADD_LABELS 1)
  endif()
  file(GLOB demos CONFIGURE_DEPENDS demos/*.cpp)
  foreach(demo IN LISTS demos)
    get_filename_component(stem ${demo} NAME_WE)
    add_executable(demo-${stem} ${demo})
    target_link_libraries(demo-${stem} PRIVATE nara)
  endforeach()
endfunction()

# A learner who asks for a layer of their own must get it, not ours in silence.
function(_nara_require_learner_files number)
  file(GLOB_RECURSE mine ${NARA_WORK}/${number}-layer/include/*.hpp ${NARA_WORK}/${number}-layer/src/*.cpp)
  if(NOT mine)
    message(FATAL_ERROR "NARA_MINE names layer ${number}, but there is nothing in "
                        "${NARA_WORK}/${number}-layer. `make ${number}-layer` puts the starter there.")
  endif()
endfunction()

# nara_library(): all layers become libnara.so.
function(nara_library)
  get_property(layers GLOBAL PROPERTY NARA_LAYERS)
  foreach(number IN LISTS NARA_MINE)
    if(NOT number STREQUAL "all" AND NOT number IN_LIST layers)
      list(JOIN layers ", " known)
      message(FATAL_ERROR "NARA_MINE names layer ${number}, which does not exist. There are: ${known}.")
    endif()
  endforeach()
  add_library(nara SHARED)
  # Every layer by name: objects do not travel through object libraries.
  list(TRANSFORM layers PREPEND layer-)
  target_link_libraries(nara PUBLIC ${layers})
endfunction()

# nara_test_program(name file…): a doctest program on libnara.so and the test kit.
function(nara_test_program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE testkit)
  target_precompile_headers(${name} REUSE_FROM testkit)
endfunction()

# nara_exercise(NN-lesson/NN-k-title): the tests of an exercise, once for each variant of the
# learner's files: starter, solution, work (the learner's), and those in NARA_VARIANTS. main.cpp, if
# there is one, becomes the program <id>.<variant>.run.
function(nara_exercise path)
  get_filename_component(name ${path} NAME)
  string(REGEX MATCH "^[0-9][0-9]-[0-9a-z]+" id ${name})
  set(here ${CMAKE_CURRENT_SOURCE_DIR}/${path})
  _nara_variant(${id} ${here} solution ${PROJECT_SOURCE_DIR}/solutions/${path})
  doctest_discover_tests(${id}.solution TEST_PREFIX "${id}.solution: ")
  _nara_variant(${id} ${here} starter ${here})
  _nara_variant(${id} ${here} work ${NARA_WORK}/${name})
  file(GLOB more ${NARA_VARIANTS}/${id}/*)
  foreach(folder IN LISTS more)
    get_filename_component(variant ${folder} NAME)
    _nara_variant(${id} ${here} ${variant} ${folder})
    add_dependencies(variants ${id}.${variant})
  endforeach()
endfunction()

function(_nara_variant id tests variant folder)
  nara_test_program(${id}.${variant} ${tests}/tests.cpp)
  set(programs ${id}.${variant})
  if(EXISTS ${tests}/main.cpp)
    add_executable(${id}.${variant}.run ${tests}/main.cpp)
    target_link_libraries(${id}.${variant}.run PRIVATE nara)
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

add_custom_target(starters)
add_custom_target(variants)
