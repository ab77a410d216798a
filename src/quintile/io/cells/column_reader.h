#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "quintile/io/cells/column_plan.h"
#include "quintile/io/cells/text_codes.h"
#include "quintile/table/source.h"

/// From the cells of a column to its values. A column is read by a `ColumnPlan`; while it is read,
/// a `Tally` counts what its cells look like, whatever the plan. The plan comes from the tally of a
/// sample, and is right when the tally of all cells decides the same; else the column is read once
/// more by what all its cells say.
namespace quintile::io {

/// A column's memory while it is filled. One of it may be filled by several threads, each its own
/// rows.
using ColumnValues = std::variant<table::Buffer<std::uint8_t>, table::Buffer<std::int8_t>,
                                  table::Buffer<std::int16_t>, table::Buffer<std::int32_t>,
                                  table::Buffer<std::int64_t>, table::Buffer<double>,
                                  table::Buffer<std::string_view>>;
[[nodiscard]] ColumnValues make_values(const ColumnPlan& plan, std::int64_t rows);
/// What one value takes in them.
[[nodiscard]] std::int64_t value_bytes(const ColumnPlan& plan);

/// Cells that come as values of a type, not as text.
struct NativeCells {
  enum class Type : std::uint8_t {
    Boolean,    ///< std::uint8_t, 0 or 1
    Integer,    ///< std::int64_t
    Decimal,    ///< std::int64_t, unscaled
    Real,       ///< double, read as its shortest decimal text
    Date,       ///< std::int32_t, days
    Timestamp,  ///< std::int64_t, microseconds
  };
  Type type = Type::Integer;
  int scale = 0;  ///< of Decimal
  const void* values = nullptr;
  const std::uint8_t* valid = nullptr;  ///< one byte a cell; null where none is missing
  std::int64_t size = 0;

  template <typename T>
  [[nodiscard]] T at(std::int64_t i) const {
    return static_cast<const T*>(values)[i];
  }
  [[nodiscard]] bool is_valid(std::int64_t i) const { return valid == nullptr || valid[i] != 0; }
  /// The text of cell i that is not missing, as a CSV file would have it.
  [[nodiscard]] std::string text(std::int64_t i) const;
};

/// Counts what native cells look like where `reading` takes them as they are; false where their
/// text must be read.
[[nodiscard]] bool count_native(table::Reading reading, const NativeCells& cells, Tally& tally);

/// Reads cells of one column, on one thread. Cells must have `kPadding` readable bytes after their
/// end.
class ColumnReader {
 public:
  ColumnReader(const ColumnPlan& plan, const CellRules& rules) : plan_(plan), rules_(&rules) {}

  /// Where the next rows go: value i of `values` is row `first_row + i`.
  void set_target(ColumnValues& values, std::int64_t first_row);
  void read(std::span<const std::string_view> cells, std::int64_t row);
  /// Reads native cells as `read` would read their texts. False, and nothing done, where the texts
  /// must be read.
  [[nodiscard]] bool read_native(const NativeCells& cells, std::int64_t row);

  [[nodiscard]] const ColumnPlan& plan() const { return plan_; }
  /// Whether a value read so far did not fit into the plan's bytes.
  [[nodiscard]] bool has_overflowed() const;
  /// Of all cells read so far.
  [[nodiscard]] Tally tally() const;
  [[nodiscard]] TextCodes& codes() { return codes_; }
  [[nodiscard]] const TextCodes& codes() const { return codes_; }
  [[nodiscard]] std::shared_ptr<const void> text_owner() const { return arena_; }
  /// Hands over what was read since the last call as a column of its own; `values` are its rows,
  /// the first of them row `first_row`. Codes keep their numbers from one call to the next.
  [[nodiscard]] table::ReadColumn take_column(const std::string& name, ColumnValues values,
                                              std::int64_t first_row);

  /// Rows without a value, as far as not taken yet, ascending.
  std::vector<std::int64_t> missing, unreadable;

 private:
  /// For as long as it lives, values of `count` rows go to a block of the kind's own width; then
  /// they are put where they belong. Nothing where the plan is not narrow.
  class Widening {
   public:
    Widening(ColumnReader& reader, std::int64_t row, std::int64_t count);
    ~Widening();
    Widening(const Widening&) = delete;
    Widening& operator=(const Widening&) = delete;

   private:
    ColumnReader& reader_;
    std::int64_t row_, count_;
    void* values_ = nullptr;
    std::int64_t first_row_ = 0;
  };
  void put_narrow(std::int64_t row, std::int64_t count);

  template <typename T>
  [[nodiscard]] T* target(std::int64_t row) const {
    return static_cast<T*>(values_) + (row - first_row_);
  }
  void read_booleans(std::span<const std::string_view> cells, std::int64_t row);
  void read_integers(std::span<const std::string_view> cells, std::int64_t row);
  void read_decimals(std::span<const std::string_view> cells, std::int64_t row);
  void read_reals(std::span<const std::string_view> cells, std::int64_t row);
  void read_dates(std::span<const std::string_view> cells, std::int64_t row);
  void read_timestamps(std::span<const std::string_view> cells, std::int64_t row);
  void read_codes(std::span<const std::string_view> cells, std::int64_t row);
  void read_views(std::span<const std::string_view> cells, std::int64_t row);
  void read_hashes(std::span<const std::string_view> cells, std::int64_t row);

  /// Trims; tells a blank cell and a number's look, counts both.
  struct Looked {
    std::string_view text;
    NumberText number;
    DateText date;
    bool boolean = false, truth = false;
    bool blank = false;
  };
  Looked look_at(std::string_view cell, std::int64_t row);
  [[nodiscard]] bool is_readable_number(NumberForm form) const;
  [[nodiscard]] std::optional<std::int32_t> day_of(const DateText& date) const;
  void give_up(const Looked& looked, std::int64_t row);

  ColumnPlan plan_;
  const CellRules* rules_;
  void* values_ = nullptr;
  std::int64_t first_row_ = 0;
  ColumnValues wide_;            ///< a block of values that are to become narrow
  std::uint64_t magnitude_ = 0;  ///< of whole numbers that became narrow
  Tally tally_;
  TextCodes codes_;
  std::shared_ptr<TextArena> arena_ = std::make_shared<TextArena>();
  std::shared_ptr<const table::Dictionary> dictionary_;  ///< of the last column taken
};

/// A finished column. `readers` are those that filled `values`, all by the same plan; `worker_of`
/// gives for ranges of rows which of them it was (Codes alone).
struct RowRange {
  std::int64_t begin = 0, end = 0;
  int worker = 0;
};
/// Whether all values of a column found room in the plan's bytes.
[[nodiscard]] bool have_fit(std::span<const std::unique_ptr<ColumnReader>> readers);
[[nodiscard]] table::ReadColumn finish_column(std::string name, ColumnValues values,
                                              std::span<ColumnReader* const> readers,
                                              std::span<const RowRange> ranges);

}  // namespace quintile::io
