# ccache and mold where present; warnings and sanitizers as one interface target.
find_program(LARDER_CCACHE ccache)
if(LARDER_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LARDER_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${LARDER_CCACHE})
endif()
find_program(LARDER_MOLD mold)
if(LARDER_MOLD AND NOT LARDER_FUZZ)
  add_link_options(-fuse-ld=mold)
endif()

add_library(larder_flags INTERFACE)
target_compile_options(larder_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers # designated initialisers leave the rest at its default, on purpose
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> # g++ 12 reports optionals and Results that are engaged
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict> # and at -O3 string + string as overlapping
  $<$<BOOL:${LARDER_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
target_link_libraries(larder_flags INTERFACE Threads::Threads)
if(LARDER_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(LARDER_SANITIZE)
  add_compile_options(-fsanitize=${LARDER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LARDER_SANITIZE})
endif()
