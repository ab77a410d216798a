# quintile_warnings: what our own code is compiled with. Third-party headers are system headers.
option(QUINTILE_WARNINGS_AS_ERRORS "Treat compiler warnings as errors" OFF)

add_library(quintile_warnings INTERFACE)
target_compile_options(
  quintile_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wconversion
            # Rows and lengths are signed, as in Arrow; casting each index to size_t hides the arithmetic.
            -Wno-sign-conversion
            # GCC's plain -Wshadow also minds an enumerator that is called like a type.
            $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wcast-align
            -Wold-style-cast
            -Wundef
            -Wimplicit-fallthrough
            $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
            $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
            # GCC 12 misreads "text" + std::string (its bug 105651).
            $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
            # Clang finds that GCC 12's std::stable_sort uses std::get_temporary_buffer.
            $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
            # Designated initialisers leave the other fields at their defaults; that is their point.
            -Wno-missing-field-initializers
            $<$<BOOL:${QUINTILE_WARNINGS_AS_ERRORS}>:-Werror>)
