#include "quintile/expression/column_view.h"

#include "quintile/base/check.h"

namespace quintile {
namespace {

std::int64_t width(Layout layout) {
  switch (layout) {
    case Layout::Uint8:
    case Layout::Int8:
    case Layout::Codes8: return 1;
    case Layout::Int16: return 2;
    case Layout::Int32:
    case Layout::Codes: return 4;
    case Layout::Int64:
    case Layout::Float64: return 8;
    case Layout::Views: return sizeof(std::string_view);
  }
  return 0;
}

}  // namespace

std::string_view to_string(Type type) {
  switch (type) {
    case Type::Boolean: return "boolean";
    case Type::Integer: return "integer";
    case Type::Decimal: return "decimal";
    case Type::Real: return "real";
    case Type::Date: return "date";
    case Type::Timestamp: return "timestamp";
    case Type::Text: return "text";
  }
  return "";
}

ColumnView ColumnView::slice(std::int64_t begin, std::int64_t count) const {
  QUINTILE_CHECK(begin >= 0 && count >= 0 && begin <= size && count <= size - begin);
  ColumnView part = *this;
  part.size = count;
  if (data != nullptr) part.data = static_cast<const char*>(data) + begin * width(layout);
  if (valid != nullptr) part.valid = valid + begin;
  return part;
}

}  // namespace quintile
