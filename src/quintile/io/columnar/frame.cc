#include "quintile/io/columnar/frame.h"

#include <algorithm>
#include <array>

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include "quintile/base/check.h"
#include "quintile/io/columnar/columnar_source.h"
#include "quintile/io/columnar/local_times.h"

namespace quintile::io::columnar {

namespace {

constexpr std::int64_t kSliceRows = 4 * kBatchRows;

using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

/// What a data frame library adds when its rows have labels that are no column.
bool is_unnamed_index(const std::string& name) { return name.starts_with("__index_level_"); }

std::string unreadable_kind(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::DURATION:
    case arrow::Type::INTERVAL_MONTHS:
    case arrow::Type::INTERVAL_DAY_TIME:
    case arrow::Type::INTERVAL_MONTH_DAY_NANO: return "durations";
    default: return is_flat(type) ? "" : "nested values";
  }
}

bool is_text(arrow::Type::type id) {
  return arrow::is_base_binary_like(id) || id == arrow::Type::STRING_VIEW ||
         id == arrow::Type::BINARY_VIEW;
}

/// A dictionary of numbers, dates or flags written out; texts stay as they are.
arrow::Result<std::shared_ptr<arrow::Array>> decoded(const std::shared_ptr<arrow::Array>& array) {
  if (array->type_id() != arrow::Type::DICTIONARY) return array;
  const auto& coded = static_cast<const arrow::DictionaryArray&>(*array);
  const auto& values = *coded.dictionary();
  if (is_text(values.type_id())) return array;
  ARROW_ASSIGN_OR_RAISE(const auto builder, arrow::MakeBuilder(values.type()));
  ARROW_RETURN_NOT_OK(builder->Reserve(coded.length()));
  const arrow::ArraySpan span(*values.data());
  for (std::int64_t i = 0; i < coded.length(); ++i) {
    ARROW_RETURN_NOT_OK(coded.IsNull(i)
                            ? builder->AppendNull()
                            : builder->AppendArraySlice(span, coded.GetValueIndex(i), 1));
  }
  return builder->Finish();
}

class FrameSource : public ColumnarSource {
 public:
  FrameSource(std::string name, const OpenOptions& options)
      : ColumnarSource(options), name_(std::move(name)) {}

  Status take(ArrowArrayStream* stream);

 private:
  Status take_batches(Batches batches);
  Status read_slice(const Slice& slice, const std::vector<std::size_t>& columns,
                    const std::vector<std::size_t>& coded, std::int64_t rows_max,
                    const TakePiece& take) const override;
  Status describe_files(table::ReadFacts& facts) override;
  table::Detection format() const override { return {"format", "frame", "handed over in memory"}; }
  std::string file_of(std::int64_t) const override { return name_; }

  std::unexpected<Error> broken(const arrow::Status& status) const {
    return fail(ErrorCode::Input, "the frame cannot be read: " + status.message(), {},
                {.file = name_});
  }

  std::string name_;
  Batches batches_;  ///< part `p` of the slices counts their rows from the slice's first
  std::vector<std::int64_t> offsets_;  ///< of each slice, by `Slice::part`, in its batch
  std::optional<std::string> digest_;
};

/// Batches that are worth a round of work each: short ones that follow each other become one.
arrow::Result<Batches> gathered(const Batches& batches) {
  Batches gathered, small;
  std::int64_t small_rows = 0;
  const auto flush = [&]() -> arrow::Status {
    if (small.empty()) return arrow::Status::OK();
    ARROW_ASSIGN_OR_RAISE(auto joined, arrow::ConcatenateRecordBatches(small));
    gathered.push_back(std::move(joined));
    small.clear();
    small_rows = 0;
    return arrow::Status::OK();
  };
  for (const auto& batch : batches) {
    if (batch->num_rows() >= kBatchRows / 4) {
      ARROW_RETURN_NOT_OK(flush());
      gathered.push_back(batch);
      continue;
    }
    small.push_back(batch);
    small_rows += batch->num_rows();
    if (small_rows >= kBatchRows) ARROW_RETURN_NOT_OK(flush());
  }
  ARROW_RETURN_NOT_OK(flush());
  return gathered;
}

Status FrameSource::take(ArrowArrayStream* stream) {
  const auto reader = arrow::ImportRecordBatchReader(stream);
  if (!reader.ok()) return broken(reader.status());
  std::vector<int> kept;
  std::vector<SourceColumn> columns;
  for (int i = 0; i < (*reader)->schema()->num_fields(); ++i) {
    const auto& field = (*reader)->schema()->field(i);
    if (is_unnamed_index(field->name())) continue;
    kept.push_back(i);
    columns.push_back({.name = field->name(),
                       .type = field->type()->ToString(),
                       .unreadable = unreadable_kind(*field->type())});
  }
  QUINTILE_TRY_STATUS(set_columns(std::move(columns), name_));
  Batches batches;
  while (true) {
    QUINTILE_TRY_STATUS(options().go_on());
    auto batch = (*reader)->Next();
    if (!batch.ok()) return broken(batch.status());
    if (*batch == nullptr) break;
    if ((*batch)->num_rows() == 0) continue;
    if (const auto valid = (*batch)->Validate(); !valid.ok()) return broken(valid);
    auto chosen = (*batch)->SelectColumns(kept);
    if (!chosen.ok()) return broken(chosen.status());
    batches.push_back(*std::move(chosen));
  }
  auto joined = gathered(batches);
  if (!joined.ok()) return broken(joined.status());
  return take_batches(*std::move(joined));
}

Status FrameSource::take_batches(Batches batches) {
  for (std::size_t number = 0; number < batches.size(); ++number) {
    auto& batch = batches[number];
    for (int i = 0; i < batch->num_columns(); ++i) {
      auto values = decoded(batch->column(i));
      if (!values.ok()) return broken(values.status());
      auto local = by_local_clock(*values);
      if (!local) {
        Error error = std::move(local).error();
        error.message = fmt::format("column {}: {}", batch->column_name(i), error.message);
        error.place.file = name_;
        return std::unexpected(std::move(error));
      }
      if (*local == batch->column(i)) continue;
      const auto field = arrow::field(batch->column_name(i), (*local)->type());
      auto changed = batch->SetColumn(i, field, *std::move(local));
      if (!changed.ok()) return broken(changed.status());
      batch = *std::move(changed);
    }
    for (std::int64_t row = 0; row < batch->num_rows(); row += kSliceRows) {
      add_slice(number, offsets_.size(), std::min(kSliceRows, batch->num_rows() - row));
      offsets_.push_back(row);
    }
  }
  batches_ = std::move(batches);
  return {};
}

Status FrameSource::read_slice(const Slice& slice, const std::vector<std::size_t>& columns,
                               const std::vector<std::size_t>&, std::int64_t rows_max,
                               const TakePiece& take) const {
  const arrow::RecordBatch& batch = *batches_[slice.file];
  const std::int64_t offset = offsets_[slice.part];
  const std::int64_t rows = std::min(slice.rows, rows_max);
  for (std::int64_t row = 0; row < rows; row += kBatchRows) {
    QUINTILE_TRY_STATUS(options().go_on());
    for (std::size_t which = 0; which < columns.size(); ++which) {
      const auto piece = batch.column(static_cast<int>(columns[which]))
                             ->Slice(offset + row, std::min(kBatchRows, rows - row));
      if (auto status = take(which, slice.first_row + row, *piece); !status) {
        Error error = std::move(status).error();
        if (error.place.file.empty() && error.code != ErrorCode::Cancelled) {
          error.place.file = name_;
          error.message += fmt::format(", in column {} after data row {}", names()[columns[which]],
                                       slice.first_row + row);
        }
        return std::unexpected(std::move(error));
      }
    }
  }
  return {};
}

/// SHA-256 over names and one hash a row.
Status FrameSource::describe_files(table::ReadFacts& facts) {
  if (!digest_) {
    std::vector<std::uint64_t> hashes(static_cast<std::size_t>(rows()), 0);
    QUINTILE_TRY_STATUS(on_threads(
        static_cast<std::int64_t>(slices().size()), [&](std::int64_t number, int) -> Status {
          ArrowCells cells;
          const auto mix = [&](std::size_t, std::int64_t row, const arrow::Array& piece) -> Status {
            cells.set_array(piece);
            return in_blocks(piece.length(), [&](std::int64_t at, std::int64_t size) -> Status {
              QUINTILE_TRY(const auto values, cells.hashes(at, size));
              const auto mixed = hashes.begin() + row + at;
              std::transform(
                  values.begin(), values.end(), mixed, mixed,
                  [](std::uint64_t value, std::uint64_t hash) { return mix_hash(hash, value); });
              return {};
            });
          };
          return read_slice(slices()[static_cast<std::size_t>(number)], readable_columns(), {},
                            rows(), mix);
        }));
    std::string names;
    for (const std::size_t column : readable_columns()) names += columns()[column].name + '\0';
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    QUINTILE_CHECK(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1 &&
                   EVP_DigestUpdate(context.get(), names.data(), names.size()) == 1 &&
                   EVP_DigestUpdate(context.get(), hashes.data(), hashes.size() * 8) == 1 &&
                   EVP_DigestFinal_ex(context.get(), bytes.data(), &size) == 1);
    digest_.emplace();
    for (unsigned i = 0; i < size; ++i) *digest_ += fmt::format("{:02x}", bytes[i]);
  }
  // Whether a library holds a whole number as 12 or as 12.0 says nothing about the data.
  std::erase_if(facts.detections,
                [](const table::Detection& found) { return found.what == "decimal mark"; });
  facts.sha256 = {*digest_};
  facts.bytes = {0};
  facts.origin.files = {{name_, 0, rows()}};
  return {};
}

}  // namespace

Result<std::unique_ptr<table::Source>> open_frame(ArrowArrayStream* stream, const std::string& name,
                                                  const OpenOptions& options) {
  auto source = std::make_unique<FrameSource>(name, options);
  QUINTILE_TRY_STATUS(source->take(stream));
  return source;
}

}  // namespace quintile::io::columnar
