#include "quintile/io/open.h"

#include <lzma.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <gmock/gmock.h>
#include <parquet/arrow/writer.h>
#include <rapidcheck/gtest.h>

namespace quintile::io {
namespace {

namespace fs = std::filesystem;
using table::Reading;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A folder that goes when the test does.
class Folder {
 public:
  Folder() {
    static int number = 0;
    path_ = fs::temp_directory_path() /
            ("quintile_open_" + std::to_string(::getpid()) + "_" + std::to_string(number++));
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstandard(std::string_view text) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

std::string xz(std::string_view text) {
  std::string out(text.size() + 1000, '\0');
  std::size_t at = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, nullptr,
                                    reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                    reinterpret_cast<std::uint8_t*>(out.data()), &at, out.size()),
            LZMA_OK);
  out.resize(at);
  return out;
}

Result<table::Table> read(const Folder& folder, const std::string& name,
                          std::vector<table::ColumnRequest> columns, OpenOptions options = {}) {
  QUINTILE_TRY(const auto files, expand({name}, folder.path()));
  QUINTILE_TRY(const auto source, open_source(files, options));
  return source->read({.columns = std::move(columns)});
}

std::vector<std::string> cells(const table::ReadColumn& column) {
  std::vector<std::string> texts;
  for (std::int64_t row = 0; row < column.column.size(); ++row)
    texts.push_back(column.column.is_valid(row) ? column.column.cell(row) : "-");
  return texts;
}

TEST(Globs, AreExpandedInTheOrderOfTheirBytes) {
  const Folder folder;
  for (const char* const name : {"b.csv", "a.csv", "c.txt"}) folder.write(name, "a\n1\n");
  const auto files = expand({"*.csv"}, folder.path());
  ASSERT_TRUE(files.has_value()) << files.error().to_string();
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[0].name, "a.csv");
  EXPECT_EQ((*files)[1].name, "b.csv");
  EXPECT_EQ(expand({"*.parquet"}, folder.path()).error().code, ErrorCode::Input);
}

TEST(Globs, MayNotLeadToAFileTwice) {
  const Folder folder;
  for (const char* const name : {"b.csv", "a.csv"}) folder.write(name, "a\n1\n");
  EXPECT_THAT(expand({"a.csv", "*.csv"}, folder.path()).error().message, HasSubstr("named twice"));
  EXPECT_THAT(expand({"b.csv", "./b.csv"}, folder.path()).error().message, HasSubstr("one file"));
}

TEST(Globs, TakeTheFolderOfThePlanAsItIs) {
  const Folder folder;
  fs::create_directories(folder.path() + "/2023 [old]");
  folder.write("2023 [old]/a.csv", "a\n1\n");
  const auto files = expand({"*.csv"}, folder.path() + "/2023 [old]");
  ASSERT_TRUE(files.has_value()) << files.error().to_string();
  EXPECT_EQ((*files)[0].name, "a.csv");
}

TEST(Opening, SaysWhatIsWrongWithAPath) {
  const Folder folder;
  EXPECT_EQ(read(folder, "absent.csv", {}).error().code, ErrorCode::Io);
  fs::create_directories(folder.path() + "/inner");
  EXPECT_EQ(read(folder, "inner", {}).error().code, ErrorCode::Input);
  folder.write("empty.csv", "");
  EXPECT_THAT(read(folder, "empty.csv", {}).error().message, HasSubstr("empty"));
}

TEST(Digests, AreThoseOfTheFilesAsTheyLieOnDisk) {
  const Folder folder;
  for (int i = 0; i < 9; ++i) folder.write("part" + std::to_string(i) + ".csv", "a\n1\n");
  const auto source = open_source(*expand({"*.csv"}, folder.path()), {});
  ASSERT_TRUE((*source)->read({.columns = {{"a", Reading::Count}}}).has_value());
  EXPECT_EQ((*source)->facts().sha256.size(), 9U);
  for (const auto& digest : (*source)->facts().sha256) {
    EXPECT_EQ(digest, "309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc");
  }
  EXPECT_EQ((*source)->facts().bytes.at(8), 4);
}

TEST(Compression, IsToldByTheBytesNotTheName) {
  std::string text = "a,b\n";
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i) + ",x\n";
  const Folder folder;
  folder.write("gz.csv", gzip(text));
  folder.write("zst.csv", zstandard(text));
  folder.write("xz.csv", xz(text));
  const std::size_t half = text.find("10000,x");
  folder.write("two.csv", gzip(text.substr(0, half)) + gzip(text.substr(half)));
  // The second is too little for the text, which ends up on disk.
  for (const std::int64_t in_memory : {0, 30'000}) {
    for (const char* const name : {"gz.csv", "zst.csv", "xz.csv", "two.csv"}) {
      const auto table = read(folder, name, {{"a", Reading::Count}}, {.spool_max = in_memory});
      ASSERT_TRUE(table.has_value()) << name << ": " << table.error().to_string();
      EXPECT_EQ(table->rows, 20'000);
      EXPECT_EQ(table->columns[0].column.cell(19'999), "19999");
    }
  }
}

TEST(Compression, OfACutOffOrDamagedFileIsAnError) {
  std::string text = "a\n";
  for (int i = 0; i < 5000; ++i) text += std::to_string(i * 7919) + "\n";
  const Folder folder;
  for (const std::string& whole : {gzip(text), zstandard(text), xz(text)}) {
    folder.write("cut", std::string_view(whole).substr(0, whole.size() - 5));
    EXPECT_EQ(read(folder, "cut", {{"a", Reading::Count}}).error().code, ErrorCode::Input);
    std::string damaged = whole;
    for (std::size_t i = whole.size() / 2; i < whole.size() / 2 + 20; ++i)
      damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    folder.write("damaged", damaged);
    EXPECT_FALSE(read(folder, "damaged", {{"a", Reading::Count}}).has_value());
  }
}

void write_parquet(const Folder& folder, const std::string& name,
                   const std::shared_ptr<arrow::Table>& table, std::int64_t group_rows = 2) {
  auto out = arrow::io::FileOutputStream::Open(folder.path() + "/" + name).ValueOrDie();
  ASSERT_TRUE(
      ::parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), out, group_rows).ok());
  ASSERT_TRUE(out->Close().ok());
}

template <typename Builder, typename Value>
std::shared_ptr<arrow::Array> array_of(const std::vector<std::optional<Value>>& values,
                                       Builder builder = Builder()) {
  for (const auto& value : values)
    EXPECT_TRUE((value ? builder.Append(*value) : builder.AppendNull()).ok());
  return builder.Finish().ValueOrDie();
}

TEST(Parquet, ReadsKeysKeptAsDoublesByTheirShortestText) {
  const Folder folder;
  const auto ids = array_of<arrow::DoubleBuilder, double>({12346.0, std::nullopt, 7.0, 1e3});
  const auto money = array_of<arrow::DoubleBuilder, double>({0.1, 19.99, 100.0, 1e300});
  write_parquet(folder, "t.parquet",
                arrow::Table::Make(arrow::schema({arrow::field("id", arrow::float64()),
                                                  arrow::field("paid", arrow::float64())}),
                                   {ids, money}));
  auto table = read(folder, "t.parquet", {{"id", Reading::Identifier}});
  ASSERT_TRUE(table.has_value()) << table.error().to_string();
  EXPECT_EQ(table->columns[0].column.view.type, Type::Integer);
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("12346", "-", "7", "1000"));
  EXPECT_EQ(table->columns[0].missing, 1);
  table = read(folder, "t.parquet", {{"id", Reading::Text}});
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("12346", "-", "7", "1000"));
  EXPECT_EQ(read(folder, "t.parquet", {{"paid", Reading::Money}}).error().code,
            ErrorCode::Input);  // 1e300 is beyond any amount
}

TEST(Parquet, ReadsDoublesAsMoneyByTheDigitsOfTheirShortestText) {
  const Folder folder;
  const auto money = array_of<arrow::DoubleBuilder, double>(
      {12.5, 0.0, -0.0, -3.07, 0.1 + 0.2, 1e12, 99999999999.99, 1.0 / 3});
  write_parquet(folder, "t.parquet",
                arrow::Table::Make(arrow::schema({arrow::field("m", arrow::float64())}), {money}));
  const auto source = open_source(*expand({"t.parquet"}, folder.path()), {});
  const auto table = (*source)->read({.columns = {{"m", Reading::Money}}, .money_scale = 2});
  ASSERT_TRUE(table.has_value()) << table.error().to_string();
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("12.50", "0.00", "0.00", "-3.07", "-",
                                                    "1000000000000.00", "99999999999.99", "-"));
  EXPECT_THAT(table->columns[0].unreadable, ElementsAre(4, 7));
  const auto quantity = read(folder, "t.parquet", {{"m", Reading::Quantity}});
  EXPECT_THAT(cells(quantity->columns[0]), testing::Contains("-3.07"));
}

TEST(Parquet, HashesRecordsByTheirValuesAndTheColumnsTheyStandIn) {
  const Folder folder;
  const auto numbers = array_of<arrow::Int64Builder, std::int64_t>({1, 2, 1, 1, std::nullopt});
  const auto reals = array_of<arrow::DoubleBuilder, double>({2, 1, 2, std::nullopt, 1});
  write_parquet(folder, "t.parquet",
                arrow::Table::Make(arrow::schema({arrow::field("n", arrow::int64()),
                                                  arrow::field("r", arrow::float64())}),
                                   {numbers, reals}));
  const auto source = open_source(*expand({"t.parquet"}, folder.path()), {});
  const auto hashes_of = [&](const std::vector<table::ColumnRequest>& columns) {
    EXPECT_TRUE((*source)->read({.columns = columns, .record_hash = true}).has_value());
    return (*source)->take_record_hashes();
  };
  const auto hashes = hashes_of({{"n", Reading::Count}});
  EXPECT_EQ(hashes[0], hashes[2]);
  EXPECT_EQ(std::set(hashes.begin(), hashes.end()).size(), 4);
  EXPECT_EQ(hashes_of({{"r", Reading::Inferred}, {"n", Reading::Count}, {"r", Reading::Text}}),
            hashes)
      << "what is asked for does not matter";
  EXPECT_THAT(*(*source)->cells(1, std::vector<std::int64_t>{4, 3, 0}), ElementsAre("1", "", "2"));
}

TEST(Parquet, MatchesTheColumnsOfSeveralFilesByName) {
  const Folder folder;
  const auto number = arrow::field("n", arrow::int64());
  const auto word = arrow::field("w", arrow::utf8());
  const auto numbers = array_of<arrow::Int64Builder, std::int64_t>({1, 2, 3});
  const auto words = array_of<arrow::StringBuilder, std::string>({"x", std::nullopt, "y"});
  write_parquet(folder, "a.parquet",
                arrow::Table::Make(arrow::schema({number, word}), {numbers, words}));
  write_parquet(folder, "b.parquet",
                arrow::Table::Make(arrow::schema({word, number}), {words, numbers}));
  const auto table = read(folder, "?.parquet", {{"w", Reading::Text}, {"n", Reading::Count}});
  ASSERT_TRUE(table.has_value()) << table.error().to_string();
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("x", "-", "y", "x", "-", "y"));
  EXPECT_THAT(cells(table->columns[1]), ElementsAre("1", "2", "3", "1", "2", "3"));
  write_parquet(folder, "c.parquet", arrow::Table::Make(arrow::schema({word}), {words}));
  EXPECT_THAT(read(folder, "?.parquet", {{"n", Reading::Count}}).error().message,
              HasSubstr("the columns are not those of a.parquet"));
}

TEST(Parquet, ReadsAndHashesAlikeHoweverRowsAreGroupedAndTextsEncoded) {
  // Texts that outgrow the dictionary of a row group, runs of equal ones, and missing ones.
  std::vector<std::optional<std::string>> texts;
  for (int i = 0; i < 3000; ++i) {
    texts.push_back(i % 11 == 0 ? std::nullopt : std::optional("C" + std::to_string(i / 4 % 700)));
  }
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("order", arrow::utf8())}),
                                        {array_of<arrow::StringBuilder, std::string>(texts)});
  const Folder folder;
  std::vector<std::string> expected;
  std::vector<std::uint64_t> expected_hashes;
  for (const std::int64_t dictionary_bytes : {64, 1 << 20}) {
    for (const std::int64_t group_rows : {7, 1000, 3000}) {
      auto out = arrow::io::FileOutputStream::Open(folder.path() + "/t.parquet").ValueOrDie();
      const auto properties = ::parquet::WriterProperties::Builder()
                                  .dictionary_pagesize_limit(dictionary_bytes)
                                  ->build();
      ASSERT_TRUE(::parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), out,
                                               group_rows, properties)
                      .ok());
      ASSERT_TRUE(out->Close().ok());
      const auto source = open_source(*expand({"t.parquet"}, folder.path()), {.threads = 2});
      for (const Reading reading : {Reading::Identifier, Reading::Text}) {
        const auto read = (*source)->read({.columns = {{"order", reading}}, .record_hash = true});
        ASSERT_TRUE(read.has_value()) << read.error().to_string();
        const auto hashes = (*source)->take_record_hashes();
        if (expected.empty()) {
          expected = cells(read->columns[0]);
          expected_hashes = hashes;
        }
        EXPECT_EQ(cells(read->columns[0]), expected);
        EXPECT_EQ(hashes, expected_hashes);
      }
      const std::vector<std::int64_t> rows = {2999, 0, 1, 2998, 12, 1};
      EXPECT_THAT(*(*source)->cells(0, rows), ElementsAre("C49", "", "C0", "C49", "C3", "C0"));
    }
  }
}

TEST(Parquet, HashesNumbersAlikeBesideThoseThatDoNotFit) {
  std::vector<std::optional<std::uint64_t>> numbers;
  std::vector<std::optional<std::string>> decimals;
  for (int i = 0; i < 3000; ++i) {
    numbers.emplace_back(7);
    decimals.emplace_back("7.50");
  }
  // In blocks of their own, and at the rows' ends twice.
  for (const std::size_t row : {1500U, 1501U, 2999U}) {
    numbers[row] = (std::uint64_t{1} << 63) + 5;
    decimals[row] = "123456789012345678901.50";
  }
  numbers[1501].reset();
  decimals[1501].reset();
  arrow::Decimal128Builder builder(arrow::decimal128(30, 2));
  for (const auto& decimal : decimals) {
    ASSERT_TRUE(
        (decimal ? builder.Append(arrow::Decimal128(*decimal)) : builder.AppendNull()).ok());
  }
  const Folder folder;
  for (const auto& column :
       {array_of<arrow::UInt64Builder, std::uint64_t>(numbers), builder.Finish().ValueOrDie()}) {
    write_parquet(folder, "t.parquet",
                  arrow::Table::Make(arrow::schema({arrow::field("n", column->type())}), {column}));
    const auto source = open_source(*expand({"t.parquet"}, folder.path()), {.threads = 2});
    ASSERT_TRUE((*source)->read({.columns = {{"n", Reading::Text}}, .record_hash = true}));
    const auto hashes = (*source)->take_record_hashes();
    EXPECT_EQ(std::ranges::count(hashes, hashes[0]), 2997) << column->type()->ToString();
    EXPECT_EQ(hashes[1500], hashes[2999]);
    EXPECT_EQ((std::set{hashes[0], hashes[1500], hashes[1501]}.size()), 3U);
  }
}

TEST(Parquet, ReadsTimesAsTheyAreStoredWhateverUnitAndZone) {
  const Folder folder;
  const auto seconds =
      array_of(std::vector<std::optional<std::int64_t>>{86399, -1},
               arrow::TimestampBuilder(arrow::timestamp(arrow::TimeUnit::SECOND, "Europe/London"),
                                       arrow::default_memory_pool()));
  const auto nanos = array_of(std::vector<std::optional<std::int64_t>>{1'500, -1},
                              arrow::TimestampBuilder(arrow::timestamp(arrow::TimeUnit::NANO),
                                                      arrow::default_memory_pool()));
  write_parquet(folder, "t.parquet",
                arrow::Table::Make(arrow::schema({arrow::field("s", seconds->type()),
                                                  arrow::field("n", nanos->type())}),
                                   {seconds, nanos}));
  const auto table = read(folder, "t.parquet",
                          {{"s", Reading::Day}, {"s", Reading::Moment}, {"n", Reading::Inferred}});
  ASSERT_TRUE(table.has_value()) << table.error().to_string();
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("1970-01-01", "1969-12-31"));
  EXPECT_THAT(cells(table->columns[1]), ElementsAre("1970-01-01 23:59:59", "1969-12-31 23:59:59"));
  EXPECT_THAT(cells(table->columns[2]),
              ElementsAre("1970-01-01 00:00:00.000001", "1969-12-31 23:59:59.999999"));
}

TEST(Parquet, ReadsDecimalsDictionariesAndLargeText) {
  const Folder folder;
  arrow::Decimal128Builder decimals(arrow::decimal128(12, 2));
  for (const char* const text : {"12.30", "-0.05"})
    ASSERT_TRUE(decimals.Append(arrow::Decimal128::FromString(text).ValueOrDie()).ok());
  arrow::StringDictionaryBuilder coded;
  for (const char* const text : {"x", "y"}) ASSERT_TRUE(coded.Append(text).ok());
  const auto large = array_of<arrow::LargeStringBuilder, std::string>({"31/12/2011", "1/12/2011"});
  const auto money = decimals.Finish().ValueOrDie();
  const auto codes = coded.Finish().ValueOrDie();
  write_parquet(folder, "t.parquet",
                arrow::Table::Make(arrow::schema({arrow::field("m", money->type()),
                                                  arrow::field("c", codes->type()),
                                                  arrow::field("d", large->type())}),
                                   {money, codes, large}),
                1);
  const auto table = read(
      folder, "t.parquet",
      {{"m", Reading::Money}, {"c", Reading::Text}, {"d", Reading::Day}, {"c", Reading::Views}});
  ASSERT_TRUE(table.has_value()) << table.error().to_string();
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("12.30", "-0.05"));
  EXPECT_THAT(cells(table->columns[1]), ElementsAre("x", "y"));
  EXPECT_THAT(cells(table->columns[2]), ElementsAre("2011-12-31", "2011-12-01"));
  EXPECT_THAT(cells(table->columns[3]), ElementsAre("x", "y"));
}

TEST(Parquet, RefusesNestedColumnsOnlyWhenTheyAreAskedFor) {
  const Folder folder;
  auto values = std::make_shared<arrow::Int64Builder>();
  arrow::ListBuilder lists(arrow::default_memory_pool(), values);
  ASSERT_TRUE(lists.Append().ok() && values->Append(1).ok());
  const auto nested = lists.Finish().ValueOrDie();
  const auto flat = array_of<arrow::Int64Builder, std::int64_t>({5});
  write_parquet(folder, "t.parquet",
                arrow::Table::Make(arrow::schema({arrow::field("list", nested->type()),
                                                  arrow::field("n", flat->type())}),
                                   {nested, flat}));
  const auto table = read(folder, "t.parquet", {{"n", Reading::Count}});
  ASSERT_TRUE(table.has_value()) << table.error().to_string();
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("5"));
  EXPECT_THAT(read(folder, "t.parquet", {{"list", Reading::Inferred}}).error().message,
              HasSubstr("nested"));
}

TEST(Parquet, OfACutOffFileIsAnError) {
  const Folder folder;
  const auto numbers = array_of<arrow::Int64Builder, std::int64_t>({1, 2, 3, 4});
  write_parquet(folder, "t.parquet",
                arrow::Table::Make(arrow::schema({arrow::field("n", numbers->type())}), {numbers}));
  std::ifstream in(folder.path() + "/t.parquet", std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(in), {});
  for (const std::size_t size :
       {std::size_t{4}, std::size_t{20}, whole.size() / 2, whole.size() - 1}) {
    folder.write("cut.parquet", std::string_view(whole).substr(0, size));
    EXPECT_EQ(read(folder, "cut.parquet", {{"n", Reading::Count}}).error().code, ErrorCode::Input)
        << size;
  }
}

RC_GTEST_PROP(Parquet, ReadsAsTheCsvFileOfTheSameData, ()) {
  const auto rows = *rc::gen::inRange<std::size_t>(1, 60);
  const auto maybe = [&](auto value) {
    return *rc::gen::inRange(0, 8) == 0 ? std::optional<decltype(value)>() : std::optional(value);
  };
  std::vector<std::optional<double>> reals;
  std::vector<std::optional<std::int64_t>> wholes;
  std::vector<std::optional<std::string>> texts;
  std::vector<std::optional<std::int32_t>> days;
  std::string csv = "real,whole,text,day\n";
  const std::int64_t divisor = *rc::gen::elementOf(std::vector<std::int64_t>{1, 10, 100, 1000});
  for (std::size_t i = 0; i < rows; ++i) {
    reals.push_back(maybe(static_cast<double>(*rc::gen::inRange<std::int64_t>(-99'999, 99'999)) /
                          static_cast<double>(divisor)));
    wholes.push_back(maybe(*rc::gen::inRange<std::int64_t>(-5000, 5000)));
    texts.push_back(
        maybe(*rc::gen::elementOf(std::vector<std::string>{"x", "y z", "007", "12", "true"})));
    days.push_back(maybe(*rc::gen::inRange(0, 20'000)));
    const auto put = [&](const auto& array, auto value, char after) {
      if (value.back())
        csv += array->GetScalar(static_cast<std::int64_t>(0)).ValueOrDie()->ToString();
      csv += after;
    };
    put(array_of<arrow::DoubleBuilder, double>({reals.back().value_or(0)}), reals, ',');
    put(array_of<arrow::Int64Builder, std::int64_t>({wholes.back().value_or(0)}), wholes, ',');
    put(array_of<arrow::StringBuilder, std::string>({texts.back().value_or("")}), texts, ',');
    put(array_of<arrow::Date32Builder, std::int32_t>({days.back().value_or(0)}), days, '\n');
  }
  const Folder folder;
  folder.write("t.csv", csv);
  write_parquet(folder, "t.parquet",
                arrow::Table::Make(arrow::schema({arrow::field("real", arrow::float64()),
                                                  arrow::field("whole", arrow::int64()),
                                                  arrow::field("text", arrow::utf8()),
                                                  arrow::field("day", arrow::date32())}),
                                   {array_of<arrow::DoubleBuilder, double>(reals),
                                    array_of<arrow::Int64Builder, std::int64_t>(wholes),
                                    array_of<arrow::StringBuilder, std::string>(texts),
                                    array_of<arrow::Date32Builder, std::int32_t>(days)}),
                *rc::gen::inRange(1, 70));
  const std::vector<table::ColumnRequest> columns = {
      {"real", Reading::Money},       {"real", Reading::Quantity}, {"real", Reading::Inferred},
      {"whole", Reading::Identifier}, {"whole", Reading::Count},   {"whole", Reading::Text},
      {"text", Reading::Inferred},    {"text", Reading::Text},     {"day", Reading::Day},
      {"day", Reading::Moment},       {"day", Reading::Inferred},  {"text", Reading::Personal}};
  const auto from_csv = read(folder, "t.csv", columns);
  const auto from_parquet = read(folder, "t.parquet", columns);
  if (!from_csv || !from_parquet)
    RC_FAIL("cannot be read: " + (from_csv ? from_parquet : from_csv).error().to_string());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& expected = from_csv->columns[i];
    const auto& column = from_parquet->columns[i];
    RC_LOG() << columns[i].name << " by reading " << static_cast<int>(columns[i].reading) << "\n"
             << csv;
    RC_ASSERT(column.column.view.type == expected.column.view.type);
    RC_ASSERT(column.column.view.scale == expected.column.view.scale);
    RC_ASSERT(cells(column) == cells(expected));
    RC_ASSERT(column.missing == expected.missing);
    RC_ASSERT(column.unreadable == expected.unreadable);
  }
}

/// The reference data where they are; see the documentation of each for the figures.
std::string shared_data() {
  const char* const folder = std::getenv("QUINTILE_SHARED_DATA");
  return fs::absolute(folder != nullptr ? folder : "../shared/data").string();
}

TEST(ReferenceData, HaveTheKnownTotals) {
  if (!fs::exists(shared_data())) GTEST_SKIP() << "no reference data at " << shared_data();
  struct Known {
    const char* path;
    const char* amount;
    const char* day;
    std::int64_t rows;
    std::int64_t total;
    int scale;
    std::size_t unreadable;
  };
  for (const Known& known :
       {Known{"cdnow/CDNOW_master.txt", "dollar_value", "date", 69'659, 250'031'563, 2, 0},
        Known{"cdnow/CDNOW_sample.txt", "column_5", "column_3", 6'919, 24'409'194, 2, 0},
        Known{"superstore_orders/sample-orders.csv", "grand_total", "order_date", 5'009, 2'297'261,
              0, 0},
        Known{"r_rfm/rfm_data_orders.csv", "revenue", "order_date", 4'906, 464'158, 0, 0}}) {
    const auto files = expand({known.path}, shared_data());
    ASSERT_TRUE(files.has_value());
    const auto source = open_source(*files, {});
    ASSERT_TRUE(source.has_value()) << source.error().to_string();
    const auto table =
        (*source)->read({.columns = {{known.amount, Reading::Money}, {known.day, Reading::Day}}});
    ASSERT_TRUE(table.has_value()) << table.error().to_string();
    EXPECT_EQ(table->rows, known.rows) << known.path;
    EXPECT_EQ(table->columns[0].column.view.scale, known.scale) << known.path;
    std::int64_t total = 0;
    for (const std::int64_t amount : table->columns[0].column.view.values<std::int64_t>())
      total += amount;
    EXPECT_EQ(total, known.total) << known.path;
    EXPECT_EQ(table->columns[0].unreadable.size(), known.unreadable);
    EXPECT_EQ(table->columns[1].unreadable.size(), 0U);
  }
}

}  // namespace
}  // namespace quintile::io
