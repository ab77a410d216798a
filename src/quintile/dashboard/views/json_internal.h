#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/explore/explorer.h"
#include "quintile/mart/json_writer.h"
#include "quintile/quality/review.h"
#include "quintile/segments/linter.h"

/// What the answers of the API have in common. openapi.yaml has their schemas.
namespace quintile::dashboard {

/// JSON under construction, with a call for each kind of member.
class Json {
 public:
  mart::JsonWriter& writer() { return json_; }
  void open(std::string_view key = {}) { name(key), json_.begin_object(); }
  void close() { json_.end_object(); }
  void open_list(std::string_view key = {}) { name(key), json_.begin_array(true); }
  void close_list() { json_.end_array(); }
  void text(std::string_view key, std::string_view value) { name(key), json_.text(value); }
  void text_or_null(std::string_view key, std::string_view value) {
    value.empty() ? null(key) : text(key, value);
  }
  void integer(std::string_view key, std::int64_t value) { name(key), json_.integer(value); }
  void real(std::string_view key, double value) { name(key), json_.real(value); }
  void real(std::string_view key, const std::optional<double>& value) {
    value ? real(key, *value) : null(key);
  }
  void boolean(std::string_view key, bool value) { name(key), json_.boolean(value); }
  void null(std::string_view key) { name(key), json_.null(); }
  void money(std::string_view key, Int128 value, int scale) {
    text(key, decimal_to_string(value, scale));
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    open_list(key);
    for (const std::string& value : values) json_.text(value);
    close_list();
  }
  void integers(std::string_view key, const std::vector<std::int64_t>& values) {
    open_list(key);
    for (const std::int64_t value : values) json_.integer(value);
    close_list();
  }
  /// An object for each of `items`, with what `members` writes of it.
  template <typename Items, typename Members>
  void list(std::string_view key, const Items& items, const Members& members) {
    open_list(key);
    for (const auto& item : items) {
      open();
      members(item);
      close();
    }
    close_list();
  }
  [[nodiscard]] std::string take() { return json_.take(); }

 private:
  void name(std::string_view key) {
    if (!key.empty()) json_.key(key);
  }
  mart::JsonWriter json_{false};
};

[[nodiscard]] int scale_of(const explore::Explorer& explorer);

/// A metric's value: days and orders as numbers, money as decimal text.
void metric_value(Json& json, std::string_view key, rfm::Metric metric, std::int64_t value,
                  int scale);

void snapshot_members(Json& json, const mart::Mart& mart);
void details(Json& json, std::string_view key, const std::vector<quality::Detail>& list);
void lint_members(Json& json, const segments::LintReport& lint);
void rule_set_members(Json& json, const segments::RuleSet& rules);

}  // namespace quintile::dashboard
