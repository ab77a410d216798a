#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <arrow/type_fwd.h>

#include "quintile/io/cells/table_plan.h"
#include "quintile/io/columnar/arrow_cells.h"
#include "quintile/io/open.h"
#include "quintile/table/source.h"

namespace quintile::io::columnar {

/// At most this many rows a batch.
inline constexpr std::int64_t kBatchRows = 64 * 1024;

/// A column as it stands in the source.
struct SourceColumn {
  std::string name;
  std::string type;        ///< for messages
  std::string unreadable;  ///< what its cells are where they cannot be read: "nested values"

  [[nodiscard]] bool can_be_read() const { return unreadable.empty(); }
};

/// Some consecutive rows that can be read by themselves: a row group of a file, a part of a frame.
struct Slice {
  std::size_t file = 0;
  std::size_t part = 0;  ///< of the file; the meaning is the source's
  std::int64_t first_row = 0, rows = 0;
  std::int64_t first_batch = 0;
};

/// A source whose rows come as Arrow arrays. Who derives from it says which columns and slices
/// there are and reads a slice; everything else is alike: types by the majority of the cells,
/// several threads, batches, hashes.
class ColumnarSource : public table::Source {
 public:
  /// Without columns that cannot be read.
  [[nodiscard]] const std::vector<std::string>& column_names() const override {
    return readable_names_;
  }
  [[nodiscard]] Result<table::Table> read(const table::ReadRequest& request) override;
  [[nodiscard]] Status scan(const table::ReadRequest& request, const Consumer& consume) override;
  [[nodiscard]] int workers() const override { return threads_; }
  [[nodiscard]] bool types_changed() const override { return types_changed_; }
  [[nodiscard]] const table::ReadFacts& facts() const override { return facts_; }
  [[nodiscard]] std::vector<std::uint64_t> take_record_hashes() override {
    return std::move(record_hashes_);
  }
  [[nodiscard]] Result<std::vector<std::string>> cells(std::size_t column,
                                                       std::span<const std::int64_t> rows) override;

 protected:
  explicit ColumnarSource(const OpenOptions& options);

  /// Called with a piece of one column: which of those asked for, its first row, its cells.
  using TakePiece =
      std::function<Status(std::size_t which, std::int64_t row, const arrow::Array& piece)>;

  /// Reads the first `rows_max` rows of a slice, or some more, piece by piece: at most `kBatchRows`
  /// and `rows_max` cells of each of `columns`, one column after the other, then further rows.
  /// `coded`: columns that had better come as dictionaries. Called from several threads.
  [[nodiscard]] virtual Status read_slice(const Slice& slice,
                                          const std::vector<std::size_t>& columns,
                                          const std::vector<std::size_t>& coded,
                                          std::int64_t rows_max, const TakePiece& take) const = 0;

  /// Fills in what is known of the files once all rows were read: digests, bytes, origin. Errors:
  /// Input where they have changed meanwhile; Io.
  [[nodiscard]] virtual Status describe_files(table::ReadFacts& facts) = 0;

  /// How the format was found out.
  [[nodiscard]] virtual table::Detection format() const = 0;

  /// The name of the file that holds a row, for messages.
  [[nodiscard]] virtual std::string file_of(std::int64_t row) const = 0;

  /// Errors: Input where two columns have one name.
  [[nodiscard]] Status set_columns(std::vector<SourceColumn> columns, const std::string& file);
  [[nodiscard]] const std::vector<SourceColumn>& columns() const { return columns_; }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /// The places of the columns that can be read.
  [[nodiscard]] std::vector<std::size_t> readable_columns() const;

  /// Adds `rows` rows after those that are there; none: nothing is added.
  void add_slice(std::size_t file, std::size_t part, std::int64_t rows);
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] const std::vector<Slice>& slices() const { return slices_; }
  [[nodiscard]] int threads() const { return threads_; }
  [[nodiscard]] const OpenOptions& options() const { return options_; }

  /// Calls `work(i, worker)` for i from 0 to `count - 1` on all threads, until one fails. Of
  /// several errors that of the least i is returned, one that is no cancelling first.
  [[nodiscard]] Status on_threads(
      std::int64_t count, const std::function<Status(std::int64_t i, int worker)>& work) const;

 private:
  struct Job {
    std::vector<table::ColumnRequest> requests;
    std::vector<std::size_t> columns;
    CellRules rules;
    TablePlan plan;
  };

  /// What is done with a column of the source while it is read.
  struct ColumnTask {
    std::size_t column = 0;
    std::optional<std::size_t> request;  ///< none: it is read for the records' hashes alone
    bool hashes = false;                 ///< a column that is asked for twice is hashed once
  };

  /// Columns being filled, by request.
  struct Filling {
    std::vector<ColumnValues> values;
    std::vector<std::vector<std::unique_ptr<ColumnReader>>> readers;  ///< one a worker
    std::vector<std::vector<RowRange>> ranges;                        ///< one a slice
  };

  [[nodiscard]] Result<Job> prepare(const table::ReadRequest& request);
  [[nodiscard]] Status guess(Job& job, bool narrowed);
  [[nodiscard]] std::vector<ColumnTask> tasks_of(const Job& job, bool record_hash) const;
  [[nodiscard]] Status fill(const Job& job, const std::vector<ColumnTask>& tasks, Filling& filling);
  [[nodiscard]] Status finish(const Job& job, const std::vector<Tally>& tallies);
  [[nodiscard]] Error locate(const Trouble& trouble) const;
  OpenOptions options_;
  int threads_ = 1;
  std::vector<SourceColumn> columns_;
  std::vector<std::string> names_, readable_names_;
  std::vector<Slice> slices_;
  std::int64_t rows_ = 0, batches_ = 0;
  table::ReadFacts facts_;
  std::vector<std::uint64_t> record_hashes_;
  bool types_changed_ = false;
  std::optional<std::pair<std::vector<table::ColumnRequest>, TablePlan>> decided_;
};

}  // namespace quintile::io::columnar
