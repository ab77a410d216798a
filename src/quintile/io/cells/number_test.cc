#include "quintile/io/cells/number.h"

#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "quintile/base/money.h"

namespace quintile::io {
namespace {

NumberForm form(std::string_view text) { return look_at_number(text).form; }

TEST(NumberForms, TellWhatAMarkCanMean) {
  EXPECT_EQ(form("12"), NumberForm::PlainWhole);
  EXPECT_EQ(form("-12"), NumberForm::PlainWhole);
  EXPECT_EQ(form("012"), NumberForm::PaddedWhole);
  EXPECT_EQ(form("+12"), NumberForm::SignedWhole);
  EXPECT_EQ(form("1234567890123456789"), NumberForm::HugeWhole);
  EXPECT_EQ(form("1.5"), NumberForm::PointNumber);
  EXPECT_EQ(form("0.123"), NumberForm::PointNumber);
  EXPECT_EQ(form("1234.567"), NumberForm::PointNumber);
  EXPECT_EQ(form("1.234"), NumberForm::PointThree);
  EXPECT_EQ(form("1,5"), NumberForm::CommaNumber);
  EXPECT_EQ(form("1,234"), NumberForm::CommaThree);
  EXPECT_EQ(form("1,234.5"), NumberForm::GroupedPoint);
  EXPECT_EQ(form("1,234,567"), NumberForm::GroupedPoint);
  EXPECT_EQ(form("1.234,5"), NumberForm::GroupedComma);
  EXPECT_EQ(form("1.234.567"), NumberForm::GroupedComma);
  EXPECT_EQ(form("1e3"), NumberForm::Exponent);
  EXPECT_EQ(form(".5"), NumberForm::PointNumber);
}

TEST(NumberForms, RefuseWhatIsNoNumber) {
  for (const char* const text : {"",      "-",       "+",   ".",    "1-2",  "$5",       "5 ",
                                 "NaN",   "inf",     "1e",  "1e+",  "0x10", "1,23,456", "1,234.5.6",
                                 "1.2.3", "12,34.5", "--1", "1,,2", "e5",   "1e99999"}) {
    EXPECT_EQ(form(text), NumberForm::None) << text;
  }
}

struct Case {
  const char* text;
  int scale;
  char decimal;
  Fit fit;
  std::int64_t unscaled;
};

TEST(ScaledNumbers, AreExactOrNot) {
  for (const Case& c :
       {Case{"12.30", 2, '.', Fit::Fits, 1230}, Case{"-0.05", 2, '.', Fit::Fits, -5},
        Case{"12.345", 2, '.', Fit::Inexact, 0}, Case{"12.340", 2, '.', Fit::Fits, 1234},
        Case{"1.5e3", 2, '.', Fit::Fits, 150000}, Case{"1e-3", 2, '.', Fit::Inexact, 0},
        Case{"1,234.50", 2, '.', Fit::Fits, 123450}, Case{"1.234,50", 2, ',', Fit::Fits, 123450},
        Case{"1.234", 2, ',', Fit::Fits, 123400}, Case{"1,234", 0, '.', Fit::Fits, 1234},
        Case{"9999999999999999.99", 2, '.', Fit::Fits, 999999999999999999},
        Case{"10000000000000000.00", 2, '.', Fit::TooLarge, 0},
        Case{"1e17", 2, '.', Fit::TooLarge, 0},
        Case{"12.50000000000000000000000", 2, '.', Fit::Fits, 1250},
        Case{"0.00000000000000000000000001", 2, '.', Fit::Inexact, 0},
        Case{"0e400", 2, '.', Fit::Fits, 0}}) {
    const Scaled scaled = scale_number(look_at_number(c.text), c.scale, c.decimal);
    EXPECT_EQ(scaled.fit, c.fit) << c.text;
    if (c.fit == Fit::Fits) {
      EXPECT_EQ(scaled.unscaled, c.unscaled) << c.text;
    }
  }
}

RC_GTEST_PROP(ScaledNumbers, QuickAndCarefulReadingAgree, ()) {
  const auto unscaled = *rc::gen::inRange<std::int64_t>(-9'999'999'999, 9'999'999'999);
  const int scale = *rc::gen::inRange(1, 8);
  const std::string text = decimal_to_string(unscaled, scale);
  const std::string padded = text + "12345678";
  std::int64_t quick = 0;
  if (read_scaled(std::string_view(padded).substr(0, text.size()), scale, power_of_ten(scale), '.',
                  &quick))
    RC_ASSERT(quick == unscaled);
  const NumberText look = look_at_number(text);
  if (look.form == NumberForm::PointThree) return;
  RC_ASSERT(scale_number(look, scale, '.').unscaled == unscaled);
}

RC_GTEST_PROP(PlainWholes, QuickReadingTakesNothingElse, ()) {
  const std::string text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789-+. ")));
  const std::string padded = text + "12345678";
  std::int64_t value = 0;
  if (!read_plain_whole(std::string_view(padded).substr(0, text.size()), &value)) return;
  RC_ASSERT(std::to_string(value) == text);
  RC_ASSERT(form(text) == NumberForm::PlainWhole);
}

RC_GTEST_PROP(Reals, AreTheNearestDouble, ()) {
  const auto whole = *rc::gen::arbitrary<std::uint64_t>();
  const int scale = *rc::gen::inRange(0, 25);
  std::string text = std::to_string(whole);
  if (scale > 0 && static_cast<std::size_t>(scale) < text.size())
    text.insert(text.size() - static_cast<std::size_t>(scale), ".");
  const auto real = real_number(text, look_at_number(text), '.');
  RC_ASSERT(real.has_value());
  RC_ASSERT(*real == std::strtod(text.c_str(), nullptr));
}

TEST(Reals, RefuseWhatNoDoubleHolds) {
  EXPECT_FALSE(real_number("1e999", look_at_number("1e999"), '.').has_value());
  EXPECT_EQ(real_number("1.234,5", look_at_number("1.234,5"), ','), 1234.5);
}

}  // namespace
}  // namespace quintile::io
