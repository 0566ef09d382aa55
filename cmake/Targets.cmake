# SPDX-License-Identifier: Apache-2.0
# Functions that define the project's targets.

# Usage: pinhole_options(TARGET): sets warnings and the include root.
function(pinhole_options target)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Werror
    # gcc 12 falsely reports uninitialized optionals in coroutine frames.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    # gcc 12 falsely warns about "text" + std::string (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
endfunction()

# Usage: pinhole_library(NAME [PRECOMPILED kind] SOURCES a.cc ... LIBS target ...)
# The kinds are defined in Precompiled.cmake.
function(pinhole_library name)
  cmake_parse_arguments(ARG "" "PRECOMPILED" "SOURCES;LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_LIBS})
  pinhole_options(${name})
  if(ARG_PRECOMPILED)
    pinhole_precompile(${name} ${ARG_PRECOMPILED})
  endif()
endfunction()

# Usage: pinhole_embed(FILE HEADER FUNCTION OUT): generates the source OUT, in which
# FUNCTION, declared in HEADER, returns the bytes of FILE as a std::string_view.
function(pinhole_embed file header function out)
  set(script ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DIN=${file} -DHEADER=${header}
            -DFUNCTION=${function} -DOUT=${out} -P ${script}
    DEPENDS ${file} ${script}
    COMMENT "Embedding ${file}"
    VERBATIM)
endfunction()

# Usage: pinhole_instrument(TARGET): adds the flags of the `tsan` preset.
function(pinhole_instrument target)
  if(PINHOLE_ABSL_FOR_TSAN)
    target_link_libraries(${target} PRIVATE pinhole_absl_for_tsan)
  endif()
endfunction()

# Usage: pinhole_binary(NAME SOURCES main.cc ... LIBS target ...)
function(pinhole_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS})
  pinhole_options(${name})
  pinhole_instrument(${name})
endfunction()

# Usage: pinhole_fast_malloc(TARGET): uses tcmalloc instead of glibc's malloc, for
# servers whose threads allocate frequently (see the figures in
# docs/performance.md). Not for sanitizers, which have their own malloc.
function(pinhole_fast_malloc target)
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    target_link_libraries(${target} PRIVATE ${TCMALLOC_LIBRARY})
  endif()
endfunction()

# Usage: pinhole_test(NAME [LABEL label] [PRECOMPILED kind] SOURCES a_test.cc ...
# LIBS target ... [WITH command ...]): defines a test program and registers it with
# ctest as one test. WITH is a command that is given the program and runs it.
# script/check builds and runs those with the label `unit`, which is the default.
add_custom_target(pinhole_unit_tests)
function(pinhole_test name)
  cmake_parse_arguments(ARG "" "LABEL;PRECOMPILED" "SOURCES;LIBS;WITH" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
    add_dependencies(pinhole_unit_tests ${name})
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gmock_main)
  pinhole_options(${name})
  pinhole_instrument(${name})
  if(ARG_PRECOMPILED)
    pinhole_precompile(${name} ${ARG_PRECOMPILED}_test)
  endif()
  add_test(NAME ${name} COMMAND ${ARG_WITH} $<TARGET_FILE:${name}>)
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS ${ARG_LABEL})
endfunction()
