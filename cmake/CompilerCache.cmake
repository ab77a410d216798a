# Uses ccache when it is there; nothing depends on it. Paths count from the build folder, so that another
# clone, or a wheel's build, finds what this one has compiled.
find_program(QUINTILE_CCACHE ccache)
mark_as_advanced(QUINTILE_CCACHE)
if(QUINTILE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(launcher env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
               ${QUINTILE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
