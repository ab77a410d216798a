#pragma once

#include <cstddef>
#include <cstdint>

/// The binary interface of ADBC drivers, versions 1.0.0 and 1.1.0, and of the Arrow C data and
/// stream interfaces that their results come in.
///
/// Both are published, frozen specifications of the Apache Arrow project (Apache License 2.0):
/// "ADBC API Standard" and "The Arrow C data interface". These declarations are our own; layout and
/// order are the specification's. Functions that we never call stand as `Unused`.
namespace quintile::engine::adbc::abi {

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};

/// `get_schema` and `get_next` return 0 or an errno; the end is an array without `release`.
struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema*);
  int (*get_next)(ArrowArrayStream*, ArrowArray*);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};

using StatusCode = std::uint8_t;
inline constexpr StatusCode kStatusOk = 0;
inline constexpr StatusCode kStatusNotImplemented = 2;
inline constexpr StatusCode kStatusIo = 10;
inline constexpr StatusCode kStatusCancelled = 11;
inline constexpr StatusCode kStatusTimeout = 12;
inline constexpr StatusCode kStatusUnauthenticated = 13;
inline constexpr StatusCode kStatusUnauthorized = 14;

inline constexpr int kVersion100 = 1'000'000;
inline constexpr int kVersion110 = 1'001'000;

/// In `vendor_code` beforehand: the caller knows the two fields of 1.1.0 at the end.
inline constexpr std::int32_t kVendorCodePrivateData = INT32_MIN;

struct Driver;

struct Error {
  char* message = nullptr;
  std::int32_t vendor_code = kVendorCodePrivateData;
  char sqlstate[5] = {};
  void (*release)(Error*) = nullptr;
  void* private_data = nullptr;
  Driver* private_driver = nullptr;
};

struct Database {
  void* private_data = nullptr;
  Driver* private_driver = nullptr;
};
struct Connection {
  void* private_data = nullptr;
  Driver* private_driver = nullptr;
};
struct Statement {
  void* private_data = nullptr;
  Driver* private_driver = nullptr;
};

using Unused = void (*)();

/// What a driver fills in. A 1.0.0 driver leaves everything from `error_get_detail_count` on alone.
struct Driver {
  void* private_data;
  void* private_manager;
  StatusCode (*release)(Driver*, Error*);

  StatusCode (*database_init)(Database*, Error*);
  StatusCode (*database_new)(Database*, Error*);
  StatusCode (*database_set_option)(Database*, const char*, const char*, Error*);
  StatusCode (*database_release)(Database*, Error*);

  Unused connection_commit;
  StatusCode (*connection_get_info)(Connection*, const std::uint32_t*, std::size_t,
                                    ArrowArrayStream*, Error*);
  Unused connection_get_objects;
  Unused connection_get_table_schema;
  Unused connection_get_table_types;
  StatusCode (*connection_init)(Connection*, Database*, Error*);
  StatusCode (*connection_new)(Connection*, Error*);
  StatusCode (*connection_set_option)(Connection*, const char*, const char*, Error*);
  Unused connection_read_partition;
  StatusCode (*connection_release)(Connection*, Error*);
  Unused connection_rollback;

  Unused statement_bind;
  Unused statement_bind_stream;
  StatusCode (*statement_execute_query)(Statement*, ArrowArrayStream*, std::int64_t*, Error*);
  Unused statement_execute_partitions;
  Unused statement_get_parameter_schema;
  StatusCode (*statement_new)(Connection*, Statement*, Error*);
  Unused statement_prepare;
  StatusCode (*statement_release)(Statement*, Error*);
  StatusCode (*statement_set_option)(Statement*, const char*, const char*, Error*);
  StatusCode (*statement_set_sql_query)(Statement*, const char*, Error*);
  Unused statement_set_substrait_plan;

  Unused error_get_detail_count;
  Unused error_get_detail;
  Unused error_from_array_stream;
  Unused database_get_option;
  Unused database_get_option_bytes;
  Unused database_get_option_double;
  Unused database_get_option_int;
  Unused database_set_option_bytes;
  Unused database_set_option_double;
  Unused database_set_option_int;
  StatusCode (*connection_cancel)(Connection*, Error*);
  Unused connection_get_option;
  Unused connection_get_option_bytes;
  Unused connection_get_option_double;
  Unused connection_get_option_int;
  Unused connection_get_statistics;
  Unused connection_get_statistic_names;
  Unused connection_set_option_bytes;
  Unused connection_set_option_double;
  Unused connection_set_option_int;
  StatusCode (*statement_cancel)(Statement*, Error*);
  Unused statement_execute_schema;
  Unused statement_get_option;
  Unused statement_get_option_bytes;
  Unused statement_get_option_double;
  Unused statement_get_option_int;
  Unused statement_set_option_bytes;
  Unused statement_set_option_double;
  Unused statement_set_option_int;
};

/// The one symbol that a driver exports: "AdbcDriverInit", or a name of its own.
using DriverInit = StatusCode (*)(int version, void* driver, Error* error);

// The specification's own figures: 29 pointers in 1.0.0, 58 in 1.1.0.
static_assert(offsetof(Driver, error_get_detail_count) == 29 * sizeof(void*));
static_assert(sizeof(Driver) == 58 * sizeof(void*));

}  // namespace quintile::engine::adbc::abi
