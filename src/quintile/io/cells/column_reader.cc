#include "quintile/io/cells/column_reader.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/base/money.h"
#include "quintile/base/text.h"
#include "quintile/io/cells/tally_internal.h"

namespace quintile::io {

using table::Reading;

namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool may_be_blank(std::string_view cell) { return cell.empty() || is_blank(cell.front()); }

}  // namespace

ColumnValues make_values(const ColumnPlan& plan, std::int64_t rows) {
  const bool codes = plan.kind == Kind::Codes;
  switch (plan.narrow_bytes) {
    case 1:
      if (codes) return table::Buffer<std::uint8_t>(rows);
      return table::Buffer<std::int8_t>(rows);
    case 2: return table::Buffer<std::int16_t>(rows);
    case 4: return table::Buffer<std::int32_t>(rows);
    default: break;
  }
  switch (plan.kind) {
    case Kind::Boolean: return table::Buffer<std::uint8_t>(rows);
    case Kind::Date:
    case Kind::Codes: return table::Buffer<std::int32_t>(rows);
    case Kind::Real: return table::Buffer<double>(rows);
    case Kind::Views: return table::Buffer<std::string_view>(rows);
    default: return table::Buffer<std::int64_t>(rows);
  }
}

std::int64_t value_bytes(const ColumnPlan& plan) {
  return std::visit([](const auto& values) { return std::int64_t{sizeof(*values.data())}; },
                    make_values(plan, 0));
}

ColumnReader::Widening::Widening(ColumnReader& reader, std::int64_t row, std::int64_t count)
    : reader_(reader), row_(row), count_(count) {
  if (reader.plan_.narrow_bytes == 0) return;
  ColumnPlan wide = reader.plan_;
  wide.narrow_bytes = 0;
  const auto room = std::visit([](const auto& buffer) { return buffer.size(); }, reader.wide_);
  if (room < count) reader.wide_ = make_values(wide, count);
  values_ = reader.values_;
  first_row_ = reader.first_row_;
  reader.set_target(reader.wide_, row);
}

ColumnReader::Widening::~Widening() {
  if (values_ == nullptr) return;
  reader_.values_ = values_;
  reader_.first_row_ = first_row_;
  reader_.put_narrow(row_, count_);
}

void ColumnReader::put_narrow(std::int64_t row, std::int64_t count) {
  const auto put = [&]<typename T>(T, const auto& wide) {
    T* const out = target<T>(row);
    for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<T>(wide[i]);
  };
  if (plan_.kind == Kind::Codes)
    return put(std::uint8_t{}, std::get<table::Buffer<std::int32_t>>(wide_));
  const auto& wide = std::get<table::Buffer<std::int64_t>>(wide_);
  for (std::int64_t i = 0; i < count; ++i) magnitude_ |= magnitude(wide[i]);
  switch (plan_.narrow_bytes) {
    case 1: return put(std::int8_t{}, wide);
    case 2: return put(std::int16_t{}, wide);
    default: return put(std::int32_t{}, wide);
  }
}

namespace {
// Codes that one byte holds.
constexpr std::size_t kNarrowCodes = 256;
}  // namespace

bool ColumnReader::has_overflowed() const {
  if (plan_.narrow_bytes == 0) return false;
  if (plan_.kind == Kind::Codes) return codes_.texts().size() > kNarrowCodes;
  return magnitude_ >> (8 * plan_.narrow_bytes - 1) != 0;
}

void ColumnReader::set_target(ColumnValues& values, std::int64_t first_row) {
  values_ = std::visit([](auto& buffer) -> void* { return buffer.data(); }, values);
  first_row_ = first_row;
}

void ColumnReader::read(std::span<const std::string_view> cells, std::int64_t row) {
  const Widening widening(*this, row, static_cast<std::int64_t>(cells.size()));
  switch (plan_.kind) {
    case Kind::Boolean: return read_booleans(cells, row);
    case Kind::Integer: return read_integers(cells, row);
    case Kind::Decimal: return read_decimals(cells, row);
    case Kind::Real: return read_reals(cells, row);
    case Kind::Date: return read_dates(cells, row);
    case Kind::Timestamp: return read_timestamps(cells, row);
    case Kind::Codes: return read_codes(cells, row);
    case Kind::Views: return read_views(cells, row);
    case Kind::Hash: return read_hashes(cells, row);
  }
}

Tally ColumnReader::tally() const {
  Tally tally = tally_;
  if (plan_.kind == Kind::Codes && plan_.reading == Reading::Inferred) {
    for (std::size_t code = 0; code < codes_.texts().size(); ++code) {
      count_cell(plan_.reading, trim(codes_.texts()[code]), codes_.first_rows()[code],
                 codes_.counts()[code], *rules_, tally);
    }
  }
  return tally;
}

ColumnReader::Looked ColumnReader::look_at(std::string_view cell, std::int64_t row) {
  Looked looked;
  looked.text = trim(cell);
  if (looked.text.empty()) {
    looked.blank = true;
    return looked;
  }
  const Classified classified = classify(plan_.reading, looked.text, *rules_);
  count(classified, looked.text, row, 1, tally_);
  looked.number = classified.number;
  looked.date = classified.date;
  looked.boolean = classified.truth.has_value();
  looked.truth = classified.truth.value_or(false);
  return looked;
}

void ColumnReader::give_up(const Looked& looked, std::int64_t row) {
  (looked.blank ? missing : unreadable).push_back(row);
}

bool ColumnReader::is_readable_number(NumberForm form) const {
  const bool point = plan_.decimal == '.';
  switch (form) {
    case NumberForm::None: return false;
    case NumberForm::PointNumber:
    case NumberForm::GroupedPoint: return point;
    case NumberForm::CommaNumber:
    case NumberForm::GroupedComma: return !point;
    case NumberForm::PointThree: return point || plan_.grouping;
    case NumberForm::CommaThree: return !point || plan_.grouping;
    default: return true;
  }
}

std::optional<std::int32_t> ColumnReader::day_of(const DateText& date) const {
  if (date.form == DateForm::None) return std::nullopt;
  if (date.form == DateForm::EitherOrder && plan_.order == DateOrder::MonthDay)
    return date.day_if_month_first;
  return date.day;
}

void ColumnReader::read_booleans(std::span<const std::string_view> cells, std::int64_t row) {
  std::uint8_t* out = target<std::uint8_t>(row);
  constexpr std::uint64_t kTrue = 0x65757274;     // "true", first byte lowest
  constexpr std::uint64_t kFalse = 0x65736C6166;  // "false"
  std::int64_t plain = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view cell = cells[i];
    const std::uint64_t word = load8(cell.data());
    const bool is_true = cell.size() == 4 && (word & 0xFFFFFFFFU) == kTrue;
    const bool is_false = cell.size() == 5 && (word & 0xFFFFFFFFFFU) == kFalse;
    out[i] = is_true ? 1 : 0;
    plain += is_true || is_false ? 1 : 0;
    if (is_true || is_false) [[likely]]
      continue;
    const Looked looked = look_at(cell, row + static_cast<std::int64_t>(i));
    out[i] = looked.truth ? 1 : 0;
    if (!looked.boolean) give_up(looked, row + static_cast<std::int64_t>(i));
  }
  tally_.booleans += plain;
}

void ColumnReader::read_integers(std::span<const std::string_view> cells, std::int64_t row) {
  std::int64_t* out = target<std::int64_t>(row);
  std::int64_t plain = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (read_plain_whole(cells[i], out + i)) [[likely]] {
      ++plain;
      continue;
    }
    const Looked looked = look_at(cells[i], row + static_cast<std::int64_t>(i));
    const NumberForm form = looked.number.form;
    const bool wanted = plan_.reading == Reading::Identifier ? form == NumberForm::PlainWhole
                                                             : is_readable_number(form);
    const Scaled scaled = wanted ? scale_number(looked.number, 0, plan_.decimal) : Scaled{};
    out[i] = scaled.unscaled;
    if (scaled.fit != Fit::Fits) give_up(looked, row + static_cast<std::int64_t>(i));
  }
  tally_.numbers[index(NumberForm::PlainWhole)] += plain;
  tally_.fraction_digits[0] += plain;
}

void ColumnReader::read_decimals(std::span<const std::string_view> cells, std::int64_t row) {
  std::int64_t* out = target<std::int64_t>(row);
  const int scale = plan_.scale;
  const std::int64_t power = power_of_ten(scale);
  const bool money = plan_.reading == Reading::Money;
  const char decimal = plan_.decimal;
  std::int64_t plain = 0;
  int needed = 0;
  // Three digits after a mark may be a grouped thousand: those go the long way.
  const bool quick = scale != 3;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (quick && (scale == 0 ? read_plain_whole(cells[i], out + i)
                             : read_scaled(cells[i], scale, power, decimal, out + i))) [[likely]] {
      ++plain;
      if (!money && needed < scale) {
        int digits = scale;
        for (std::int64_t value = out[i]; digits > needed && value % 10 == 0; value /= 10) --digits;
        needed = std::max(needed, digits);
      }
      continue;
    }
    const std::int64_t at = row + static_cast<std::int64_t>(i);
    const Looked looked = look_at(cells[i], at);
    const Scaled scaled = is_readable_number(looked.number.form)
                              ? scale_number(looked.number, scale, decimal)
                              : Scaled{};
    out[i] = scaled.unscaled;
    if (scaled.fit == Fit::TooLarge && money && (tally_.too_large < 0 || at < tally_.too_large))
      tally_.too_large = at;
    if (scaled.fit != Fit::Fits) give_up(looked, at);
  }
  const NumberForm form = scale == 0       ? NumberForm::PlainWhole
                          : decimal == '.' ? NumberForm::PointNumber
                                           : NumberForm::CommaNumber;
  tally_.numbers[index(form)] += plain;
  tally_.fraction_digits[static_cast<std::size_t>(std::min(scale, 7))] += plain;
  tally_.scale_needed = std::max(tally_.scale_needed, std::min(needed, kQuantityScaleMax));
}

void ColumnReader::read_reals(std::span<const std::string_view> cells, std::int64_t row) {
  double* out = target<double>(row);
  const int scale = plan_.scale;
  const bool quick = scale >= 1 && scale != 3 && scale <= 7;
  const std::int64_t power = power_of_ten(quick ? scale : 0);
  const auto divisor = static_cast<double>(power);
  const char decimal = plan_.decimal;
  std::int64_t plain = 0, whole = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::int64_t value = 0;
    // At most 8 + 7 digits: both sides of the division are exact, so it is rounded once (Clinger
    // 1990).
    if (quick && read_scaled(cells[i], scale, power, decimal, &value)) [[likely]] {
      out[i] = static_cast<double>(value) / divisor;
      if (value == 0 && cells[i][0] == '-') out[i] = -0.0;
      ++plain;
      continue;
    }
    if (cells[i].size() <= 15 && read_plain_whole(cells[i], &value)) {
      out[i] = static_cast<double>(value);
      ++whole;
      continue;
    }
    const Looked looked = look_at(cells[i], row + static_cast<std::int64_t>(i));
    const auto real = is_readable_number(looked.number.form)
                          ? real_number(looked.text, looked.number, decimal)
                          : std::nullopt;
    out[i] = real.value_or(0);
    if (!real) give_up(looked, row + static_cast<std::int64_t>(i));
  }
  tally_.numbers[index(decimal == '.' ? NumberForm::PointNumber : NumberForm::CommaNumber)] +=
      plain;
  tally_.fraction_digits[static_cast<std::size_t>(quick ? scale : 0)] += plain;
  tally_.numbers[index(NumberForm::PlainWhole)] += whole;
  tally_.fraction_digits[0] += whole;
}

void ColumnReader::read_dates(std::span<const std::string_view> cells, std::int64_t row) {
  std::int32_t* out = target<std::int32_t>(row);
  const bool iso = !rules_->pattern;
  std::int64_t plain = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (iso && read_iso_day(cells[i], out + i)) [[likely]] {
      ++plain;
      continue;
    }
    const Looked looked = look_at(cells[i], row + static_cast<std::int64_t>(i));
    const auto day = day_of(looked.date);
    out[i] = day.value_or(0);
    if (!day) give_up(looked, row + static_cast<std::int64_t>(i));
  }
  tally_.dates[index(DateForm::YearFirst)] += plain;
}

void ColumnReader::read_timestamps(std::span<const std::string_view> cells, std::int64_t row) {
  std::int64_t* out = target<std::int64_t>(row);
  const bool iso = !rules_->pattern;
  std::int64_t plain = 0, timed = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view cell = cells[i];
    std::int32_t iso_day = 0;
    if (iso && (cell.size() == 19 || cell.size() == 10) &&
        read_iso_day(cell.substr(0, 10), &iso_day)) [[likely]] {
      if (cell.size() == 10) {
        out[i] = iso_day * kDayUs;
        ++plain;
        continue;
      }
      const std::uint64_t time = load8(cell.data() + 11) ^ 0x30303A30303A3030U;  // "00:00:00"
      const auto digit = [&](int at) {
        return static_cast<std::int64_t>((time >> (8 * at)) & 0xFF);
      };
      const std::int64_t hour = digit(0) * 10 + digit(1), minute = digit(3) * 10 + digit(4),
                         second = digit(6) * 10 + digit(7);
      if (all_digits(time) && digit(2) == 0 && digit(5) == 0 && hour < 24 && minute < 60 &&
          second < 60 && (cell[10] == ' ' || cell[10] == 'T')) [[likely]] {
        out[i] = iso_day * kDayUs + ((hour * 60 + minute) * 60 + second) * 1'000'000;
        ++plain;
        ++timed;
        continue;
      }
    }
    const Looked looked = look_at(cell, row + static_cast<std::int64_t>(i));
    const auto day = day_of(looked.date);
    out[i] = day ? *day * kDayUs + looked.date.time_us : 0;
    if (!day) give_up(looked, row + static_cast<std::int64_t>(i));
  }
  tally_.dates[index(DateForm::YearFirst)] += plain;
  tally_.timed += timed;
}

void ColumnReader::read_codes(std::span<const std::string_view> cells, std::int64_t row) {
  std::int32_t* out = target<std::int32_t>(row);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (may_be_blank(cells[i]) && trim(cells[i]).empty()) [[unlikely]] {
      out[i] = 0;
      missing.push_back(row + static_cast<std::int64_t>(i));
      continue;
    }
    out[i] = codes_.code_of(cells[i], row + static_cast<std::int64_t>(i));
  }
}

void ColumnReader::read_views(std::span<const std::string_view> cells, std::int64_t row) {
  std::string_view* out = target<std::string_view>(row);
  const bool identifier = plan_.reading == Reading::Identifier;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view text = identifier || may_be_blank(cells[i]) ? trim(cells[i]) : cells[i];
    if (text.empty()) [[unlikely]] {
      out[i] = {};
      missing.push_back(row + static_cast<std::int64_t>(i));
      continue;
    }
    // One text that is no plain whole number settles the type; after it nothing needs to be
    // counted.
    if (identifier) {
      const bool plain = tally_.others == 0 && look_at_number(text).form == NumberForm::PlainWhole;
      ++(plain ? tally_.numbers[index(NumberForm::PlainWhole)] : tally_.others);
    }
    const std::string_view kept = identifier ? text : cells[i];
    out[i] = arena_->keep(kept);
  }
}

void ColumnReader::read_hashes(std::span<const std::string_view> cells, std::int64_t row) {
  std::int64_t* out = target<std::int64_t>(row);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view text = trim(cells[i]);
    if (text.empty()) [[unlikely]] {
      out[i] = 0;
      missing.push_back(row + static_cast<std::int64_t>(i));
      continue;
    }
    constexpr std::size_t kShort = 64;
    if (text.size() <= kShort) {
      std::array<char, kShort> folded;
      unsigned char any = 0;
      // Fixed lengths, so that the compiler makes vectors of it; the cell has that many readable
      // bytes after it.
      const auto fold = [&](std::size_t from, std::size_t to) {
        for (std::size_t k = from; k < to; ++k) {
          const char c = text.data()[k];
          folded[k] = static_cast<char>(c | (static_cast<unsigned char>(c - 'A') < 26 ? 0x20 : 0));
        }
      };
      fold(0, 32);
      if (text.size() > 32) fold(32, kShort);
      for (std::size_t k = 0; k < text.size(); ++k) any |= static_cast<unsigned char>(folded[k]);
      if (any < 0x80) {
        out[i] = static_cast<std::int64_t>(XXH3_64bits(folded.data(), text.size()));
        continue;
      }
    }
    const std::string folded = fold_case(text);
    out[i] = static_cast<std::int64_t>(XXH3_64bits(folded.data(), folded.size()));
  }
}

namespace {

table::Buffer<std::uint8_t> make_valid(std::int64_t rows, const std::vector<std::int64_t>& missing,
                                       const std::vector<std::int64_t>& unreadable) {
  if (missing.empty() && unreadable.empty()) return {};
  table::Buffer<std::uint8_t> valid(rows);
  std::ranges::fill(valid, std::uint8_t{1});
  for (const std::int64_t row : missing) valid[row] = 0;
  for (const std::int64_t row : unreadable) valid[row] = 0;
  return valid;
}

/// What must live as long as a column's text.
struct Arenas {
  std::vector<std::shared_ptr<const void>> arenas;
};

JoinedCodes joined_codes(const auto& readers) {
  std::vector<const TextCodes*> parts;
  for (const auto& reader : readers) parts.push_back(&reader->codes());
  return join_codes(parts);
}

template <typename T>
table::Column finish_codes(std::string name, table::Buffer<T> values,
                           std::span<ColumnReader* const> readers, std::span<const RowRange> ranges,
                           table::Buffer<std::uint8_t> valid) {
  auto arenas = std::make_shared<Arenas>();
  for (const ColumnReader* reader : readers) arenas->arenas.push_back(reader->codes().arena());
  JoinedCodes joined = joined_codes(readers);
  for (const RowRange& range : ranges) {
    const auto& renumbered = joined.renumbered[static_cast<std::size_t>(range.worker)];
    if (renumbered.empty()) continue;
    for (std::int64_t row = range.begin; row < range.end; ++row) {
      values[row] = static_cast<T>(renumbered[static_cast<std::size_t>(values[row])]);
    }
  }
  auto dictionary = std::make_shared<table::Dictionary>();
  dictionary->views = std::move(joined.texts);
  dictionary->owner = std::move(arenas);
  return table::Column::codes(std::move(name), std::move(values), std::move(dictionary),
                              std::move(valid));
}

/// A column of any kind but Codes, whose rows are as they will be.
table::Column make_column(std::string name, const ColumnPlan& plan, ColumnValues values,
                          table::Buffer<std::uint8_t> valid,
                          std::shared_ptr<const void> text_owner) {
  switch (plan.kind) {
    case Kind::Boolean:
      return table::Column::booleans(std::move(name),
                                     std::get<table::Buffer<std::uint8_t>>(std::move(values)),
                                     std::move(valid));
    case Kind::Decimal:
      return table::Column::decimals(std::move(name), plan.scale,
                                     std::get<table::Buffer<std::int64_t>>(std::move(values)),
                                     std::move(valid));
    case Kind::Real:
      return table::Column::reals(
          std::move(name), std::get<table::Buffer<double>>(std::move(values)), std::move(valid));
    case Kind::Date:
      return table::Column::dates(std::move(name),
                                  std::get<table::Buffer<std::int32_t>>(std::move(values)),
                                  std::move(valid));
    case Kind::Timestamp:
      return table::Column::timestamps(std::move(name),
                                       std::get<table::Buffer<std::int64_t>>(std::move(values)),
                                       std::move(valid));
    case Kind::Views:
      return table::Column::texts(std::move(name),
                                  std::get<table::Buffer<std::string_view>>(std::move(values)),
                                  std::move(text_owner), std::move(valid));
    default: break;
  }
  switch (plan.narrow_bytes) {
    case 1:
      return table::Column::integers(std::move(name),
                                     std::get<table::Buffer<std::int8_t>>(std::move(values)),
                                     std::move(valid));
    case 2:
      return table::Column::integers(std::move(name),
                                     std::get<table::Buffer<std::int16_t>>(std::move(values)),
                                     std::move(valid));
    case 4:
      return table::Column::integers(std::move(name),
                                     std::get<table::Buffer<std::int32_t>>(std::move(values)),
                                     std::move(valid));
    default:
      return table::Column::integers(std::move(name),
                                     std::get<table::Buffer<std::int64_t>>(std::move(values)),
                                     std::move(valid));
  }
}

}  // namespace

bool have_fit(std::span<const std::unique_ptr<ColumnReader>> readers) {
  if (std::ranges::any_of(readers, [](const auto& reader) { return reader->has_overflowed(); }))
    return false;
  const ColumnPlan& plan = readers.front()->plan();
  return plan.kind != Kind::Codes || plan.narrow_bytes == 0 ||
         joined_codes(readers).texts.size() <= kNarrowCodes;
}

table::ReadColumn ColumnReader::take_column(const std::string& name, ColumnValues values,
                                            std::int64_t first_row) {
  table::ReadColumn read;
  for (std::int64_t& row : missing) row -= first_row;
  for (std::int64_t& row : unreadable) row -= first_row;
  read.missing = static_cast<std::int64_t>(missing.size());
  read.unreadable = std::move(unreadable);
  const auto rows = std::visit([](const auto& buffer) { return buffer.size(); }, values);
  auto valid = make_valid(rows, missing, read.unreadable);
  missing.clear();
  unreadable.clear();
  if (plan_.kind == Kind::Codes) {
    if (!dictionary_ || dictionary_->views.size() != codes_.texts().size()) {
      auto dictionary = std::make_shared<table::Dictionary>();
      dictionary->views = codes_.texts();
      dictionary->owner = codes_.arena();
      dictionary_ = std::move(dictionary);
    }
    read.column =
        table::Column::codes(name, std::get<table::Buffer<std::int32_t>>(std::move(values)),
                             dictionary_, std::move(valid));
  } else {
    read.column = make_column(name, plan_, std::move(values), std::move(valid),
                              std::exchange(arena_, std::make_shared<TextArena>()));
  }
  return read;
}

table::ReadColumn finish_column(std::string name, ColumnValues values,
                                std::span<ColumnReader* const> readers,
                                std::span<const RowRange> ranges) {
  QUINTILE_CHECK(!readers.empty());
  table::ReadColumn read;
  std::vector<std::int64_t> missing;
  for (ColumnReader* reader : readers) {
    missing.insert(missing.end(), reader->missing.begin(), reader->missing.end());
    read.unreadable.insert(read.unreadable.end(), reader->unreadable.begin(),
                           reader->unreadable.end());
  }
  std::ranges::sort(read.unreadable);
  read.missing = static_cast<std::int64_t>(missing.size());
  const ColumnPlan& plan = readers.front()->plan();
  const auto rows = std::visit([](const auto& buffer) { return buffer.size(); }, values);
  auto valid = make_valid(rows, missing, read.unreadable);
  if (plan.kind == Kind::Codes) {
    const auto finish = [&]<typename T>(T) {
      return finish_codes(std::move(name), std::get<table::Buffer<T>>(std::move(values)), readers,
                          ranges, std::move(valid));
    };
    read.column = plan.narrow_bytes == 1 ? finish(std::uint8_t{}) : finish(std::int32_t{});
    return read;
  }
  auto arenas = std::make_shared<Arenas>();
  for (const ColumnReader* reader : readers) arenas->arenas.push_back(reader->text_owner());
  read.column =
      make_column(std::move(name), plan, std::move(values), std::move(valid), std::move(arenas));
  return read;
}

}  // namespace quintile::io
