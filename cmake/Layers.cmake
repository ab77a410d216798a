# Which module may include which, and where a third-party library may be named. quintile_module checks
# its DEPENDS against this table, the `layers` test every #include (cmake/CheckLayers.cmake).
#
# A module may include what it names here and whatever those may include.
set(QUINTILE_MODULES
    base expression table quality customers rfm segments summary insights plan
    engine engine/local engine/sql engine/adbc io io/cells io/csv io/columnar io/parquet io/source config mart explore report dashboard
    synthetic pipeline cli)

set(QUINTILE_MAY_INCLUDE_base "")
set(QUINTILE_MAY_INCLUDE_expression base)
set(QUINTILE_MAY_INCLUDE_table expression)
set(QUINTILE_MAY_INCLUDE_quality table)
set(QUINTILE_MAY_INCLUDE_customers quality)
set(QUINTILE_MAY_INCLUDE_rfm customers)
set(QUINTILE_MAY_INCLUDE_segments rfm)
set(QUINTILE_MAY_INCLUDE_summary segments)
set(QUINTILE_MAY_INCLUDE_insights summary)
set(QUINTILE_MAY_INCLUDE_plan insights)
set(QUINTILE_MAY_INCLUDE_engine plan)
set(QUINTILE_MAY_INCLUDE_engine/local engine)
set(QUINTILE_MAY_INCLUDE_engine/sql engine)
set(QUINTILE_MAY_INCLUDE_engine/adbc engine/sql)
set(QUINTILE_MAY_INCLUDE_io table)
set(QUINTILE_MAY_INCLUDE_io/cells io)
set(QUINTILE_MAY_INCLUDE_io/csv io/cells)
set(QUINTILE_MAY_INCLUDE_io/columnar io/cells)
set(QUINTILE_MAY_INCLUDE_io/parquet io/columnar)
set(QUINTILE_MAY_INCLUDE_io/source io/csv io/parquet)
set(QUINTILE_MAY_INCLUDE_config plan)
set(QUINTILE_MAY_INCLUDE_mart io/source plan)
set(QUINTILE_MAY_INCLUDE_explore mart)
set(QUINTILE_MAY_INCLUDE_report explore)
set(QUINTILE_MAY_INCLUDE_dashboard config explore report)
set(QUINTILE_MAY_INCLUDE_synthetic io/source)
set(QUINTILE_MAY_INCLUDE_pipeline engine/local engine/sql engine/adbc config report synthetic)
set(QUINTILE_MAY_INCLUDE_cli pipeline dashboard)

# Third-party headers: a pattern for the included name, and the modules whose .cc files may name it.
# `anywhere` stands for every module, headers included. Tests are free.
set(QUINTILE_THIRD_PARTY
    "fmt/|anywhere"
    "(arrow|parquet)/|io io/csv io/columnar io/parquet mart"
    "yaml-cpp/|config"
    "nlohmann/|mart report dashboard synthetic cli"
    "CLI/|cli"
    "httplib\\.h|dashboard"
    "boost/|insights summary synthetic"
    "xxhash\\.h|base table quality customers io io/cells io/csv io/columnar mart synthetic"
    "openssl/|base io io/columnar config mart dashboard pipeline synthetic"
    "fast_float/|expression table io/cells"
    "(zlib|zstd|lzma)|io"
    "brotli/|dashboard"
    "(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token)$|io io/csv io/columnar io/parquet engine/local engine/adbc dashboard cli"
    "dlfcn\\.h|engine/adbc"
    "(filesystem|fstream|iostream)$|engine/adbc io io/csv io/parquet io/source config mart explore report dashboard synthetic pipeline cli"
    "(arpa/|fcntl\\.h|netdb\\.h|netinet/|poll\\.h|signal\\.h|sys/|termios\\.h|unistd\\.h)|io io/csv io/parquet engine/local mart dashboard pipeline cli")

# Of those, what our headers may include too: forward declarations, the standard library, and in
# dashboard/http the classes of the HTTP library that ours derive from.
set(QUINTILE_HEADERS_IN_HEADERS
    "httplib\\.h|arrow/.*type_fwd\\.h|parquet/type_fwd\\.h|nlohmann/json_fwd\\.hpp|[a-z_]+")

# quintile_allowed_modules(<module> <variable>): all modules that <module> may include, itself too.
function(quintile_allowed_modules module variable)
  if(NOT module IN_LIST QUINTILE_MODULES)
    message(FATAL_ERROR "cmake/Layers.cmake does not know the module ${module}")
  endif()
  set(allowed ${module})
  foreach(direct IN LISTS QUINTILE_MAY_INCLUDE_${module})
    quintile_allowed_modules(${direct} more)
    list(APPEND allowed ${more})
  endforeach()
  list(REMOVE_DUPLICATES allowed)
  set(${variable} ${allowed} PARENT_SCOPE)
endfunction()
