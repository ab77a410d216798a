# Uses ccache when it is there; nothing depends on it.
find_program(QUINTILE_CCACHE ccache)
mark_as_advanced(QUINTILE_CCACHE)
if(QUINTILE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${QUINTILE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${QUINTILE_CCACHE})
endif()
