#include "quintile/explore/explorer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/base/text.h"
#include "quintile/mart/json_writer.h"

namespace quintile::explore {
namespace {

constexpr std::size_t kValuesMax = 100;
constexpr int kBands = 5;

/// A column's values as integers of their order, with the way back to text.
struct Ordered {
  std::vector<std::int64_t> values;  ///< of the rows that have one
  std::int64_t missing = 0;
};

Kind kind_of(Type type) {
  switch (type) {
    case Type::Text: return Kind::Text;
    case Type::Boolean: return Kind::Boolean;
    case Type::Date:
    case Type::Timestamp: return Kind::Date;
    default: return Kind::Number;
  }
}

/// Counts in descending order, ties by bytes.
void sort_by_count(std::vector<std::pair<std::string, std::int64_t>>& values) {
  std::ranges::sort(values, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
}

std::vector<std::pair<std::string, std::int64_t>> counts_by_value(const ColumnView& view) {
  std::vector<std::pair<std::string, std::int64_t>> counts;
  if (view.type == Type::Boolean) {
    counts = {{"true", 0}, {"false", 0}};
    for (std::int64_t row = 0; row < view.size; ++row) {
      if (view.is_valid(row))
        ++counts[view.values<std::uint8_t>()[static_cast<std::size_t>(row)] != 0 ? 0 : 1].second;
    }
    return counts;
  }
  if (view.is_coded()) {
    std::vector<std::int64_t> by_code(view.dictionary.size() + 1);
    for (std::int64_t row = 0; row < view.size; ++row) {
      if (view.is_valid(row)) ++by_code[static_cast<std::size_t>(view.integer(row))];
    }
    for (std::size_t code = 0; code < view.dictionary.size(); ++code) {
      if (by_code[code] > 0) counts.emplace_back(view.dictionary[code], by_code[code]);
    }
  } else {
    std::unordered_map<std::string_view, std::int64_t> by_text;
    for (std::int64_t row = 0; row < view.size; ++row) {
      if (view.is_valid(row)) ++by_text[view.text(row)];
    }
    for (const auto& [text, count] : by_text) counts.emplace_back(text, count);
  }
  sort_by_count(counts);
  return counts;
}

/// The rows that have a value, in the order of their values.
std::vector<std::int32_t> sorted_rows(const ColumnView& view) {
  std::vector<std::int32_t> rows;
  for (std::int64_t row = 0; row < view.size; ++row) {
    if (view.is_valid(row)) rows.push_back(static_cast<std::int32_t>(row));
  }
  if (view.type == Type::Real) {
    const auto values = view.values<double>();
    std::erase_if(
        rows, [&](std::int32_t row) { return std::isnan(values[static_cast<std::size_t>(row)]); });
    std::ranges::stable_sort(
        rows, {}, [&](std::int32_t row) { return values[static_cast<std::size_t>(row)]; });
  } else {
    std::ranges::stable_sort(rows, {}, [&](std::int32_t row) { return view.integer(row); });
  }
  return rows;
}

bool is_equal(const ColumnView& view, std::int64_t a, std::int64_t b) {
  return view.type == Type::Real ? view.values<double>()[static_cast<std::size_t>(a)] ==
                                       view.values<double>()[static_cast<std::size_t>(b)]
                                 : view.integer(a) == view.integer(b);
}

/// The value at a row as it stands in a query: a time stamp by its day.
std::string query_text(const table::Column& column, std::int64_t row) {
  std::string text = column.cell(row);
  return column.view.type == Type::Timestamp ? text.substr(0, 10) : text;
}

void add_bands(const table::Column& column, Dimension& dimension) {
  const ColumnView& view = column.view;
  const std::vector<std::int32_t> rows = sorted_rows(view);
  if (rows.empty()) return;
  const auto size = static_cast<std::int64_t>(rows.size());
  dimension.range = {query_text(column, rows.front()), query_text(column, rows.back())};
  std::int64_t begin = 0;
  for (int band = 1; band <= kBands && begin < size; ++band) {
    std::int64_t end = std::max(begin + 1, size * band / kBands);
    // Equal values stay in one band.
    while (end < size && is_equal(view, rows[static_cast<std::size_t>(end - 1)],
                                  rows[static_cast<std::size_t>(end)]))
      ++end;
    dimension.bands.emplace_back(
        fmt::format("{}..{}", query_text(column, rows[static_cast<std::size_t>(begin)]),
                    query_text(column, rows[static_cast<std::size_t>(end - 1)])),
        end - begin);
    begin = end;
  }
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::Text: return "text";
    case Kind::Number: return "number";
    case Kind::Boolean: return "boolean";
    case Kind::Date: return "date";
  }
  return "";
}

Explorer::Explorer(mart::Mart mart, std::shared_ptr<const mart::Mart> previous)
    : mart_(std::move(mart)), previous_(std::move(previous)), population_(mart_.segmentation) {
  find_columns();
  describe_dimensions();
  measure_scores();
  by_value_.resize(static_cast<std::size_t>(customers()));
  std::iota(by_value_.begin(), by_value_.end(), 0);
  const auto value = mart_.segmentation.customers.value();
  std::ranges::sort(by_value_, [&](std::int32_t a, std::int32_t b) {
    const auto x = value[static_cast<std::size_t>(a)];
    const auto y = value[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  });
  if (previous_) match_previous();
}

void Explorer::find_columns() {
  const customers::Customers& c = mart_.segmentation.customers;
  const std::pair<std::string_view, Source> derived[] = {
      {"customer_id", Source::CustomerId}, {"r_score", Source::RScore},
      {"f_score", Source::FScore},         {"m_score", Source::MScore},
      {"rfm_code", Source::RfmCode},       {"rfm_total", Source::RfmTotal},
      {"segment_id", Source::SegmentId},   {"segment_name", Source::SegmentName}};
  const auto stored = [&](std::string_view name) -> const table::Column* {
    if (name == "source_customer_id") return &c.source_customer_id;
    if (name == "first_purchase_date" && c.first_purchase_date) return &*c.first_purchase_date;
    if (name == "last_purchase_date" && c.last_purchase_date) return &*c.last_purchase_date;
    return c.find(name);
  };
  for (const mart::PublishedColumn& published : mart_.manifest.columns) {
    const auto at =
        std::ranges::find(derived, published.name, &std::pair<std::string_view, Source>::first);
    if (at != std::end(derived))
      columns_.push_back({published.name, at->second, nullptr});
    else if (const table::Column* column = stored(published.name))
      columns_.push_back({published.name, Source::Stored, column});
  }
}

void Explorer::describe_dimensions() {
  const customers::Customers& c = mart_.segmentation.customers;
  const auto add = [this](const table::Column& column, std::string_view role) {
    Dimension dimension;
    dimension.name = dimension.param = column.name;
    if (std::ranges::find(kReservedParameters, column.name) != std::end(kReservedParameters))
      dimension.param = "column." + column.name;
    dimension.kind = kind_of(column.view.type);
    dimension.role = role;
    dimension.missing = column.missing();
    if (dimension.kind == Kind::Text || dimension.kind == Kind::Boolean) {
      dimension.values = counts_by_value(column.view);
      dimension.distinct = static_cast<std::int64_t>(dimension.values.size());
      dimension.values_truncated = dimension.values.size() > kValuesMax;
      if (dimension.values_truncated) dimension.values.resize(kValuesMax);
    } else {
      add_bands(column, dimension);
    }
    dimensions_.push_back(std::move(dimension));
  };
  if (c.overlay) add(*c.overlay, "overlay");
  if (c.consent) add(*c.consent, "consent");
  for (const table::Column& attribute : c.attributes) add(attribute, "attribute");
}

void Explorer::measure_scores() {
  const segments::Segmentation& s = mart_.segmentation;
  const table::Buffer<rfm::Score>* scores[] = {&s.r_score, &s.f_score, &s.m_score};
  const ColumnView values[] = {s.customers.recency_days.view, s.customers.frequency.view,
                               s.customers.monetary.view};
  for (std::size_t metric = 0; metric < 3; ++metric) {
    auto& ranges = score_ranges_[metric];
    ranges.resize(static_cast<std::size_t>(s.model.metrics[metric].bins));
    for (std::size_t i = 0; i < ranges.size(); ++i) ranges[i].score = static_cast<int>(i) + 1;
    for (std::int64_t row = 0; row < s.size(); ++row) {
      ScoreRange& range = ranges[static_cast<std::size_t>((*scores[metric])[row] - 1)];
      const std::int64_t value = values[metric].integer(row);
      range.from = std::min(range.from.value_or(value), value);
      range.to = std::max(range.to.value_or(value), value);
      ++range.customers;
    }
  }
}

summary::Summary Explorer::summarise(const Selection& selection, const Executor& executor) const {
  if (selection.everyone) {
    summary::Summary published = mart_.summary;
    published.filtered = published.population;
    return published;
  }
  return summary::summarise(mart_.segmentation, mart_.rules, mart_.manifest.currency, {},
                            selection.rows, population_, executor);
}

std::vector<insights::Insight> Explorer::insights(const Selection& selection) const {
  if (selection.everyone) return mart_.insights;
  return insights::test_insights(mart_.segmentation, mart_.rules, selection.rows);
}

std::optional<std::pair<std::vector<std::pair<std::string, std::int64_t>>, std::int64_t>>
Explorer::values(std::string_view dimension, std::string_view part, std::size_t limit) const {
  const auto known = std::ranges::find(dimensions_, dimension, &Dimension::name);
  if (known == dimensions_.end() || known->kind != Kind::Text) return std::nullopt;
  auto values = known->values_truncated
                    ? counts_by_value(mart_.segmentation.customers.find(dimension)->view)
                    : known->values;
  const std::string folded = fold_case(part);
  std::erase_if(values, [&](const auto& value) {
    return fold_case(value.first).find(folded) == std::string::npos;
  });
  const auto total = static_cast<std::int64_t>(values.size());
  if (values.size() > limit) values.resize(limit);
  return std::pair(std::move(values), total);
}

std::vector<std::string> Explorer::column_names() const {
  std::vector<std::string> names;
  for (const ColumnSource& column : columns_) names.push_back(column.name);
  return names;
}

Explorer::Cell Explorer::cell(std::size_t column, std::int64_t row) const {
  const segments::Segmentation& s = mart_.segmentation;
  const ColumnSource& source = columns_[column];
  switch (source.source) {
    case Source::Stored: return {source.column->cell(row), source.column->view.type == Type::Text};
    case Source::CustomerId: return {std::to_string(row + 1), false};
    case Source::RScore: return {std::to_string(s.r_score[row]), false};
    case Source::FScore: return {std::to_string(s.f_score[row]), false};
    case Source::MScore: return {std::to_string(s.m_score[row]), false};
    case Source::RfmTotal:
      return {std::to_string(s.r_score[row] + s.f_score[row] + s.m_score[row]), false};
    case Source::RfmCode: {
      const segments::Bins bins = this->bins();
      return {rfm::rfm_code(s.r_score[row], s.f_score[row], s.m_score[row],
                            std::max({bins.r, bins.f, bins.m})),
              false};
    }
    case Source::SegmentId: return {mart_.rules.rules[s.segment[row]].id, true};
    case Source::SegmentName: return {mart_.rules.rules[s.segment[row]].name, true};
  }
  return {};
}

}  // namespace quintile::explore
