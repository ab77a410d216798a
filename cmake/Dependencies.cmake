# Every third-party library but Arrow, each as one imported target. Debian's packages suffice.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(ZLIB REQUIRED)
find_package(LibLZMA REQUIRED)
find_package(FastFloat REQUIRED)

# quintile_find_library(<target> <header> [<library>]): an imported target for a library that comes
# without CMake files. The header's folder becomes a system include folder.
function(quintile_find_library target header)
  if(TARGET ${target})
    return()
  endif()
  string(MAKE_C_IDENTIFIER ${target} id)
  find_path(${id}_INCLUDE ${header} REQUIRED)
  mark_as_advanced(${id}_INCLUDE)
  if(ARGN)
    find_library(${id}_LIBRARY ${ARGN} REQUIRED)
    mark_as_advanced(${id}_LIBRARY)
    add_library(${target} UNKNOWN IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${${id}_LIBRARY})
  else()
    add_library(${target} INTERFACE IMPORTED GLOBAL)
  endif()
  set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${${id}_INCLUDE})
endfunction()

quintile_find_library(xxHash::xxhash xxhash.h xxhash)
quintile_find_library(zstd::zstd zstd.h zstd)
quintile_find_library(brotli::encoder brotli/encode.h brotlienc)
quintile_find_library(brotli::decoder brotli/decode.h brotlidec)
quintile_find_library(Boost::headers boost/math/distributions.hpp)
quintile_find_library(httplib::httplib httplib.h cpp-httplib)
# Debian's library was built with these; its classes have another layout without them.
set_target_properties(
  httplib::httplib
  PROPERTIES INTERFACE_COMPILE_DEFINITIONS
             "CPPHTTPLIB_OPENSSL_SUPPORT;CPPHTTPLIB_ZLIB_SUPPORT;CPPHTTPLIB_BROTLI_SUPPORT"
             INTERFACE_LINK_LIBRARIES "OpenSSL::SSL;Threads::Threads")

# Debian's yaml-cpp 0.7 has a plain target name.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

if(QUINTILE_TESTS)
  find_package(GTest REQUIRED)
  quintile_find_library(rapidcheck::rapidcheck rapidcheck.h rapidcheck)
endif()
if(QUINTILE_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
