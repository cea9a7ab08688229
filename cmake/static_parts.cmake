# Parts that are linked into the program where their archives are installed. Finding, mapping and relocating a shared
# library each time the program starts takes 0.1 to 0.8 ms; docs/decisions/0031 has the figures.
# Sets LARDER_ZSTD, LARDER_DEFLATE: what to link. Include it before find_package(OpenSSL), after find_package(fmt).
option(LARDER_STATIC_PARTS "Link libstdc++, OpenSSL, fmt, zstd and libdeflate into the program" ON)
set(LARDER_ZSTD PkgConfig::ZSTD)
set(LARDER_DEFLATE deflate)
if(LARDER_SANITIZE)
  set(LARDER_STATIC_PARTS OFF)
endif()

if(LARDER_STATIC_PARTS)
  set(OPENSSL_USE_STATIC_LIBS TRUE)
  if(OPENSSL_CRYPTO_LIBRARY MATCHES "\\.so$") # remembered by a build folder from before
    unset(OPENSSL_CRYPTO_LIBRARY CACHE)
    unset(OPENSSL_SSL_LIBRARY CACHE)
  endif()
  find_library(LARDER_ZSTD_ARCHIVE libzstd.a)
  find_library(LARDER_DEFLATE_ARCHIVE libdeflate.a)
  if(LARDER_ZSTD_ARCHIVE)
    set(LARDER_ZSTD ${LARDER_ZSTD_ARCHIVE})
  endif()
  if(LARDER_DEFLATE_ARCHIVE)
    set(LARDER_DEFLATE ${LARDER_DEFLATE_ARCHIVE})
  endif()
  # Debian has no archive of fmt, but all of its source in a header.
  if(fmt_VERSION VERSION_GREATER_EQUAL 9 AND fmt_VERSION VERSION_LESS 10)
    add_library(larder_fmt STATIC ${CMAKE_SOURCE_DIR}/cmake/fmt_objects.cpp)
    target_include_directories(larder_fmt PRIVATE $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)
    foreach(suffix "" _NONE _RELEASE _RELWITHDEBINFO _DEBUG)
      set_target_properties(fmt::fmt PROPERTIES IMPORTED_LOCATION${suffix} ${CMAKE_BINARY_DIR}/liblarder_fmt.a)
    endforeach()
    set_target_properties(larder_fmt PROPERTIES ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
    add_dependencies(fmt::fmt larder_fmt)
    set(CMAKE_SKIP_RPATH ON) # which is for the shared library that it no longer is
  endif()
endif()

# libcrypto asks the processor what it can do before main; base/digest.cpp defers that to the first hash.
function(larder_late_cpuid target)
  if(LARDER_STATIC_PARTS AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND OPENSSL_CRYPTO_LIBRARY MATCHES "\\.a$")
    target_compile_definitions(${target} PRIVATE LARDER_LATE_CPUID)
    target_link_options(${target} INTERFACE -Wl,--wrap=OPENSSL_cpuid_setup)
  endif()
endfunction()

# libstdc++ only together with fmt, which would bring the shared one back.
function(larder_static_runtime target)
  if(LARDER_STATIC_PARTS AND TARGET larder_fmt)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()
