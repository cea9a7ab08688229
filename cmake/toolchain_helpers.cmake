# ccache where present, linkers; warnings and sanitizers as one interface target.
find_program(LARDER_CCACHE ccache)
if(LARDER_CCACHE)
  # What ccache must not mind where a file begins with a precompiled header; depend: no preprocessor run of its own, which would
  # parse those headers after all.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_DEPEND=1
     ${LARDER_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${LARDER_CCACHE})
endif()
# What is shipped starts quickly (docs/decisions/0031): the usual linker lays it out better than the fast one, without what
# nobody calls, and with addresses to relocate in a form that is short.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-ffunction-sections -fdata-sections)
  add_link_options(-Wl,--gc-sections)
  include(CheckLinkerFlag)
  check_linker_flag(CXX -Wl,-z,pack-relative-relocs LARDER_PACKS_RELOCATIONS)
  if(LARDER_PACKS_RELOCATIONS)
    add_link_options(-Wl,-z,pack-relative-relocs)
  endif()
else()
  find_program(LARDER_MOLD mold)
  if(LARDER_MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
endif()

add_library(larder_flags INTERFACE)
target_compile_options(larder_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers # designated initialisers leave the rest at its default, on purpose
  # g++ takes a source that is compiled with others for a header.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>
  # g++ 12 reports optionals and Results that are engaged, and string + string, once inlined; clang warns of the true ones.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized$<SEMICOLON>-Wno-restrict$<SEMICOLON>-Wno-array-bounds$<SEMICOLON>-Wno-stringop-overflow$<SEMICOLON>-Wno-stringop-overread>
  $<$<BOOL:${LARDER_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
target_link_libraries(larder_flags INTERFACE Threads::Threads)
if(LARDER_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(LARDER_SANITIZE)
  add_compile_options(-fsanitize=${LARDER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LARDER_SANITIZE})
endif()
# What the tests are made of runs for a moment: the library is optimised, the tests of it are compiled quickly.
set(test_options $<$<CONFIG:RelWithDebInfo>:-O1>)
