# The standard headers that nearly every file includes are parsed once for a build folder: a third of its time. Files
# include what they use all the same; preset lint, which has no precompiled headers, fails where one does not.
option(LARDER_PRECOMPILED "Parse the standard headers once" ON)
if(NOT LARDER_PRECOMPILED)
  function(larder_precompiled target)
  endfunction()
  return()
endif()

set(common_headers <fmt/format.h> <tl/expected.hpp> <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint>
    <cstring> <deque> <filesystem> <functional> <map> <memory> <mutex> <optional> <set> <span> <stop_token> <string>
    <string_view> <thread> <unordered_map> <unordered_set> <utility> <variant> <vector>)

function(larder_precompile name library)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/${name}.cpp CONTENT "// made by cmake/precompiled.cmake\n")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE larder_flags fmt::fmt ${library})
  target_precompile_headers(${name} PRIVATE ${common_headers} ${ARGN})
endfunction()

larder_precompile(larder_precompiled_code "")
if(LARDER_TESTS)
  larder_precompile(larder_precompiled_tests GTest::gtest <gtest/gtest.h>)
  target_compile_options(larder_precompiled_tests PRIVATE ${test_options})
endif()

# larder_precompiled(TARGET code|tests)
function(larder_precompiled target kind)
  target_precompile_headers(${target} REUSE_FROM larder_precompiled_${kind})
endfunction()
