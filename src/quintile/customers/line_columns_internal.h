#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "quintile/customers/transaction_spec.h"
#include "quintile/expression/expression.h"
#include "quintile/table/source.h"

namespace quintile::customers {

/// The integers of a column as texts, for expressions: ids are texts wherever people write about
/// them.
class IdTexts {
 public:
  explicit IdTexts(const ColumnView& ids) : views_(static_cast<std::size_t>(ids.size)) {
    constexpr std::size_t kDigitsMax = 20;
    bytes_.resize(static_cast<std::size_t>(ids.size) * kDigitsMax);
    char* next = bytes_.data();
    for (std::int64_t row = 0; row < ids.size; ++row) {
      if (!ids.is_valid(row)) continue;
      char* end = fmt::format_to(next, "{}", ids.integer(row));
      views_[static_cast<std::size_t>(row)] = {next, static_cast<std::size_t>(end - next)};
      next = end;
    }
    view_ = ids;
    view_.type = Type::Text;
    view_.layout = Layout::Views;
    view_.data = views_.data();
  }
  [[nodiscard]] const ColumnView& view() const { return view_; }

 private:
  std::vector<std::string_view> views_;
  std::vector<char> bytes_;
  ColumnView view_;
};

/// The columns of a batch by the names that expressions use: a role first, then a source column.
class NamedColumns {
 public:
  NamedColumns(const TransactionSpec& spec, const table::Batch& batch)
      : spec_(spec), batch_(batch) {}

  [[nodiscard]] std::optional<expression::FieldType> type_of(std::string_view name) const {
    const int index = index_of(name);
    if (index < 0) return std::nullopt;
    if (is_id(index)) return expression::FieldType{Type::Text, 0};
    return expression::FieldType::of(at(index));
  }
  [[nodiscard]] ColumnView view_of(std::string_view name) {
    const int index = index_of(name);
    const ColumnView& view = at(index);
    if (!is_id(index) || view.type == Type::Text) return view;
    auto& texts = index == spec_.roles.customer_id ? customer_texts_ : order_texts_;
    if (!texts) texts.emplace(view);
    return texts->view();
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [role, index] : roles()) {
      if (index >= 0) names.emplace_back(role);
    }
    for (std::size_t i = 0; i < spec_.columns.size(); ++i) {
      if (!is_personal(static_cast<int>(i))) names.push_back(spec_.columns[i].name);
    }
    return names;
  }

 private:
  [[nodiscard]] std::array<std::pair<std::string_view, int>, 6> roles() const {
    const TransactionRoles& r = spec_.roles;
    return {{{"customer_id", r.customer_id},
             {"order_id", r.order_id},
             {"order_date", r.order_date},
             {"quantity", r.quantity},
             {"unit_price", r.unit_price},
             {"amount", r.amount}}};
  }
  [[nodiscard]] int index_of(std::string_view name) const {
    for (const auto& [role, index] : roles()) {
      if (role == name && index >= 0) return index;
    }
    for (std::size_t i = 0; i < spec_.columns.size(); ++i) {
      if (spec_.columns[i].name == name && !is_personal(static_cast<int>(i)))
        return static_cast<int>(i);
    }
    return -1;
  }
  [[nodiscard]] bool is_personal(int index) const {
    return std::ranges::find(spec_.roles.personal, index) != spec_.roles.personal.end();
  }
  [[nodiscard]] bool is_id(int index) const {
    return index == spec_.roles.customer_id || index == spec_.roles.order_id;
  }
  [[nodiscard]] const ColumnView& at(int index) const {
    return batch_.columns[static_cast<std::size_t>(index)].column.view;
  }

  const TransactionSpec& spec_;
  const table::Batch& batch_;
  std::optional<IdTexts> customer_texts_, order_texts_;
};

}  // namespace quintile::customers
