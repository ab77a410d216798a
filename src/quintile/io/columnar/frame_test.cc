#include "quintile/io/columnar/frame.h"

#include <cmath>

#include <arrow/api.h>
#include <arrow/c/abi.h>
#include <arrow/c/bridge.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::io::columnar {
namespace {

using table::Reading;
using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<arrow::Array> integers(const std::vector<std::int64_t>& values) {
  arrow::Int64Builder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return builder.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Array> reals(const std::vector<double>& values) {
  arrow::DoubleBuilder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return builder.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Array> texts(const std::vector<std::string>& values) {
  arrow::StringBuilder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return builder.Finish().ValueOrDie();
}

std::shared_ptr<arrow::Array> moments(const std::vector<std::int64_t>& seconds,
                                      const std::string& zone) {
  arrow::TimestampBuilder builder(arrow::timestamp(arrow::TimeUnit::SECOND, zone),
                                  arrow::default_memory_pool());
  EXPECT_TRUE(builder.AppendValues(seconds).ok());
  return builder.Finish().ValueOrDie();
}

/// A frame of one column, `v`, in one batch an array.
Result<std::unique_ptr<table::Source>> frame_of(const arrow::ArrayVector& chunks,
                                                OpenOptions options = {.threads = 2}) {
  const auto schema = arrow::schema({arrow::field("v", chunks.front()->type())});
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (const auto& chunk : chunks)
    batches.push_back(arrow::RecordBatch::Make(schema, chunk->length(), {chunk}));
  ArrowArrayStream stream{};
  const auto reader = arrow::RecordBatchReader::Make(batches, schema).ValueOrDie();
  EXPECT_TRUE(arrow::ExportRecordBatchReader(reader, &stream).ok());
  return open_frame(&stream, "frame", options);
}

Result<std::vector<std::string>> cells_of(const arrow::ArrayVector& chunks, Reading reading) {
  QUINTILE_TRY(const auto source, frame_of(chunks));
  QUINTILE_TRY(const table::Table table, source->read({.columns = {{"v", reading}}}));
  std::vector<std::string> cells;
  for (std::int64_t row = 0; row < table.rows; ++row)
    cells.push_back(table.columns[0].column.cell(row));
  return cells;
}

std::string digest_of(const arrow::ArrayVector& chunks) {
  const auto source = frame_of(chunks).value();
  EXPECT_TRUE(source->read({.columns = {{"v", Reading::Inferred}}}).has_value());
  return source->facts().sha256.at(0);
}

TEST(Frame, ReadsChunksInOrder) {
  EXPECT_THAT(*cells_of({integers({3, 1}), integers({}), integers({2}), integers({9, 8})->Slice(1)},
                        Reading::Count),
              ElementsAre("3", "1", "2", "8"));
}

TEST(Frame, ReadsNarrowNumbersAgainWhereOneDoesNotFit) {
  std::vector<std::int64_t> values(20'000, 5);
  values[15'000] = -129;
  const auto cells = *cells_of({integers(values)}, Reading::Inferred);
  EXPECT_EQ(cells[14'999], "5");
  EXPECT_EQ(cells[15'000], "-129");
}

TEST(Frame, ReadsARealByItsShortestText) {
  EXPECT_THAT(*cells_of({reals({0.1, 12346, 0.3})}, Reading::Money),
              ElementsAre("0.1", "12346.0", "0.3"));
}

TEST(Frame, ReadsTimesByTheClocksOfTheirZone) {
  const std::int64_t winter = 1'706'657'400;  // 2024-01-30 23:30 UTC
  const std::int64_t summer = 1'690'759'800;  // 2023-07-30 23:30 UTC
  const auto read = [&](const std::string& zone) {
    return *cells_of({moments({winter, summer, winter}, zone)}, Reading::Moment);
  };
  EXPECT_THAT(read(""),
              ElementsAre("2024-01-30 23:30:00", "2023-07-30 23:30:00", "2024-01-30 23:30:00"));
  EXPECT_EQ(read("UTC"), read(""));
  EXPECT_THAT(read("Europe/Berlin"),
              ElementsAre("2024-01-31 00:30:00", "2023-07-31 01:30:00", "2024-01-31 00:30:00"));
  EXPECT_THAT(read("-05:30"),
              ElementsAre("2024-01-30 18:00:00", "2023-07-30 18:00:00", "2024-01-30 18:00:00"));
  const auto unknown = cells_of({moments({winter}, "Atlantis/Centre")}, Reading::Moment);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, ErrorCode::Input);
  EXPECT_THAT(unknown.error().message, HasSubstr("Atlantis/Centre"));
}

TEST(Frame, RefusesDurationsOnlyWhenTheyAreAskedFor) {
  arrow::DurationBuilder builder(arrow::duration(arrow::TimeUnit::SECOND),
                                 arrow::default_memory_pool());
  ASSERT_TRUE(builder.Append(5).ok());
  const auto source = frame_of({builder.Finish().ValueOrDie()}).value();
  EXPECT_THAT(source->column_names(), ElementsAre());
  const auto read = source->read({.columns = {{"v", Reading::Count}}});
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().to_string(), HasSubstr("frame: column v holds durations"));
}

TEST(Frame, TheDigestIsThatOfTheValues) {
  const std::string digest = digest_of({integers({1, 2, 3})});
  EXPECT_EQ(digest.size(), 64);
  EXPECT_EQ(digest_of({integers({1}), integers({2, 3})}), digest);
  EXPECT_EQ(digest_of({reals({1, 2, 3})}), digest);
  EXPECT_NE(digest_of({reals({1, 2, 3.5})}), digest);
  EXPECT_NE(digest_of({integers({2, 1, 3})}), digest);
  arrow::StringDictionaryBuilder coded;
  for (const char* const text : {"x", "y", "x"}) ASSERT_TRUE(coded.Append(text).ok());
  EXPECT_EQ(digest_of({coded.Finish().ValueOrDie()}), digest_of({texts({"x", "y", "x"})}));
}

TEST(Frame, ACancelledReadingEnds) {
  bool is_cancelled = false;
  const auto source =
      frame_of({integers({1, 2})}, {.threads = 1, .cancelled = [&] { return is_cancelled; }})
          .value();
  EXPECT_TRUE(source->read({.columns = {{"v", Reading::Count}}}).has_value());
  is_cancelled = true;
  EXPECT_EQ(source->read({.columns = {{"v", Reading::Count}}}).error().code, ErrorCode::Cancelled);
}

TEST(Frame, AStreamThatWasReadIsRefused) {
  ArrowArrayStream stream{};
  const auto source = open_frame(&stream, "frame", {});
  ASSERT_FALSE(source.has_value());
  EXPECT_EQ(source.error().code, ErrorCode::Input);
}

}  // namespace
}  // namespace quintile::io::columnar
