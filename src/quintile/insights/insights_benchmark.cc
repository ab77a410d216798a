#include <benchmark/benchmark.h>

#include "quintile/insights/insight.h"
#include "quintile/summary/sample_segmentation.h"

namespace quintile::insights {
namespace {

using segments::Family;

// A million customers in ten segments with five texts and six numbers, and a text of half a million
// levels.
struct Million {
  static constexpr int kCount = 1'000'000;
  segments::Segmentation segmentation;
  segments::RuleSet rules;

  Million() {
    summary::SampleRandom random(1);
    std::vector<summary::SampleCustomer> all(kCount);
    for (summary::SampleCustomer& one : all) {
      one = {.segment = random.below(10),
             .recency_days = random.below(700),
             .frequency = 1 + random.below(40),
             .monetary = 100 + random.below(10'000'000),
             .r_score = 1 + random.below(5),
             .f_score = 1 + random.below(5),
             .m_score = 1 + random.below(5),
             .overlay = random.chance(0.3),
             .consent = random.chance(0.6)};
    }
    segmentation = summary::sample_segmentation(all);
    auto& attributes = segmentation.customers.attributes;
    for (const int levels : {3, 6, 12, 40, 200, 500'000}) {
      std::vector<std::int32_t> codes;
      for (int row = 0; row < kCount; ++row) codes.push_back(random.below(levels));
      std::vector<std::string> texts;
      for (int level = 0; level < levels; ++level)
        texts.push_back("level " + std::to_string(level));
      attributes.push_back(table::Column::codes("text " + std::to_string(levels),
                                                summary::buffer_of<std::int32_t>(codes),
                                                table::Dictionary::of(std::move(texts))));
    }
    for (const int range : {10, 63, 550, 1000, 100'000, 0}) {
      std::vector<double> values;
      for (int row = 0; row < kCount; ++row)
        values.push_back(range == 0 ? random.unit() : random.below(range));
      attributes.push_back(range == 0
                               ? table::Column::reals("real", summary::buffer_of<double>(values))
                               : table::Column::integers("number " + std::to_string(range),
                                                         summary::buffer_of<std::int64_t>(values)));
    }
    std::vector<std::pair<std::string, Family>> ids;
    for (int i = 0; i < 10; ++i)
      ids.emplace_back("segment_" + std::to_string(i), static_cast<Family>(i % 4));
    rules = summary::sample_rules(ids);
  }
};

const Million& million() {
  static const Million data;
  return data;
}

void Summarise(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(summary::summarise(million().segmentation, million().rules, "USD"));
}

void TestInsights(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(test_insights(million().segmentation, million().rules));
}

void Recommend(benchmark::State& state) {
  const summary::Summary summary =
      summary::summarise(million().segmentation, million().rules, "USD");
  const std::vector<Insight> insights = test_insights(million().segmentation, million().rules);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        recommend(million().segmentation, million().rules, summary, insights, "USD"));
  }
}

BENCHMARK(Summarise)->Unit(benchmark::kMillisecond);
BENCHMARK(TestInsights)->Unit(benchmark::kMillisecond);
BENCHMARK(Recommend)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace quintile::insights
