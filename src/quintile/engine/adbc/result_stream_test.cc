#include "quintile/engine/adbc/result_stream.h"

#include <array>
#include <cstring>
#include <deque>

#include <gmock/gmock.h>

namespace quintile::engine::adbc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A batch of one column as a driver would lay it out.
class OneColumn {
 public:
  OneColumn(std::string format, std::int64_t length) : format_(std::move(format)) {
    array_.length = length;
    buffers_.push_back(nullptr);
  }
  OneColumn&& valid(std::vector<std::uint8_t> bits) && {
    array_.null_count = -1;  // "not counted"
    buffers_[0] = kept(std::move(bits));
    return std::move(*this);
  }
  OneColumn(OneColumn&&) = default;  // what the buffers point to stays in place
  template <typename T>
  OneColumn&& buffer(std::vector<T> values) && {
    buffers_.push_back(kept(std::move(values)));
    return std::move(*this);
  }
  /// The column begins `offset` rows into its buffers; the batch one more.
  OneColumn&& offset(std::int64_t offset) && {
    array_.offset = offset;
    batch_.offset = 1;
    return std::move(*this);
  }

  Result<sql::Rows> read(Type type) {
    abi::ArrowSchema child{.format = format_.c_str()};
    abi::ArrowSchema* children = &child;
    const abi::ArrowSchema schema{.format = "+s", .n_children = 1, .children = &children};
    const std::array types = {type};
    auto reader = BatchReader::of(schema, types);
    if (!reader) return std::unexpected(reader.error());
    reader_ = std::move(*reader);
    array_.buffers = buffers_.data();
    batch_.length = array_.length;
    abi::ArrowArray* column = &array_;
    batch_.children = &column;
    return reader_.read(batch_);
  }

 private:
  template <typename T>
  const void* kept(std::vector<T> values) {
    std::vector<std::byte> bytes(values.size() * sizeof(T));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return memory_.emplace_back(std::move(bytes)).data();
  }
  std::string format_;
  std::deque<std::vector<std::byte>> memory_;
  std::vector<const void*> buffers_;
  abi::ArrowArray array_{};
  abi::ArrowArray batch_{};
  BatchReader reader_;
};

std::vector<std::int64_t> integers(OneColumn column) {
  const auto rows = column.read(Type::Integer);
  EXPECT_TRUE(rows) << rows.error().to_string();
  std::vector<std::int64_t> values;
  for (std::int64_t row = 0; rows && row < rows->size; ++row)
    values.push_back(rows->columns[0].is_valid(row) ? rows->columns[0].integer(row) : -999);
  return values;
}

std::vector<std::string> texts(OneColumn column) {
  const auto rows = column.read(Type::Text);
  EXPECT_TRUE(rows) << rows.error().to_string();
  std::vector<std::string> values;
  for (std::int64_t row = 0; rows && row < rows->size; ++row)
    values.emplace_back(rows->columns[0].is_valid(row) ? rows->columns[0].text(row) : "(missing)");
  return values;
}

TEST(BatchReader, WidensIntegersOfEveryWidth) {
  EXPECT_THAT(integers(OneColumn("c", 2).buffer<std::int8_t>({-1, 2})), ElementsAre(-1, 2));
  EXPECT_THAT(integers(OneColumn("S", 1).buffer<std::uint16_t>({65535})), ElementsAre(65535));
  EXPECT_THAT(integers(OneColumn("i", 1).buffer<std::int32_t>({-7})), ElementsAre(-7));
  EXPECT_THAT(integers(OneColumn("L", 1).buffer<std::uint64_t>({7})), ElementsAre(7));
  EXPECT_THAT(integers(OneColumn("l", 1).buffer<std::int64_t>({INT64_MIN})),
              ElementsAre(INT64_MIN));
  EXPECT_THAT(integers(OneColumn("n", 2)), ElementsAre(-999, -999));
}

TEST(BatchReader, NarrowsDecimalsAndRefusesWhatIsPast64Bits) {
  EXPECT_THAT(integers(OneColumn("d:38,0", 2).buffer<std::int64_t>({5, 0, -5, -1})),
              ElementsAre(5, -5));
  auto past = OneColumn("d:38,0", 1).buffer<std::int64_t>({INT64_MIN, 0});
  EXPECT_THAT(past.read(Type::Integer).error().message, HasSubstr("past 64 bits"));
  auto unsigned_past = OneColumn("L", 1).buffer<std::uint64_t>({1ULL << 63});
  EXPECT_THAT(unsigned_past.read(Type::Integer).error().message, HasSubstr("past 64 bits"));
  auto fraction = OneColumn("d:18,2", 1).buffer<std::int64_t>({150, 0});
  EXPECT_THAT(fraction.read(Type::Integer).error().message, HasSubstr("d:18,2"));
}

TEST(BatchReader, KeepsMissingValuesApartWhateverStandsThere) {
  EXPECT_THAT(integers(OneColumn("l", 3).valid({0b101}).buffer<std::int64_t>({1, 77, 3})),
              ElementsAre(1, -999, 3));
  EXPECT_THAT(integers(OneColumn("L", 2).valid({0b01}).buffer<std::uint64_t>({1, ~0ULL})),
              ElementsAre(1, -999));
  EXPECT_THAT(texts(OneColumn("vu", 1).valid({0}).buffer<std::int32_t>({99, 9, 9, 9})),
              ElementsAre("(missing)"));
}

TEST(BatchReader, ReadsTextInItsThreeLayouts) {
  const std::vector<char> bytes = {'a', '\xC3', '\xA9', 'b'};
  EXPECT_THAT(texts(OneColumn("u", 3).buffer<std::int32_t>({0, 1, 1, 3}).buffer(bytes)),
              ElementsAre("a", "", "é"));
  EXPECT_THAT(texts(OneColumn("U", 1).buffer<std::int64_t>({1, 4}).buffer(bytes)),
              ElementsAre("éb"));
  const std::string long_text = "longer than twelve";
  std::vector<std::int32_t> views = {
      2, 'h' | 'i' << 8, 0, 0, static_cast<int>(long_text.size()), 0, 0, 3};
  std::vector<char> data(3, '-');
  data.insert(data.end(), long_text.begin(), long_text.end());
  EXPECT_THAT(texts(OneColumn("vu", 2).buffer(views).buffer(data)), ElementsAre("hi", long_text));
}

TEST(BatchReader, HeedsOffsets) {
  EXPECT_THAT(integers(std::move(
                  OneColumn("l", 2).valid({0b1110}).buffer<std::int64_t>({0, 1, 2, 3}).offset(1))),
              ElementsAre(2, 3));
  EXPECT_THAT(texts(OneColumn("u", 1)
                        .buffer<std::int32_t>({0, 1, 2, 3})
                        .buffer<char>({'a', 'b', 'c'})
                        .offset(1)),
              ElementsAre("c"));
}

TEST(BatchReader, RefusesTextThatIsNoUtf8) {
  auto column = OneColumn("u", 1).buffer<std::int32_t>({0, 1}).buffer<char>({'\xFF'});
  EXPECT_THAT(column.read(Type::Text).error().message, HasSubstr("no UTF-8"));
}

TEST(BatchReader, RefusesOtherTypes) {
  auto date = OneColumn("tdD", 1).buffer<std::int32_t>({0});
  EXPECT_THAT(date.read(Type::Integer).error().message, HasSubstr("'tdD', not as a whole number"));
  auto number = OneColumn("l", 1).buffer<std::int64_t>({0});
  EXPECT_THAT(number.read(Type::Text).error().message, HasSubstr("'l', not as text"));
}

}  // namespace
}  // namespace quintile::engine::adbc
