#include "frames.h"

#include <algorithm>

#include <arrow/api.h>
#include <arrow/c/abi.h>
#include <arrow/c/bridge.h>

#include "failure.h"

namespace quintile::bind {

namespace nb = nanobind;

namespace {

void check(const arrow::Status& status) {
  if (!status.ok())
    throw Failure{.error = {ErrorCode::Internal, "Arrow: " + status.ToString(), {}, {}}};
}

/// A capsule that owns a structure of the C data interface and releases what nobody has taken.
template <typename Structure>
nb::object capsule(std::unique_ptr<Structure> structure, const char* name) {
  PyObject* const made = PyCapsule_New(structure.get(), name, [](PyObject* object) {
    std::unique_ptr<Structure> owned(
        static_cast<Structure*>(PyCapsule_GetPointer(object, PyCapsule_GetName(object))));
    if (owned && owned->release != nullptr) owned->release(owned.get());
  });
  if (made == nullptr) {
    structure->release(structure.get());
    throw nb::python_error();
  }
  structure.release();
  return nb::steal(made);
}

}  // namespace

ArrowArrayStream* stream_of(nb::handle capsule) {
  void* const stream = PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream");
  if (stream == nullptr) throw nb::python_error();
  return static_cast<ArrowArrayStream*>(stream);
}

nb::object NativeTable::stream() const {
  auto stream = std::make_unique<ArrowArrayStream>();
  auto reader = std::make_shared<arrow::TableBatchReader>(table_);
  check(arrow::ExportRecordBatchReader(std::move(reader), stream.get()));
  return capsule(std::move(stream), "arrow_array_stream");
}

nb::object NativeTable::schema() const {
  auto schema = std::make_unique<ArrowSchema>();
  check(arrow::ExportSchema(*table_->schema(), schema.get()));
  return capsule(std::move(schema), "arrow_schema");
}

std::int64_t NativeTable::rows() const { return table_->num_rows(); }

std::vector<std::string> NativeTable::names() const { return table_->ColumnNames(); }

std::vector<std::string> NativeTable::types() const {
  std::vector<std::string> types;
  for (const auto& field : table_->fields()) types.push_back(field->type()->ToString());
  return types;
}

nb::list NativeTable::head(std::int64_t rows) const {
  nb::list columns;
  for (const auto& column : table_->columns()) {
    nb::list cells;
    for (std::int64_t row = 0; row < std::min(rows, column->length()); ++row) {
      const auto scalar = column->GetScalar(row);
      check(scalar.status());
      const arrow::Scalar* value = scalar->get();
      std::shared_ptr<arrow::Scalar> decoded;
      if (value->is_valid && value->type->id() == arrow::Type::DICTIONARY) {
        const auto text = static_cast<const arrow::DictionaryScalar&>(*value).GetEncodedValue();
        check(text.status());
        decoded = *text;
        value = decoded.get();
      }
      if (value->is_valid) {
        const std::string text = value->ToString();
        cells.append(nb::str(text.data(), text.size()));
      } else {
        cells.append(nb::none());
      }
    }
    columns.append(cells);
  }
  return columns;
}

}  // namespace quintile::bind
