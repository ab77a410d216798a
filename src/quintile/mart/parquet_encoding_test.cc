#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <random>

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/statistics.h>

#include "quintile/mart/parquet_encoding_internal.h"
#include "quintile/mart/parquet_internal.h"
#include "quintile/mart/parquet_packing_internal.h"

/// What we encode is read by Arrow and compared value by value.
namespace quintile::mart {
namespace {

namespace fs = std::filesystem;

class ParquetFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quintile-parquet-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Writes `array` as the one column of a file and reads it by Arrow, as `declared`.
  std::shared_ptr<arrow::Array> round_trip(const std::shared_ptr<arrow::Array>& array,
                                           const std::shared_ptr<arrow::DataType>& declared,
                                           bool nullable, int threads = 2,
                                           decltype(ParquetColumn::slice) slice = {}) {
    const fs::path path = folder_ / "file.parquet";
    fs::remove(path);
    if (!slice)
      slice = [&](std::int64_t begin, std::int64_t count) { return array->Slice(begin, count); };
    const ParquetColumn column{"c", array->type(), declared, nullable, std::move(slice)};
    auto file = StagedFile::create(path, "file.parquet");
    const auto written = write_parquet(*file, {column}, array->length(), {}, threads);
    EXPECT_TRUE(written) << written.error().to_string();
    digests_.push_back(file->finish().value());
    const auto input = arrow::io::ReadableFile::Open(path.string()).ValueOrDie();
    auto reader = parquet::arrow::OpenFile(input, arrow::default_memory_pool()).ValueOrDie();
    const std::shared_ptr<arrow::Table> table = reader->ReadTable().ValueOrDie();
    EXPECT_TRUE(table->ValidateFull().ok());
    EXPECT_TRUE(table->schema()->field(0)->type()->Equals(*declared))
        << table->schema()->ToString();
    statistics_ =
        reader->num_row_groups() == 0
            ? nullptr
            : reader->parquet_reader()->metadata()->RowGroup(0)->ColumnChunk(0)->statistics();
    if (table->num_rows() == 0) return arrow::MakeArrayOfNull(declared, 0).ValueOrDie();
    return arrow::Concatenate(table->column(0)->chunks()).ValueOrDie();
  }

  void expect_unchanged(const std::shared_ptr<arrow::Array>& array, bool nullable) {
    const auto read = round_trip(array, array->type(), nullable);
    EXPECT_TRUE(read->Equals(*array, arrow::EqualOptions::Defaults().nans_equal(true)))
        << read->ToString() << "\nagainst\n"
        << array->ToString();
  }

  fs::path folder_;
  std::vector<std::string> digests_;
  std::shared_ptr<parquet::Statistics> statistics_;
};

/// `size` values by `value_of(i)`; every `missing_every`-th is missing (0: none).
template <typename Builder, typename ValueOf>
std::shared_ptr<arrow::Array> array_of(Builder builder, std::int64_t size,
                                       std::int64_t missing_every, ValueOf value_of) {
  for (std::int64_t i = 0; i < size; ++i) {
    const bool missing = missing_every > 0 && i % missing_every == 0;
    EXPECT_TRUE((missing ? builder.AppendNull() : builder.Append(value_of(i))).ok());
  }
  return builder.Finish().ValueOrDie();
}

// Nothing, one, a partial group of eight, a page and a bit, more than a row group.
const std::vector<std::int64_t> kSizes = {0, 1, 7, 129, 70'001, 270'001};

/// Texts as runs of equal ones.
std::shared_ptr<arrow::Array> in_runs(const arrow::StringArray& texts) {
  arrow::StringBuilder values;
  arrow::Int32Builder ends;
  for (std::int64_t i = 0; i < texts.length(); ++i) {
    if (i + 1 < texts.length() && texts.GetView(i) == texts.GetView(i + 1)) continue;
    EXPECT_TRUE(values.Append(texts.GetView(i)).ok());
    EXPECT_TRUE(ends.Append(static_cast<std::int32_t>(i + 1)).ok());
  }
  return arrow::RunEndEncodedArray::Make(texts.length(), ends.Finish().ValueOrDie(),
                                         values.Finish().ValueOrDie())
      .ValueOrDie();
}

TEST_F(ParquetFiles, KeepTextsThatComeInRuns) {
  for (const std::int64_t size : kSizes) {
    // Few texts become a dictionary; many with some empty ones among them do not.
    for (const std::int64_t texts : {3, 1'000'000}) {
      const auto array = array_of(arrow::StringBuilder(), size, 0, [&](std::int64_t i) {
        const std::int64_t run = i / 3 * 7919 % texts;
        return run % 11 == 1 ? std::string() : "c" + std::to_string(run);
      });
      const auto read =
          round_trip(array, arrow::utf8(), false, 2, [&](std::int64_t begin, std::int64_t count) {
            return in_runs(static_cast<const arrow::StringArray&>(*array->Slice(begin, count)));
          });
      EXPECT_TRUE(read->Equals(*array)) << size << " rows of " << texts << " texts";
    }
  }
}

TEST_F(ParquetFiles, KeepIntegers) {
  std::mt19937_64 random(7);
  for (const std::int64_t size : kSizes) {
    for (const std::int64_t missing_every : {0, 3, 1}) {
      const bool nullable = missing_every > 0;
      const auto check = [&](auto value_of) {
        expect_unchanged(array_of(arrow::Int64Builder(), size, missing_every, value_of), nullable);
      };
      check([&](std::int64_t) { return static_cast<std::int64_t>(random() % 50) - 20; });
      check([](std::int64_t i) { return i + 1; });
      check([](std::int64_t) { return std::int64_t{7}; });
      check([&](std::int64_t) { return static_cast<std::int64_t>(random()); });
      check([](std::int64_t i) {
        return i % 2 == 0 ? std::numeric_limits<std::int64_t>::min()
                          : std::numeric_limits<std::int64_t>::max();
      });
      expect_unchanged(array_of(arrow::Int32Builder(), size, missing_every,
                                [&](std::int64_t) { return static_cast<std::int32_t>(random()); }),
                       nullable);
      expect_unchanged(array_of(arrow::Int8Builder(), size, missing_every,
                                [](std::int64_t i) { return static_cast<std::int8_t>(i); }),
                       nullable);
      expect_unchanged(array_of(arrow::Date32Builder(), size, missing_every,
                                [](std::int64_t i) { return static_cast<std::int32_t>(i / 600); }),
                       nullable);
    }
  }
}

TEST_F(ParquetFiles, KeepRealsToTheBit) {
  std::mt19937_64 random(7);
  for (const std::int64_t size : kSizes) {
    for (const std::int64_t missing_every : {0, 3, 1}) {
      for (const std::uint64_t distinct : {std::uint64_t{100}, ~std::uint64_t{0}}) {
        expect_unchanged(array_of(arrow::DoubleBuilder(), size, missing_every,
                                  [&](std::int64_t) {
                                    return static_cast<double>(random() % distinct) / 100.0;
                                  }),
                         missing_every > 0);
      }
    }
  }
  const auto zeros = round_trip(
      array_of(arrow::DoubleBuilder(), 2, 0, [](std::int64_t i) { return i == 0 ? 0.0 : -0.0; }),
      arrow::float64(), false);
  EXPECT_FALSE(std::signbit(static_cast<const arrow::DoubleArray&>(*zeros).Value(0)));
  EXPECT_TRUE(std::signbit(static_cast<const arrow::DoubleArray&>(*zeros).Value(1)));
  expect_unchanged(
      array_of(arrow::DoubleBuilder(), 9, 0,
               [](std::int64_t i) { return i == 4 ? std::nan("") : static_cast<double>(i); }),
      false);
  EXPECT_FALSE(statistics_ != nullptr && statistics_->HasMinMax())
      << "a bound means nothing beside a value that is no number";
}

TEST_F(ParquetFiles, KeepTextsBooleansAndDecimals) {
  std::mt19937_64 random(7);
  for (const std::int64_t size : kSizes) {
    for (const std::int64_t missing_every : {0, 3, 1}) {
      const bool nullable = missing_every > 0;
      for (const std::uint64_t distinct : {std::uint64_t{5}, std::uint64_t{1'000'000}}) {
        expect_unchanged(array_of(arrow::StringBuilder(), size, missing_every,
                                  [&](std::int64_t) {
                                    const auto value = random() % distinct;
                                    return value == 0 ? "" : "0" + std::to_string(value);
                                  }),
                         nullable);
      }
      expect_unchanged(array_of(arrow::BooleanBuilder(), size, missing_every,
                                [&](std::int64_t) { return random() % 2 == 0; }),
                       nullable);
      expect_unchanged(
          array_of(arrow::Decimal128Builder(arrow::decimal128(38, 2)), size, missing_every,
                   [&](std::int64_t) {
                     // Below 10^38.
                     return arrow::Decimal128(static_cast<std::int64_t>(random()) >> 3, random());
                   }),
          nullable);
      const auto narrow =
          array_of(arrow::Decimal64Builder(arrow::decimal64(18, 2)), size, missing_every,
                   [](std::int64_t i) { return arrow::Decimal64(i * 7919 - 1000); });
      const auto read = round_trip(narrow, arrow::decimal128(18, 2), nullable);
      ASSERT_EQ(read->length(), size);
      for (std::int64_t i = 0; i < size; ++i) {
        ASSERT_EQ(read->IsNull(i), narrow->IsNull(i));
        if (read->IsNull(i)) continue;
        ASSERT_EQ(static_cast<const arrow::Decimal128Array&>(*read).FormatValue(i),
                  static_cast<const arrow::Decimal64Array&>(*narrow).FormatValue(i));
      }
    }
  }
}

TEST_F(ParquetFiles, KeepCodedTextsInAnyOrderOfTheDictionary) {
  const auto type = arrow::dictionary(arrow::int32(), arrow::utf8());
  const std::vector<std::string> texts = {"pear", "", "apple", "never used"};
  const auto dictionary = array_of(arrow::StringBuilder(), 4, 0, [&](std::int64_t i) {
    return texts[static_cast<std::size_t>(i)];
  });
  for (const std::int64_t missing_every : {0, 4}) {
    const auto codes = array_of(arrow::Int32Builder(), 70'001, missing_every,
                                [](std::int64_t i) { return static_cast<std::int32_t>(i % 3); });
    const auto read = round_trip(std::make_shared<arrow::DictionaryArray>(type, codes, dictionary),
                                 arrow::utf8(), missing_every > 0);
    for (std::int64_t i = 0; i < read->length(); ++i) {
      ASSERT_EQ(read->IsNull(i), codes->IsNull(i));
      if (!read->IsNull(i)) {
        ASSERT_EQ(static_cast<const arrow::StringArray&>(*read).GetView(i),
                  texts[static_cast<std::size_t>(i % 3)]);
      }
    }
  }
}

TEST_F(ParquetFiles, AreTheSameForAnyNumberOfThreads) {
  const auto array =
      array_of(arrow::Int64Builder(), 600'000, 5, [](std::int64_t i) { return i * i % 100'003; });
  for (const int threads : {1, 2, 5})
    static_cast<void>(round_trip(array, array->type(), true, threads));
  EXPECT_THAT(digests_, ::testing::Each(digests_.front()));
}

TEST_F(ParquetFiles, SayTheBoundsOfARowGroup) {
  static_cast<void>(
      round_trip(array_of(arrow::Int64Builder(), 1000, 10, [](std::int64_t i) { return 5 - i; }),
                 arrow::int64(), true));
  ASSERT_NE(statistics_, nullptr);
  const auto& bounds = static_cast<const parquet::Int64Statistics&>(*statistics_);
  EXPECT_EQ(bounds.min(), 5 - 999);
  EXPECT_EQ(bounds.max(), 4);
  EXPECT_EQ(bounds.null_count(), 100);
}

TEST(Packing, PutsTheLowestBitsFirst) {
  // The example of Parquet's Encodings.md: 0 to 7 in three bits each.
  std::string out;
  pack_bits(out, std::span<const std::uint8_t>(std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5, 6, 7}),
            3);
  EXPECT_EQ(out, "\x88\xC6\xFA");
}

}  // namespace
}  // namespace quintile::mart
