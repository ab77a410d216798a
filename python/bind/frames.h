#pragma once

#include <memory>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>
#include <nanobind/nanobind.h>

/// Tables across the border by the Arrow PyCapsule interface, without copies and without PyArrow.
struct ArrowArrayStream;

namespace quintile::bind {

/// The stream in a capsule, which still owns it. Throws ValueError for another object.
[[nodiscard]] ArrowArrayStream* stream_of(nanobind::handle capsule);

/// What stands behind `quintile.Table`. Immutable.
class NativeTable {
 public:
  explicit NativeTable(std::shared_ptr<arrow::Table> table) : table_(std::move(table)) {}

  [[nodiscard]] nanobind::object stream() const;  ///< capsule "arrow_array_stream"
  [[nodiscard]] nanobind::object schema() const;  ///< capsule "arrow_schema"
  [[nodiscard]] std::int64_t rows() const;
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] std::vector<std::string> types() const;
  /// The first rows as texts, by column; missing cells are None.
  [[nodiscard]] nanobind::list head(std::int64_t rows) const;

 private:
  std::shared_ptr<arrow::Table> table_;
};

}  // namespace quintile::bind
