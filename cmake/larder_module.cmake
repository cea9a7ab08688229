# larder_module(NAME SOURCES a.cpp … [TESTS a_test.cpp …] [LIBS external …])
#
# One folder = one library `larder_NAME` = one namespace. What it may link comes from src/layers.txt, the same
# words that tools/check-layers reads. Its unit tests become one executable `NAME_test`, one ctest entry.
function(larder_layers name out)
  file(STRINGS ${CMAKE_SOURCE_DIR}/src/layers.txt lines REGEX "^${name}:")
  if(NOT lines)
    message(FATAL_ERROR "src/layers.txt has no line for '${name}'")
  endif()
  string(REGEX REPLACE "^${name}:" "" deps "${lines}")
  string(STRIP "${deps}" deps)
  separate_arguments(deps UNIX_COMMAND "${deps}")
  set(${out} ${deps} PARENT_SCOPE)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/layers.txt)
endfunction()

# Of many like cases a test runs every LARDER_TEST_STEPth: all of them, but under a sanitizer, where each takes 60 times as
# long, one in eleven. (11 has no factor in common with the ways in which cases are numbered.)
set(test_step 1)
if(LARDER_SANITIZE)
  set(test_step 11)
endif()

function(larder_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;LIBS" ${ARGN})
  larder_layers(${name} deps)
  list(TRANSFORM deps PREPEND larder_)
  add_library(larder_${name} STATIC ${ARG_SOURCES})
  target_include_directories(larder_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(larder_${name} PUBLIC ${deps} PRIVATE larder_flags ${ARG_LIBS})
  larder_precompiled(larder_${name} code)
  if(LARDER_TESTS AND ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    target_link_libraries(${name}_test PRIVATE larder_${name} larder_flags ${ARG_LIBS} GTest::gtest GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE LARDER_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
      LARDER_TEST_STEP=${test_step})
    larder_precompiled(${name}_test tests)
    target_compile_options(${name}_test PRIVATE ${test_options})
    set_target_properties(${name}_test PROPERTIES UNITY_BUILD OFF) # tests name their helpers alike
    add_test(NAME unit.${name} COMMAND ${name}_test)
    set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()

# The headers of a library that is opened at run time (base/late_library.hpp), not linked.
function(larder_headers_of name library)
  target_include_directories(larder_${name} SYSTEM PRIVATE
    $<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>)
endfunction()
