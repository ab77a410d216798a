#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/expression/column_view.h"
#include "quintile/table/buffer.h"

namespace quintile::table {

/// The distinct texts of a column. `views` point into memory that `owner` keeps.
struct Dictionary {
  std::vector<std::string_view> views;
  std::shared_ptr<const void> owner;

  /// A dictionary that owns copies of `texts`.
  [[nodiscard]] static std::shared_ptr<const Dictionary> of(std::vector<std::string> texts);
};

/// A named, typed, immutable column. Copies share the memory. Layouts match Arrow's fixed-width
/// arrays, so columns are handed to and taken from Arrow without copying values.
struct Column {
  std::string name;
  ColumnView view;
  std::shared_ptr<const void> data_owner;   ///< keeps `view.data`; for Layout::Views also the text
  std::shared_ptr<const void> valid_owner;  ///< keeps `view.valid`
  std::shared_ptr<const Dictionary> dictionary;  ///< of codes alone

  [[nodiscard]] std::int64_t size() const { return view.size; }
  [[nodiscard]] bool is_valid(std::int64_t row) const { return view.is_valid(row); }
  [[nodiscard]] std::int64_t missing() const;

  [[nodiscard]] static Column booleans(std::string name, Buffer<std::uint8_t> values,
                                       Buffer<std::uint8_t> valid = {});
  /// Numbers of days: Integer in Layout::Int32.
  [[nodiscard]] static Column days(std::string name, Buffer<std::int32_t> values);
  /// T: std::int8_t to std::int64_t.
  template <typename T = std::int64_t>
  [[nodiscard]] static Column integers(std::string name, Buffer<T> values,
                                       Buffer<std::uint8_t> valid = {});
  [[nodiscard]] static Column decimals(std::string name, int scale, Buffer<std::int64_t> values,
                                       Buffer<std::uint8_t> valid = {});
  [[nodiscard]] static Column reals(std::string name, Buffer<double> values,
                                    Buffer<std::uint8_t> valid = {});
  [[nodiscard]] static Column dates(std::string name, Buffer<std::int32_t> values,
                                    Buffer<std::uint8_t> valid = {});
  [[nodiscard]] static Column timestamps(std::string name, Buffer<std::int64_t> values,
                                         Buffer<std::uint8_t> valid = {});
  /// T: std::uint8_t or std::int32_t.
  template <typename T = std::int32_t>
  [[nodiscard]] static Column codes(std::string name, Buffer<T> values,
                                    std::shared_ptr<const Dictionary> dictionary,
                                    Buffer<std::uint8_t> valid = {});
  /// `text_owner` keeps the bytes that the views point into.
  [[nodiscard]] static Column texts(std::string name, Buffer<std::string_view> values,
                                    std::shared_ptr<const void> text_owner,
                                    Buffer<std::uint8_t> valid = {});
  /// Copies; for small tables and tests.
  [[nodiscard]] static Column of_texts(std::string name, const std::vector<std::string>& values);

  /// The value at `row` as plain text: "" when missing, ISO dates, decimals with a point, reals in
  /// the shortest form that reads back, booleans as true and false.
  [[nodiscard]] std::string cell(std::int64_t row) const;
};

/// Sorts a coded column's dictionary by bytes and drops texts that no row has, so that equal values
/// give equal bytes whatever the order in which rows were read.
[[nodiscard]] Column with_sorted_dictionary(Column column);

}  // namespace quintile::table
