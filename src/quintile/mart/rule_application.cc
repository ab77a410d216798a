#include "quintile/mart/rule_application_internal.h"

namespace quintile::mart {

namespace {

ColumnView scores_view(const table::Buffer<rfm::Score>& scores) {
  ColumnView view;
  view.type = Type::Integer;
  view.layout = Layout::Int8;
  view.size = scores.size();
  view.data = scores.data();
  return view;
}

}  // namespace

std::vector<segments::SegmentIndex> apply_rules(const segments::Segmentation& s,
                                                const segments::RuleSet& rules) {
  table::Buffer<rfm::Score> totals(s.size());
  for (std::int64_t row = 0; row < s.size(); ++row) {
    totals[row] = static_cast<rfm::Score>(s.r_score[row] + s.f_score[row] + s.m_score[row]);
  }
  const auto tenure = customers::tenure_days(s.customers, s.analysis_day);
  const auto columns = [&](std::string_view field) {
    if (field == "r_score") return scores_view(s.r_score);
    if (field == "f_score") return scores_view(s.f_score);
    if (field == "m_score") return scores_view(s.m_score);
    if (field == "rfm_total") return scores_view(totals);
    if (field == "tenure_days" && tenure) return tenure->view;
    const table::Column* column = s.customers.find(field);
    return column == nullptr ? ColumnView{} : column->view;
  };
  std::vector<segments::SegmentIndex> segment(static_cast<std::size_t>(s.size()),
                                              segments::kNoSegment);
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    const auto index = static_cast<segments::SegmentIndex>(i);
    std::vector<expression::Truth> truth;
    if (rules.rules[i].when) truth = expression::evaluate(*rules.rules[i].when, columns, s.size());
    for (std::size_t row = 0; row < segment.size(); ++row) {
      if (segment[row] == segments::kNoSegment &&
          (truth.empty() || truth[row] == expression::Truth::True)) {
        segment[row] = index;
      }
    }
  }
  return segment;
}

}  // namespace quintile::mart
