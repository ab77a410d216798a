# quintile_instrumentation: how our code is compiled beyond the build type: arithmetic, debug builds,
# sanitizers, coverage, libFuzzer, clang-tidy.
set(QUINTILE_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")
option(QUINTILE_COVERAGE "Instrument for gcov" OFF)
option(QUINTILE_TIDY "Run clang-tidy with every compilation" OFF)

add_library(quintile_instrumentation INTERFACE)
# A fused multiply-add rounds once where two operations round twice: results would depend on the machine.
target_compile_options(quintile_instrumentation INTERFACE -ffp-contract=off)
# At -O1 tests run several times faster than at -O0. Line tables are what stack traces need; the types
# and variables of plain -g cost a quarter of the compile time (QUINTILE_DEBUG=-g has them).
set(QUINTILE_DEBUG -g1 CACHE STRING "Debug information of debug builds")
target_compile_options(quintile_instrumentation INTERFACE $<$<CONFIG:Debug>:-O1>
                                                          $<$<CONFIG:Debug>:${QUINTILE_DEBUG}>)
# Spans, vectors and optionals check their bounds.
target_compile_definitions(quintile_instrumentation INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(QUINTILE_SANITIZE)
  # GCC sees uninitialised values in instrumented code where there are none; its manual says so.
  set(flags -fsanitize=${QUINTILE_SANITIZE} -fno-omit-frame-pointer -Wno-maybe-uninitialized)
  if(QUINTILE_SANITIZE MATCHES "undefined")
    list(APPEND flags -fno-sanitize-recover=undefined)
  endif()
  target_compile_options(quintile_instrumentation INTERFACE ${flags})
  target_link_options(quintile_instrumentation INTERFACE ${flags})
endif()
if(QUINTILE_COVERAGE)
  target_compile_options(quintile_instrumentation INTERFACE --coverage)
  target_link_options(quintile_instrumentation INTERFACE --coverage)
endif()
if(QUINTILE_FUZZ)
  target_compile_options(quintile_instrumentation INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(QUINTILE_TIDY)
  find_program(QUINTILE_CLANG_TIDY NAMES clang-tidy-19 REQUIRED)
endif()

# quintile_instrument(<target> [<clang-tidy argument>...]): called for every target of ours.
function(quintile_instrument target)
  if(QUINTILE_TIDY)
    set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY
                                               "${QUINTILE_CLANG_TIDY};--quiet;${ARGN}")
  endif()
endfunction()
