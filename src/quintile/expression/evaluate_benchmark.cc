#include <map>
#include <string>

#include <benchmark/benchmark.h>

#include "quintile/expression/expression.h"

namespace quintile::expression {
namespace {

constexpr std::int64_t kRows = 1'000'000;

/// A million rows of scores, money and coded text.
struct Rows {
  std::vector<std::int8_t> score = std::vector<std::int8_t>(kRows);
  std::vector<std::int64_t> monetary = std::vector<std::int64_t>(kRows);
  std::vector<std::int32_t> city = std::vector<std::int32_t>(kRows);
  std::vector<std::string> names;
  std::vector<std::string_view> dictionary;
  std::map<std::string, ColumnView, std::less<>> views;

  Rows() {
    for (std::size_t i = 0; i < kRows; ++i) {
      score[i] = static_cast<std::int8_t>(1 + i * 7919 % 5);
      monetary[i] = static_cast<std::int64_t>(i * 7919 % 1'000'003);
      city[i] = static_cast<std::int32_t>(i * 7919 % 1000);
    }
    for (int i = 0; i < 1000; ++i) names.push_back("city " + std::to_string(i));
    dictionary.assign(names.begin(), names.end());
    views["r_score"] = {Type::Integer, Layout::Int8, 0, kRows, score.data()};
    views["monetary"] = {Type::Decimal, Layout::Int64, 2, kRows, monetary.data()};
    views["city"] = {Type::Text, Layout::Codes, 0, kRows, city.data(), nullptr, dictionary};
  }
};

void evaluate_rows(benchmark::State& state, std::string_view source) {
  static const Rows rows;
  const Bound bound(parse(source)->root,
                    [](std::string_view name) { return rows.views.find(name)->second; });
  std::vector<Truth> truths(kRows);
  for (auto _ : state) {
    bound.evaluate(0, truths);
    benchmark::DoNotOptimize(truths.data());
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}

BENCHMARK_CAPTURE(evaluate_rows, score, "r_score >= 4");
BENCHMARK_CAPTURE(evaluate_rows, money, "monetary between 10.50 and 2000");
BENCHMARK_CAPTURE(evaluate_rows, text, "contains(city, \"9\")");
BENCHMARK_CAPTURE(evaluate_rows, rule,
                  "r_score in (1, 2, 5) and monetary >= 5000 or not starts_with(city, \"city 1\")");

}  // namespace
}  // namespace quintile::expression
