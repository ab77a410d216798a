#include "quintile/io/csv/csv_source.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace quintile::io::csv {
namespace {

using table::Reading;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A file that goes when the test does.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    static int number = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("quintile_csv_" + std::to_string(::getpid()) + "_" + std::to_string(number++));
    write(text);
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  void write(std::string_view text) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << text;
  }
  [[nodiscard]] InputPath input() const { return {.name = "data.csv", .path = path_}; }

 private:
  std::filesystem::path path_;
};

Result<std::unique_ptr<table::Source>> open(const std::vector<InputPath>& paths,
                                            const OpenOptions& options = {}) {
  std::vector<std::unique_ptr<File>> files;
  for (const auto& path : paths) {
    QUINTILE_TRY(auto file, File::open(path));
    files.push_back(std::move(file));
  }
  return open_csv(std::move(files), options);
}

Result<table::Table> read(std::string_view text, std::vector<table::ColumnRequest> columns,
                          const OpenOptions& options = {}, std::string date_format = "auto") {
  const TemporaryFile file(text);
  QUINTILE_TRY(const auto source, open({file.input()}, options));
  return source->read({.columns = std::move(columns), .date_format = std::move(date_format)});
}

std::vector<std::string> cells(const table::ReadColumn& column) {
  std::vector<std::string> texts;
  for (std::int64_t row = 0; row < column.column.size(); ++row)
    texts.push_back(column.column.is_valid(row) ? column.column.cell(row) : "-");
  return texts;
}

/// The one column `a` of `lines`.
table::ReadColumn read_lines(const std::vector<std::string>& lines, Reading reading) {
  std::string text = "a;b\n";
  for (const auto& line : lines) text += line + ";x\n";
  auto table = read(text, {{"a", reading}});
  EXPECT_TRUE(table.has_value()) << table.error().to_string();
  return std::move(table->columns.at(0));
}

TEST(CsvReading, KeepsQuotedDelimitersLineEndsAndQuotes) {
  const auto table = read("a,b\n\"x,y\",\"l1\nl2\"\n\"he said \"\"no\"\"\",\"\"\n",
                          {{"a", Reading::Text}, {"b", Reading::Text}});
  ASSERT_TRUE(table.has_value()) << table.error().to_string();
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("x,y", "he said \"no\""));
  EXPECT_THAT(cells(table->columns[1]), ElementsAre("l1\nl2", "-"));
  EXPECT_EQ(table->columns[1].missing, 1);
}

TEST(CsvReading, TakesAnyLineEndAndSkipsEmptyLines) {
  for (const char* const text :
       {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4", "a,b\r1,2\r3,4\r", "\n\na,b\n\n1,2\r\n\r\n3,4\n\n",
        "\xEF\xBB\xBF"
        "a,b\n1,2\n3,4"}) {
    const auto table = read(text, {{"a", Reading::Count}, {"b", Reading::Count}});
    ASSERT_TRUE(table.has_value()) << table.error().to_string();
    EXPECT_THAT(cells(table->columns[0]), ElementsAre("1", "3")) << text;
    EXPECT_THAT(cells(table->columns[1]), ElementsAre("2", "4")) << text;
  }
}

TEST(CsvReading, TakesAQuoteInsideAnUnquotedCellAsText) {
  const auto table = read("size,n\n12\" plate,1\n\"10\"\" plate\",2\n",
                          {{"size", Reading::Views}, {"n", Reading::Count}});
  ASSERT_TRUE(table.has_value()) << table.error().to_string();
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("12\" plate", "10\" plate"));
}

TEST(CsvReading, HasNoRowsInAHeaderAlone) {
  const auto table = read("a,b\n", {{"a", Reading::Inferred}});
  ASSERT_TRUE(table.has_value()) << table.error().to_string();
  EXPECT_EQ(table->rows, 0);
}

struct Broken {
  const char* text;
  const char* place;
  const char* message;
};

TEST(CsvErrors, NameThePlaceAndBothCounts) {
  for (const Broken& c :
       {Broken{"a,b\n1,2\n3\n", "data.csv:3:2", "1 cells where the header has 2"},
        Broken{"a,b\r\n1,2,3\r\n", "data.csv:2:5", "3 cells where the header has 2"},
        Broken{"a,b\n1,\"2\n3,4\n", "data.csv:2:3", "nothing closes"},
        Broken{"a,b\n\"1\"x,2\n", "data.csv:2:4", "follows a closing quote"},
        Broken{"a,a\n1,2\n", "data.csv:1:1", "same name"},
        Broken{"a,b\n1,2\n3,\xFF\n", "data.csv:3:3", "not UTF-8"}, Broken{"", "data.csv", "empty"},
        Broken{"\n\n", "data.csv", "nothing but line ends"}}) {
    const auto table = read(c.text, {{"a", Reading::Views}}, {.encoding = Encoding::Utf8});
    ASSERT_FALSE(table.has_value()) << c.text;
    EXPECT_EQ(table.error().code, ErrorCode::Input);
    EXPECT_EQ(table.error().place.to_string(), c.place) << table.error().message;
    EXPECT_THAT(table.error().message, HasSubstr(c.message));
  }
}

TEST(CsvErrors, RefuseZeroBytes) {
  const auto table = read(std::string_view("a,b\n1,2\n3,\0x\n", 13), {{"a", Reading::Views}});
  ASSERT_FALSE(table.has_value());
  EXPECT_EQ(table.error().place.to_string(), "data.csv:3:3");
}

TEST(CsvErrors, SuggestTheNearestColumn) {
  const auto table = read("customer_id,total\n1,2\n", {{"customerid", Reading::Views}});
  ASSERT_FALSE(table.has_value());
  EXPECT_THAT(table.error().advice, HasSubstr("did you mean customer_id?"));
}

TEST(CsvErrors, RefuseAmountsBeyondTheLimitWithTheirPlace) {
  const auto table = read("id,paid\n1,5.00\n2,10000000000000000.00\n", {{"paid", Reading::Money}});
  ASSERT_FALSE(table.has_value());
  EXPECT_EQ(table.error().place.to_string(), "data.csv:3:3");
  EXPECT_THAT(table.error().message, HasSubstr("10^18"));
}

TEST(CsvErrors, SayWhenTheFileChangedMeanwhile) {
  const TemporaryFile file("a\n1\n");
  const auto source = open({file.input()});
  ASSERT_TRUE(source.has_value());
  file.write("a\n1\n2\n");
  const auto table = (*source)->read({.columns = {{"a", Reading::Count}}});
  ASSERT_FALSE(table.has_value());
  // The digest is made from the start and may have met the file while it was cut off.
  EXPECT_THAT(table.error().message, testing::AnyOf(HasSubstr("changed while it was read"),
                                                    HasSubstr("became shorter while it was read")));
}

TEST(Inference, GoesByTheReadableMajority) {
  EXPECT_EQ(read_lines({"1", "2", "x"}, Reading::Inferred).column.view.type, Type::Integer);
  EXPECT_EQ(read_lines({"1", "x"}, Reading::Inferred).column.view.type, Type::Text);
  EXPECT_EQ(read_lines({"1", "2.5", ""}, Reading::Inferred).column.view.type, Type::Real);
  EXPECT_EQ(read_lines({"2011-01-01", "2011-01-02", "?"}, Reading::Inferred).column.view.type,
            Type::Date);
  EXPECT_EQ(read_lines({"2011-01-01 10:00", "2011-01-02", "?"}, Reading::Inferred).column.view.type,
            Type::Timestamp);
  EXPECT_EQ(read_lines({"true", "FALSE", "n/a"}, Reading::Inferred).column.view.type,
            Type::Boolean);
  EXPECT_EQ(read_lines({"01234", "12345"}, Reading::Inferred).column.view.type, Type::Text);
  EXPECT_EQ(read_lines({"", " "}, Reading::Inferred).column.view.type, Type::Text);
}

TEST(Inference, ChangesItsMindAtTheEndOfAFile) {
  // 3000 numbers, then 4000 texts: any sample of the first rows is wrong.
  std::string text = "a,b\n";
  for (int i = 0; i < 3000; ++i) text += "1,1\n";
  for (int i = 0; i < 4000; ++i) text += "x,2.5\n";
  for (const std::int64_t chunk : {512, 100'000}) {
    const auto table =
        read(text, {{"a", Reading::Inferred}, {"b", Reading::Inferred}}, {.chunk_bytes = chunk});
    ASSERT_TRUE(table.has_value());
    EXPECT_EQ(table->columns[0].column.view.type, Type::Text);
    EXPECT_EQ(table->columns[0].column.cell(0), "1");
    EXPECT_EQ(table->columns[1].column.view.type, Type::Real);
    EXPECT_EQ(table->columns[1].unreadable.size(), 0U);
  }
}

/// 20,000 rows, `usual(row)` in all of them but one that no sample sees.
Result<table::Table> read_surprise(const std::function<std::string(int)>& usual,
                                   const std::string& surprise) {
  std::string text = "a\n";
  for (int row = 0; row < 20'000; ++row) text += (row == 6'000 ? surprise : usual(row)) + "\n";
  return read(text, {{"a", Reading::Inferred}}, {.threads = 2, .chunk_bytes = 4096});
}

TEST(NarrowColumns, AreAsWideAsTheSampleAndSomeMoreNeeds) {
  const auto layout_of = [](const std::string& number) {
    return read_lines({"0", number}, Reading::Inferred).column.view.layout;
  };
  EXPECT_EQ(layout_of("31"), Layout::Int8);
  EXPECT_EQ(layout_of("-32"), Layout::Int16);
  EXPECT_EQ(layout_of("8191"), Layout::Int16);
  EXPECT_EQ(layout_of("8192"), Layout::Int32);
  EXPECT_EQ(layout_of("536870912"), Layout::Int64);
  EXPECT_EQ(read_lines({"x", "y"}, Reading::Inferred).column.view.layout, Layout::Codes8);
  EXPECT_EQ(read_lines({"5", "6"}, Reading::Count).column.view.layout, Layout::Int64);
}

TEST(NarrowColumns, AreReadAgainWhereANumberDoesNotFit) {
  for (const std::string number :
       {"127", "-128", "128", "-129", "32768", "2147483648", "-999999999999999999"}) {
    const auto table = read_surprise([](int row) { return std::to_string(row % 7); }, number);
    ASSERT_TRUE(table.has_value());
    const table::Column& column = table->columns[0].column;
    EXPECT_EQ(column.view.layout,
              number == "127" || number == "-128" ? Layout::Int8 : Layout::Int64);
    EXPECT_EQ(column.cell(6'000), number);
    EXPECT_EQ(column.cell(6'001), "2");
    EXPECT_EQ(column.cell(19'999), "0");
    EXPECT_EQ(table->columns[0].unreadable.size(), 0U);
  }
}

TEST(NarrowColumns, AreReadAgainWhereTextsAreTooMany) {
  for (const int texts : {256, 257}) {
    std::string text = "a\n";
    const auto cell = [&](int row) {
      return "t" + std::to_string(row > 3'000 && row < 6'000 ? row % texts : 0);
    };
    for (int row = 0; row < 20'000; ++row) text += cell(row) + "\n";
    const auto table = read(text, {{"a", Reading::Inferred}}, {.threads = 2, .chunk_bytes = 2048});
    ASSERT_TRUE(table.has_value());
    const table::Column& column = table->columns[0].column;
    EXPECT_EQ(column.view.layout, texts == 256 ? Layout::Codes8 : Layout::Codes);
    for (const int row : {0, 3'001, 5'999, 6'000, 19'999}) EXPECT_EQ(column.cell(row), cell(row));
  }
}

TEST(Inference, CountsWhatDoesNotFit) {
  const auto column = read_lines({"1", "NA", "", "3", "4"}, Reading::Inferred);
  EXPECT_THAT(cells(column), ElementsAre("1", "-", "-", "3", "4"));
  EXPECT_THAT(column.unreadable, ElementsAre(1));
  EXPECT_EQ(column.missing, 1);
}

TEST(Identifiers, AreNumbersOnlyWhenAllArePlain) {
  EXPECT_EQ(read_lines({"12", "345"}, Reading::Identifier).column.view.type, Type::Integer);
  EXPECT_THAT(cells(read_lines({"12", "0345"}, Reading::Identifier)), ElementsAre("12", "0345"));
  EXPECT_THAT(cells(read_lines({"12", "A1"}, Reading::Identifier)), ElementsAre("12", "A1"));
}

TEST(MoneyScale, IsTheMostDigitsSeenUpToFour) {
  EXPECT_EQ(read_lines({"1.50", "2.00", "3"}, Reading::Money).column.view.scale, 2);
  EXPECT_EQ(read_lines({"1", "2", "3.5"}, Reading::Money).column.view.scale, 1);
  EXPECT_THAT(cells(read_lines({"1.50", "2.00", "3.125"}, Reading::Money)),
              ElementsAre("1.500", "2.000", "3.125"));
  const auto column = read_lines({"1.50", "2.00", "3.12345"}, Reading::Money);
  EXPECT_THAT(cells(column), ElementsAre("1.5000", "2.0000", "-"));
  EXPECT_THAT(column.unreadable, ElementsAre(2));
}

TEST(DecimalMark, IsFoundByWhatCanOnlyBeSo) {
  EXPECT_THAT(cells(read_lines({"1.234,50", "7,25", "1.000"}, Reading::Money)),
              ElementsAre("1234.50", "7.25", "1000.00"));
  EXPECT_THAT(cells(read_lines({"1,234.50", "7.25", "1,000"}, Reading::Money)),
              ElementsAre("1234.50", "7.25", "1000.00"));
  EXPECT_THAT(cells(read_lines({"1.234", "5.678"}, Reading::Money)), ElementsAre("1.234", "5.678"));
  EXPECT_THAT(read_lines({"1,234", "5,678"}, Reading::Money).unreadable, ElementsAre(0, 1));
  EXPECT_THAT(read_lines({"1.50", "2.25", "3,75"}, Reading::Money).unreadable, ElementsAre(2));
}

TEST(Quantities, HaveTheScaleThatTheyNeed) {
  EXPECT_EQ(read_lines({"6", "8.00"}, Reading::Quantity).column.view.scale, 0);
  EXPECT_THAT(cells(read_lines({"6", "0.125"}, Reading::Quantity)), ElementsAre("6.000", "0.125"));
  EXPECT_THAT(read_lines({"6", "0.1234567"}, Reading::Quantity).unreadable, ElementsAre(1));
}

TEST(Dates, TakeTheOrderThatSomeDateDecides) {
  EXPECT_THAT(cells(read_lines({"3/4/11", "3/14/11"}, Reading::Day)),
              ElementsAre("2011-03-04", "2011-03-14"));
  EXPECT_THAT(cells(read_lines({"3/4/11", "14/3/11"}, Reading::Day)),
              ElementsAre("2011-04-03", "2011-03-14"));
  EXPECT_THAT(cells(read_lines({"3.4.2011", "2011-05-06"}, Reading::Day)),
              ElementsAre("2011-04-03", "2011-05-06"));
}

TEST(Dates, ThatStayAmbiguousAreAnErrorWithBothReadings) {
  const auto table = read("id,day\n1,3/4/2011\n", {{"day", Reading::Day}});
  ASSERT_FALSE(table.has_value());
  EXPECT_EQ(table.error().place.to_string(), "data.csv:2:3");
  EXPECT_THAT(table.error().message, HasSubstr("2011-04-03"));
  EXPECT_THAT(table.error().message, HasSubstr("2011-03-04"));
  EXPECT_TRUE(read("id,day\n1,3/4/2011\n", {{"day", Reading::Day}}, {}, "%d/%m/%Y").has_value());
}

TEST(Dates, OfBothOrdersAreAnErrorWithBothRows) {
  const auto table = read("day,x\n31/1/2011,1\n1/31/2011,1\n", {{"day", Reading::Day}});
  ASSERT_FALSE(table.has_value());
  EXPECT_THAT(table.error().message,
              HasSubstr("'31/1/2011' in data row 1 and '1/31/2011' in data row 2"));
}

TEST(Dates, OutsideYears1To9999AreUnreadable) {
  EXPECT_THAT(read_lines({"2011-01-01", "0000-01-01", "10000-01-01", "9999-12-31"}, Reading::Day)
                  .unreadable,
              ElementsAre(1, 2));
}

TEST(PersonalCells, AreEqualAfterTrimmingAndCaseFolding) {
  const auto column = read_lines({"Ann Lee", " ann LEE", "\xC3\x89VA", "\xC3\xA9va", "Ann Lea", ""},
                                 Reading::Personal)
                          .column;
  const auto hashes = column.view.values<std::int64_t>();
  EXPECT_EQ(hashes[0], hashes[1]);
  EXPECT_EQ(hashes[2], hashes[3]);
  EXPECT_NE(hashes[0], hashes[4]);
  EXPECT_FALSE(column.is_valid(5));
}

TEST(Encodings, AreToldByTheirLetters) {
  const auto name = [](std::string_view text, OpenOptions options = {}) {
    const auto table = read(text, {{"name", Reading::Views}}, options);
    return table ? table->columns[0].column.cell(0) : table.error().to_string();
  };
  EXPECT_EQ(name("name,n\nFranz\x9Asisch,1\n"), "Französisch");  // Mac OS Roman
  EXPECT_EQ(name("name,n\nFranz\xF6sisch,1\n"), "Französisch");  // Windows-1252
  EXPECT_EQ(name("name,n\nO\x92Hara,1\n"), "O’Hara");  // Windows-1252, for no letter speaks
  EXPECT_EQ(name("name,n\nFranz\xC3\xB6sisch,1\n"), "Französisch");          // UTF-8
  EXPECT_EQ(name(std::string_view("n\0a\0m\0e\0\n\0\xF6\0\n\0", 14)), "ö");  // UTF-16, no mark
  EXPECT_EQ(name(std::string_view("\xFE\xFF\0n\0a\0m\0e\0\n\x26\x3A\0\n", 16)),
            "☺");  // UTF-16, big end first
  EXPECT_EQ(name("name,n\nFranz\x9Asisch,1\n", {.encoding = Encoding::Windows1252}), "Franzšsisch");
}

TEST(Encodings, OfMostlyUtf8WithAStrayByteAreAnError) {
  const auto table =
      read("name,n\nFranz\xC3\xB6sisch,1\nJos\xC3\xA9,2\nbad\xFF,3\n", {{"name", Reading::Views}});
  ASSERT_FALSE(table.has_value());
  EXPECT_EQ(table.error().place.to_string(), "data.csv:4:4");
}

TEST(Headers, AreMissedWhereAllOfTheFirstRowIsNumbersAndDates) {
  const auto table = read(" 00004 19970101  29.33\r\n 00021 19970102  5.00\r\n",
                          {{"column_1", Reading::Identifier}, {"column_3", Reading::Money}});
  ASSERT_TRUE(table.has_value()) << table.error().to_string();
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("00004", "00021"));
  EXPECT_THAT(cells(table->columns[1]), ElementsAre("29.33", "5.00"));
}

TEST(Headers, OfNumbersAreNamesWhenTheyAreAskedFor) {
  const auto table = read("2019,2020\n1,2\n", {{"2020", Reading::Count}});
  ASSERT_TRUE(table.has_value()) << table.error().to_string();
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("2"));
}

TEST(SeveralFiles, AreOneTable) {
  const TemporaryFile first("a,b\n1,x\n2,y\n"), second("a;b\n3;\"y\"\n"), other("a,c\n1,2\n");
  const auto source = open({first.input(), second.input()});
  ASSERT_TRUE(source.has_value()) << source.error().to_string();
  const auto table = (*source)->read(
      {.columns = {{"a", Reading::Count}, {"b", Reading::Text}}, .record_hash = true});
  ASSERT_TRUE(table.has_value());
  EXPECT_THAT(cells(table->columns[0]), ElementsAre("1", "2", "3"));
  EXPECT_THAT(cells(table->columns[1]), ElementsAre("x", "y", "y"));
  EXPECT_EQ(table->origin.of(2).number, 1);
  EXPECT_EQ((*source)->facts().sha256.size(), 2U);
  EXPECT_FALSE(open({first.input(), other.input()}).has_value());
}

TEST(Records, HashAlikeHoweverTheyAreQuoted) {
  const TemporaryFile file("a,b\n1,\"x\"\n\"1\",x\n1,y\n");
  const auto source = open({file.input()});
  ASSERT_TRUE(
      (*source)->read({.columns = {{"a", Reading::Count}}, .record_hash = true}).has_value());
  const auto hashes = (*source)->take_record_hashes();
  EXPECT_EQ(hashes[0], hashes[1]);
  EXPECT_NE(hashes[0], hashes[2]);
  EXPECT_THAT(*(*source)->cells(0, std::vector<std::int64_t>{2, 1}), ElementsAre("1", "1"));
  EXPECT_THAT(*(*source)->cells(1, std::vector<std::int64_t>{2, 1}), ElementsAre("y", "x"));
}

/// A cell as a file might have it.
rc::Gen<std::string> any_cell() {
  return rc::gen::oneOf(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab ,;\"\n\r"))),
      rc::gen::map(rc::gen::inRange(-5000, 5000), [](int n) { return std::to_string(n); }),
      rc::gen::elementOf(std::vector<std::string>{"", "1.50", "2011-03-04", "true", "007", "1e3"}));
}

std::string quoted(const std::string& cell) {
  std::string text = "\"";
  for (const char c : cell) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

RC_GTEST_PROP(CsvReading, GivesBackWhatWasWrittenWhateverChunksAndThreads, ()) {
  const auto rows = *rc::gen::container<std::vector<std::vector<std::string>>>(
      rc::gen::container<std::vector<std::string>>(3, any_cell()));
  const std::string line_end = *rc::gen::elementOf(std::vector<std::string>{"\n", "\r\n", "\r"});
  std::string text = "a,b,c" + line_end;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool needed = i == 0 || row[i].find_first_of(",\"\r\n") != std::string::npos;
      text += (needed ? quoted(row[i]) : row[i]) + (i + 1 < row.size() ? "," : line_end);
    }
  }
  const TemporaryFile file(text);
  const auto chunk = *rc::gen::elementOf(std::vector<std::int64_t>{64, 65, 100, 100'000});
  const auto source = open(
      {file.input()}, {.delimiter = ',', .threads = *rc::gen::inRange(1, 4), .chunk_bytes = chunk});
  RC_ASSERT(source.has_value());
  const table::ReadRequest request = {.columns = {{"a", Reading::Views},
                                                  {"b", Reading::Text},
                                                  {"c", Reading::Inferred},
                                                  {"b", Reading::Inferred}}};
  const auto table = (*source)->read(request);
  RC_ASSERT(table.has_value());
  RC_ASSERT(table->rows == static_cast<std::int64_t>(rows.size()));
  const auto is_blank = [](const std::string& cell) {
    return cell.find_first_not_of(" \r\n") == std::string::npos;
  };
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string& expected = rows[row][i];
      const auto& column = table->columns[i].column;
      const auto at = static_cast<std::int64_t>(row);
      RC_ASSERT(column.is_valid(at) == !is_blank(expected));
      if (column.is_valid(at)) RC_ASSERT(column.cell(at) == expected);
    }
  }

  // A scan sees the same rows.
  std::mutex mutex;
  std::vector<std::vector<std::string>> scanned(rows.size(),
                                                std::vector<std::string>(request.columns.size()));
  for (int round = 0; round < 2; ++round) {
    RC_ASSERT((*source)
                  ->scan(request,
                         [&](table::Batch&& batch, int) -> Status {
                           const std::lock_guard lock(mutex);
                           for (std::size_t i = 0; i < batch.columns.size(); ++i) {
                             for (std::int64_t row = 0; row < batch.rows; ++row) {
                               scanned[static_cast<std::size_t>(batch.first_row + row)][i] =
                                   batch.columns[i].column.cell(row);
                             }
                           }
                           return {};
                         })
                  .has_value());
    if (!(*source)->types_changed()) break;
    RC_ASSERT(round == 0);
  }
  for (std::size_t i = 0; i < request.columns.size(); ++i) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      RC_ASSERT(scanned[row][i] == table->columns[i].column.cell(static_cast<std::int64_t>(row)));
    }
  }
}

TEST(CsvReading, TellsWhatShareOfAScanIsDone) {
  std::string text = "a\n";
  for (int row = 0; row < 5000; ++row) text += std::to_string(row) + "\n";
  const TemporaryFile file(text);
  std::mutex mutex;
  std::vector<double> shares;
  const auto source =
      open({file.input()}, {.threads = 2, .chunk_bytes = 64, .scanned = [&](double done) {
                              const std::lock_guard lock(mutex);
                              shares.push_back(done);
                            }});
  ASSERT_TRUE(source);
  const table::ReadRequest request{.columns = {{"a", Reading::Count}}};
  ASSERT_TRUE((*source)->scan(request, [](table::Batch&&, int) -> Status { return {}; }));
  EXPECT_EQ(shares.size(), 100U);
  EXPECT_EQ(std::ranges::max(shares), 1);
}

}  // namespace
}  // namespace quintile::io::csv
