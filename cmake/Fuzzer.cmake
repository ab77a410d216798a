# quintile_fuzzer(<name> <source> DEPENDS <module>...)
#
# <source> defines LLVMFuzzerTestOneInput. Under the fuzz preset it becomes the libFuzzer program
# fuzz_<name>; under the others a program that runs each file of fuzz/corpus/<name> once, as a ctest, so
# that every crash once found stays found.
function(quintile_fuzzer name source)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "DEPENDS")
  set(links)
  foreach(module IN LISTS arg_DEPENDS)
    string(REPLACE "/" "_" module ${module})
    list(APPEND links quintile::${module})
  endforeach()

  add_executable(fuzz_${name} ${source})
  target_link_libraries(fuzz_${name} PRIVATE ${links})
  quintile_own(fuzz_${name})
  if(QUINTILE_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_sources(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/fuzz/replay.cc)
  add_test(NAME fuzz.${name} COMMAND fuzz_${name} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 120)
endfunction()
