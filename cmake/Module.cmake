# quintile_module(<name>
#                 [SOURCES <file>...]     none: a module of headers alone
#                 [TESTS <file>...]       one executable <name>_test, run by ctest
#                 [BENCHMARKS <file>...]  one executable <name>_benchmark, built by the bench preset
#                 [DEPENDS <module>...]   modules; must agree with cmake/Layers.cmake
#                 [LIBRARIES <target>...] third-party targets
#                 [TEST_LIBRARIES <target>...])
#
# The one way to add a module. Makes the static library quintile_<name>, alias quintile::<name>; a
# slash in a module's name (engine/local) is an underscore in its targets (quintile_engine_local).
include(GoogleTest)

function(quintile_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" ""
                        "SOURCES;TESTS;BENCHMARKS;DEPENDS;LIBRARIES;TEST_LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "quintile_module(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  string(REPLACE "/" "_" id ${name})
  quintile_allowed_modules(${name} allowed)

  set(links)
  foreach(module IN LISTS arg_DEPENDS)
    if(NOT module IN_LIST allowed)
      message(FATAL_ERROR "quintile_module(${name}): cmake/Layers.cmake forbids ${module} here")
    endif()
    string(REPLACE "/" "_" module ${module})
    list(APPEND links quintile::${module})
  endforeach()
  if(arg_SOURCES)
    add_library(quintile_${id} STATIC ${arg_SOURCES})
    target_include_directories(quintile_${id} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(quintile_${id} PUBLIC ${links} ${arg_LIBRARIES})
    quintile_own(quintile_${id})
  else()
    add_library(quintile_${id} INTERFACE)
    target_include_directories(quintile_${id} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(quintile_${id} INTERFACE ${links} ${arg_LIBRARIES})
  endif()
  add_library(quintile::${id} ALIAS quintile_${id})

  if(arg_TESTS AND QUINTILE_TESTS)
    quintile_test(${id}_test SOURCES ${arg_TESTS} LIBRARIES quintile_${id} ${arg_TEST_LIBRARIES})
  endif()
  if(arg_BENCHMARKS AND QUINTILE_BENCHMARKS)
    add_executable(${id}_benchmark ${arg_BENCHMARKS})
    target_link_libraries(${id}_benchmark PRIVATE quintile_${id} benchmark::benchmark_main)
    quintile_own(${id}_benchmark)
    set_property(GLOBAL APPEND PROPERTY QUINTILE_BENCHMARK_TARGETS ${id}_benchmark)
  endif()
endfunction()

# quintile_test(<target> SOURCES <file>... [LIBRARIES <target>...]): an executable of GoogleTest cases,
# each a ctest of its own. Runs in the project's top folder, so fixtures are named from there.
function(quintile_test target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} GTest::gmock_main GTest::gmock
                                          GTest::gtest rapidcheck::rapidcheck)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  # The analyzer takes a minute to walk GoogleTest's macros; tests are not a hot path.
  quintile_own(${target} --checks=-clang-analyzer-*,-performance-*)
  gtest_discover_tests(
    ${target}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 300)
endfunction()

# quintile_program(<name> SOURCES <file>... DEPENDS <module>...): an executable that knows
# QUINTILE_VERSION and is installed, with the wheel's Arrow beside it in lib/.
function(quintile_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
  add_executable(${name} ${arg_SOURCES})
  # The wheel's libparquet exports an OpenSSL of its own. libcrypto stands before it, needed or not, so
  # that its functions are found there by all who mean it, libssl among them.
  target_link_options(${name} PRIVATE LINKER:--no-as-needed)
  target_link_libraries(${name} PRIVATE OpenSSL::Crypto)
  foreach(module IN LISTS arg_DEPENDS)
    string(REPLACE "/" "_" module ${module})
    target_link_libraries(${name} PRIVATE quintile::${module})
  endforeach()
  target_compile_definitions(${name} PRIVATE QUINTILE_VERSION="${PROJECT_VERSION}")
  set_target_properties(${name} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
  quintile_own(${name})
  install(TARGETS ${name})
  if(ARROW_RUNTIME_DIR)
    install(IMPORTED_RUNTIME_ARTIFACTS Arrow::arrow_shared Parquet::parquet_shared
            ArrowCompute::arrow_compute_shared LIBRARY DESTINATION lib)
  endif()
endfunction()

# quintile_own(<target> [<clang-tidy argument>...]): the flags that every target of ours is built with.
function(quintile_own target)
  target_link_libraries(${target} PRIVATE quintile_warnings quintile_instrumentation)
  quintile_instrument(${target} ${ARGN})
endfunction()
