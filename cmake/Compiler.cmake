# Which compilers are supported, their warnings and their work-arounds.
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "clang 19 or newer is needed (older ones miscompile coroutines or lack "
                      "std::expected); this is ${CMAKE_CXX_COMPILER_VERSION}. Run `make doctor`, "
                      "or choose one with -DCMAKE_CXX_COMPILER=clang++-19.")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  message(FATAL_ERROR "g++ 12 or newer is needed; this is ${CMAKE_CXX_COMPILER_VERSION}. "
                      "Run `make doctor`.")
endif()

add_compile_options(-Wall -Wextra -Wpedantic -fno-semantic-interposition -fno-plt)
# A coroutine without its co_return would only fail later, and far from there.
add_compile_options(-Werror=return-type)
# Messages name files from the root of the course.
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
add_link_options(-Wl,-Bsymbolic-functions)

# CMake's own choice would add NDEBUG, but assertions hold in every build.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O3 -g")
# A `*optional` or `vector[i]` of what is not there ends a learner's program, with a message.
add_compile_definitions($<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positives through optional<expected>, and a note about an ABI of 2010.
  add_compile_options(-Wno-maybe-uninitialized -Wno-psabi)
else()
  # Lets ccache serve precompiled headers.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()

# "address;undefined" or "thread".
set(NARA_SANITIZE "" CACHE STRING "Sanitizers to build everything with")
if(NARA_SANITIZE)
  string(REPLACE ";" "," _sanitizers "${NARA_SANITIZE}")
  add_compile_options(-fsanitize=${_sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${_sanitizers})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NARA_SANITIZE MATCHES "undefined")
    # clang looks at pointers, too. g++ takes a third longer for that, and AddressSanitizer sees what
    # a null pointer leads to.
    add_compile_options(-fno-sanitize=null,alignment)
  endif()
endif()

find_program(_ccache ccache)
if(_ccache)
  # Without CCACHE_NOHASHDIR, no build folder would use what was compiled in another. An object names
  # the folder that it was compiled in, but nothing is looked for there: all paths are absolute.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros ${_ccache})
endif()
