#include "quintile/table/column.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/base/money.h"

namespace quintile::table {

namespace {

template <typename T>
Column make(std::string name, Type type, Layout layout, Buffer<T> values,
            Buffer<std::uint8_t> valid) {
  Column column;
  column.name = std::move(name);
  column.view.type = type;
  column.view.layout = layout;
  column.view.size = values.size();
  if (!valid.empty()) {
    auto owner = valid.share();
    column.view.valid = owner.get();
    column.valid_owner = std::move(owner);
  }
  auto owner = values.share();
  column.view.data = owner.get();
  column.data_owner = std::move(owner);
  return column;
}

std::string timestamp_text(std::int64_t microseconds) {
  constexpr std::int64_t kDay = 86'400'000'000;
  const auto day = static_cast<std::int32_t>(divide_floor(microseconds, kDay));
  const std::int64_t rest = microseconds - day * kDay;
  const std::int64_t seconds = rest / 1'000'000;
  std::string text = fmt::format("{} {:02}:{:02}:{:02}", day_to_string(day), seconds / 3600,
                                 seconds / 60 % 60, seconds % 60);
  if (rest % 1'000'000 != 0) text += fmt::format(".{:06}", rest % 1'000'000);
  return text;
}

}  // namespace

std::shared_ptr<const Dictionary> Dictionary::of(std::vector<std::string> texts) {
  auto owned = std::make_shared<const std::vector<std::string>>(std::move(texts));
  auto dictionary = std::make_shared<Dictionary>();
  dictionary->views.assign(owned->begin(), owned->end());
  dictionary->owner = std::move(owned);
  return dictionary;
}

std::int64_t Column::missing() const {
  if (view.valid == nullptr) return 0;
  return std::count(view.valid, view.valid + view.size, std::uint8_t{0});
}

Column Column::booleans(std::string name, Buffer<std::uint8_t> values, Buffer<std::uint8_t> valid) {
  return make(std::move(name), Type::Boolean, Layout::Uint8, std::move(values), std::move(valid));
}
template <typename T>
Column Column::integers(std::string name, Buffer<T> values, Buffer<std::uint8_t> valid) {
  constexpr Layout kLayout = sizeof(T) == 1   ? Layout::Int8
                             : sizeof(T) == 2 ? Layout::Int16
                             : sizeof(T) == 4 ? Layout::Int32
                                              : Layout::Int64;
  return make(std::move(name), Type::Integer, kLayout, std::move(values), std::move(valid));
}
template Column Column::integers(std::string, Buffer<std::int8_t>, Buffer<std::uint8_t>);
template Column Column::integers(std::string, Buffer<std::int16_t>, Buffer<std::uint8_t>);
template Column Column::integers(std::string, Buffer<std::int32_t>, Buffer<std::uint8_t>);
template Column Column::integers(std::string, Buffer<std::int64_t>, Buffer<std::uint8_t>);
Column Column::days(std::string name, Buffer<std::int32_t> values) {
  return integers(std::move(name), std::move(values));
}
Column Column::decimals(std::string name, int scale, Buffer<std::int64_t> values,
                        Buffer<std::uint8_t> valid) {
  Column column =
      make(std::move(name), Type::Decimal, Layout::Int64, std::move(values), std::move(valid));
  column.view.scale = scale;
  return column;
}
Column Column::reals(std::string name, Buffer<double> values, Buffer<std::uint8_t> valid) {
  return make(std::move(name), Type::Real, Layout::Float64, std::move(values), std::move(valid));
}
Column Column::dates(std::string name, Buffer<std::int32_t> values, Buffer<std::uint8_t> valid) {
  return make(std::move(name), Type::Date, Layout::Int32, std::move(values), std::move(valid));
}
Column Column::timestamps(std::string name, Buffer<std::int64_t> values,
                          Buffer<std::uint8_t> valid) {
  return make(std::move(name), Type::Timestamp, Layout::Int64, std::move(values), std::move(valid));
}
template <typename T>
Column Column::codes(std::string name, Buffer<T> values,
                     std::shared_ptr<const Dictionary> dictionary, Buffer<std::uint8_t> valid) {
  constexpr Layout kLayout = sizeof(T) == 1 ? Layout::Codes8 : Layout::Codes;
  QUINTILE_CHECK(kLayout == Layout::Codes || dictionary->views.size() <= 256);
  Column column = make(std::move(name), Type::Text, kLayout, std::move(values), std::move(valid));
  column.view.dictionary = dictionary->views;
  column.dictionary = std::move(dictionary);
  return column;
}
template Column Column::codes(std::string, Buffer<std::uint8_t>, std::shared_ptr<const Dictionary>,
                              Buffer<std::uint8_t>);
template Column Column::codes(std::string, Buffer<std::int32_t>, std::shared_ptr<const Dictionary>,
                              Buffer<std::uint8_t>);

Column Column::texts(std::string name, Buffer<std::string_view> values,
                     std::shared_ptr<const void> text_owner, Buffer<std::uint8_t> valid) {
  Column column =
      make(std::move(name), Type::Text, Layout::Views, std::move(values), std::move(valid));
  // One owner for both: the views and the bytes that they point into.
  column.data_owner =
      std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(
          std::move(column.data_owner), std::move(text_owner));
  return column;
}

Column Column::of_texts(std::string name, const std::vector<std::string>& values) {
  auto owned = std::make_shared<const std::vector<std::string>>(values);
  Buffer<std::string_view> views(static_cast<std::int64_t>(values.size()));
  std::copy(owned->begin(), owned->end(), views.begin());
  return texts(std::move(name), std::move(views), owned);
}

std::string Column::cell(std::int64_t row) const {
  if (!is_valid(row)) return "";
  switch (view.type) {
    case Type::Boolean: return view.integer(row) != 0 ? "true" : "false";
    case Type::Integer: return std::to_string(view.integer(row));
    case Type::Decimal: return decimal_to_string(view.integer(row), view.scale);
    case Type::Real: return fmt::format("{}", view.values<double>()[static_cast<std::size_t>(row)]);
    case Type::Date: return day_to_string(static_cast<std::int32_t>(view.integer(row)));
    case Type::Timestamp: return timestamp_text(view.integer(row));
    case Type::Text: return std::string(view.text(row));
  }
  return "";
}

Column with_sorted_dictionary(Column column) {
  if (!column.view.is_coded()) return column;
  const auto texts = column.view.dictionary;
  std::vector<std::uint8_t> used(texts.size());
  with_integers(column.view, [&](auto codes) {
    for (std::int64_t row = 0; row < column.size(); ++row) {
      if (column.is_valid(row))
        used[static_cast<std::size_t>(codes[static_cast<std::size_t>(row)])] = 1;
    }
  });
  std::vector<std::int32_t> order;
  for (std::size_t code = 0; code < texts.size(); ++code) {
    if (used[code] != 0) order.push_back(static_cast<std::int32_t>(code));
  }
  std::ranges::sort(order, {},
                    [&](std::int32_t code) { return texts[static_cast<std::size_t>(code)]; });

  auto sorted = std::make_shared<Dictionary>();
  sorted->owner = column.dictionary;
  std::vector<std::int32_t> rank(texts.size());
  for (const std::int32_t code : order) {
    rank[static_cast<std::size_t>(code)] = static_cast<std::int32_t>(sorted->views.size());
    sorted->views.push_back(texts[static_cast<std::size_t>(code)]);
  }
  const auto as_ranks = [&]<typename T>(std::span<const T> codes) {
    Buffer<T> ranks(column.size());
    for (std::int64_t row = 0; row < column.size(); ++row) {
      ranks[row] =
          column.is_valid(row)
              ? static_cast<T>(rank[static_cast<std::size_t>(codes[static_cast<std::size_t>(row)])])
              : T{0};
    }
    return Column::codes(std::move(column.name), std::move(ranks), std::move(sorted));
  };
  Column result = column.view.layout == Layout::Codes8
                      ? as_ranks(column.view.values<std::uint8_t>())
                      : as_ranks(column.view.values<std::int32_t>());
  result.view.valid = column.view.valid;
  result.valid_owner = std::move(column.valid_owner);
  return result;
}

}  // namespace quintile::table
