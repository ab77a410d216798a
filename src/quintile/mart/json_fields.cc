#include "quintile/mart/json_fields_internal.h"

namespace quintile::mart {

void FieldWriter::put(const std::vector<quality::Detail>& details) {
  json_.begin_object();
  for (const quality::Detail& detail : details) {
    json_.key(detail.key);
    std::visit(
        [this](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>) {
            // 3.0 stays a real number when it is read back.
            const std::string text = shortest(value);
            const bool whole =
                std::isfinite(value) && text.find_first_of(".e") == std::string::npos;
            std::isfinite(value) ? json_.number(whole ? text + ".0" : text) : json_.null();
          } else {
            put(value);
          }
        },
        detail.value);
  }
  json_.end_object();
}

void FieldReader::get_money(const JsonValue& json, Int128& value, std::string_view key) {
  const std::string& text = json.text;
  const bool negative = text.starts_with('-');
  Int128 unscaled = 0;
  int digits_after_point = -1;
  for (const char c : std::string_view(text).substr(negative ? 1 : 0)) {
    if (c == '.' && digits_after_point < 0) {
      digits_after_point = 0;
    } else if (c >= '0' && c <= '9' && text.size() < 38) {
      unscaled = unscaled * 10 + (c - '0');
      if (digits_after_point >= 0) ++digits_after_point;
    } else {
      return wrong(key);
    }
  }
  digits_after_point = std::max(digits_after_point, 0);
  if (json.kind != JsonValue::Kind::Number || digits_after_point > money_scale_) return wrong(key);
  unscaled *= power_of_ten(money_scale_ - digits_after_point);
  value = negative ? -unscaled : unscaled;
}

void FieldReader::get_composite(const JsonValue& json, std::vector<quality::Detail>& details,
                                std::string_view key) {
  if (json.kind != JsonValue::Kind::Object) return wrong(key);
  details.clear();
  for (const auto& [name, member] : json.members) {
    quality::Detail& detail = details.emplace_back(name, std::int64_t{0});
    switch (member.kind) {
      case JsonValue::Kind::Text: detail.value = member.text; break;
      case JsonValue::Kind::Boolean: detail.value = member.text == "true"; break;
      case JsonValue::Kind::Null: detail.value = std::numeric_limits<double>::quiet_NaN(); break;
      case JsonValue::Kind::Number:
        if (member.text.find_first_of(".eE") != std::string::npos) {
          get(member, detail.value.emplace<double>(), name);
        } else {
          get(member, detail.value.emplace<std::int64_t>(), name);
        }
        break;
      case JsonValue::Kind::Object:
        get_composite(member, detail.value.emplace<std::vector<quality::Detail>>(), name);
        break;
      case JsonValue::Kind::Array: return wrong(name);
    }
  }
}

}  // namespace quintile::mart
