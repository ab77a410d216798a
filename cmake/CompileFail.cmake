# quintile_compile_fail(<name> <file>)
#
# A ctest compile_fail.<name> that passes only if <file> does not compile with FORBIDDEN defined, and a
# control, compile_fail.<name>.control, that passes only if it does without, so that a misspelt include
# cannot pass for a refusal. The offending line stands between `#ifdef FORBIDDEN` and `#endif`.
# For modules without third-party includes other than fmt; a dropped [[nodiscard]] counts as refused.
function(quintile_compile_fail name file)
  set(command ${CMAKE_CXX_COMPILER} -std=c++23 -fsyntax-only -Werror=unused-result
              -I${PROJECT_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  add_test(NAME compile_fail.${name} COMMAND ${command} -DFORBIDDEN)
  add_test(NAME compile_fail.${name}.control COMMAND ${command})
  set_tests_properties(compile_fail.${name} PROPERTIES WILL_FAIL ON)
endfunction()
