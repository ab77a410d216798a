# Apache Arrow C++ and Parquet: Arrow::arrow_shared, Parquet::parquet_shared and
# ArrowCompute::arrow_compute_shared, from an installed Arrow if there is one, else from the pyarrow
# wheel in the project's own environment (.venv), which carries headers and libraries.
#
# Hints: QUINTILE_ARROW_PYTHON, an interpreter that has pyarrow. Sets ARROW_RUNTIME_DIR.
set(QUINTILE_ARROW_PYTHON "" CACHE FILEPATH "Python interpreter whose pyarrow wheel provides Arrow")

find_package(Arrow CONFIG QUIET)
find_package(Parquet CONFIG QUIET)
if(Arrow_FOUND AND Parquet_FOUND)
  message(STATUS "Arrow ${Arrow_VERSION} installed at ${Arrow_DIR}")
  find_package(ArrowCompute CONFIG QUIET)
  if(NOT TARGET ArrowCompute::arrow_compute_shared) # before Arrow 21 the kernels are in libarrow
    add_library(ArrowCompute::arrow_compute_shared INTERFACE IMPORTED GLOBAL)
    set_target_properties(ArrowCompute::arrow_compute_shared
                          PROPERTIES INTERFACE_LINK_LIBRARIES Arrow::arrow_shared)
  endif()
  return()
endif()

set(python ${QUINTILE_ARROW_PYTHON})
if(NOT python AND SKBUILD)
  set(python ${Python_EXECUTABLE}) # of the environment that a Python package is built in
endif()
if(NOT python)
  set(python ${PROJECT_SOURCE_DIR}/.venv/bin/python)
endif()
# find_spec locates the wheel without importing it.
execute_process(
  COMMAND ${python} -c
          "import importlib.util as u, os; print(os.path.dirname(u.find_spec('pyarrow').origin))"
  OUTPUT_VARIABLE wheel
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
  RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "Arrow C++ not found: neither installed nor as the pyarrow wheel of ${python}. "
                      "Run scripts/setup run, or set CMAKE_PREFIX_PATH or QUINTILE_ARROW_PYTHON.")
endif()
set(ARROW_RUNTIME_DIR ${wheel})

foreach(name ARROW_SO_VERSION ARROW_VERSION_STRING)
  file(STRINGS ${wheel}/include/arrow/util/config.h line REGEX "define ${name} ")
  string(REGEX REPLACE ".*\"(.*)\".*" "\\1" ${name} "${line}")
endforeach()

# The wheel has libarrow.so.2600 and no libarrow.so, so each file is named in full.
function(quintile_arrow_library target library)
  set(file lib${library}.so.${ARROW_SO_VERSION})
  if(NOT EXISTS ${wheel}/${file})
    message(FATAL_ERROR "The pyarrow wheel in ${wheel} has no ${file}.")
  endif()
  add_library(${target} SHARED IMPORTED GLOBAL)
  set_target_properties(
    ${target}
    PROPERTIES IMPORTED_LOCATION ${wheel}/${file}
               IMPORTED_SONAME ${file}
               INTERFACE_INCLUDE_DIRECTORIES ${wheel}/include
               INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()
quintile_arrow_library(Arrow::arrow_shared arrow)
quintile_arrow_library(Parquet::parquet_shared parquet Arrow::arrow_shared)
quintile_arrow_library(ArrowCompute::arrow_compute_shared arrow_compute Arrow::arrow_shared)
message(STATUS "Arrow ${ARROW_VERSION_STRING} from the wheel in ${wheel}")
