#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "quintile/base/money.h"
#include "quintile/engine/sql/run.h"

namespace quintile::engine::sql {

namespace {

using table::Buffer;
using table::Column;

/// Texts of customers who come in any order, each in its place.
class Texts {
 public:
  explicit Texts(std::int64_t size) : texts_(static_cast<std::size_t>(size)) {}
  void set(std::int64_t at, std::string_view text) { texts_[static_cast<std::size_t>(at)] = text; }

  [[nodiscard]] Column views(std::string name) && {
    auto owner = std::make_shared<const std::vector<std::string>>(std::move(texts_));
    Buffer<std::string_view> views(static_cast<std::int64_t>(owner->size()));
    for (std::int64_t i = 0; i < views.size(); ++i)
      views[i] = (*owner)[static_cast<std::size_t>(i)];
    return Column::texts(std::move(name), std::move(views), owner);
  }

 private:
  std::vector<std::string> texts_;
};

/// One attribute while it comes in.
class Attribute {
 public:
  Attribute(const CustomersTable::Attribute& attribute, std::int64_t size)
      : attribute_(attribute), values_(size), valid_(size) {}

  [[nodiscard]] Type travels_as() const {
    return attribute_.type.type == Type::Text || attribute_.type.type == Type::Real ? Type::Text
                                                                                    : Type::Integer;
  }
  [[nodiscard]] Sql column(std::size_t index, const Dialect& dialect) const {
    const Sql raw = attribute_column(index);
    if (attribute_.type.type == Type::Text) return raw;
    // The text of a double, in whatever form, is read back as the same double.
    return attribute_.type.type == Type::Real ? dialect.to_text(raw) : dialect.to_integer(raw);
  }

  Status set(std::int64_t at, const ColumnView& column, std::int64_t row) {
    valid_[at] = column.is_valid(row) ? 1 : 0;
    values_[at] = 0;
    if (valid_[at] == 0) {
      is_complete_ = false;
      return {};
    }
    if (attribute_.type.type == Type::Text) {
      const auto [entry, is_new] = codes_.try_emplace(std::string(column.text(row)),
                                                      static_cast<std::int64_t>(codes_.size()));
      values_[at] = entry->second;
      return {};
    }
    if (attribute_.type.type != Type::Real) {
      values_[at] = column.integer(row);
      return {};
    }
    const std::string_view text = column.text(row);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
      return fail(ErrorCode::Engine,
                  fmt::format("the engine gave no number for attribute {}", attribute_.name));
    values_[at] = std::bit_cast<std::int64_t>(number);
    return {};
  }

  [[nodiscard]] Column finish() && {
    if (is_complete_) valid_ = {};
    const auto as = [this]<typename T>(T, const auto& convert) {
      Buffer<T> values(values_.size());
      for (std::int64_t i = 0; i < values_.size(); ++i) values[i] = convert(values_[i]);
      return values;
    };
    const auto plain = [&]<typename T>(T type) {
      return as(type, [](std::int64_t value) { return static_cast<T>(value); });
    };
    const std::string& name = attribute_.name;
    switch (attribute_.type.type) {
      case Type::Boolean: return Column::booleans(name, plain(std::uint8_t{}), std::move(valid_));
      case Type::Date: return Column::dates(name, plain(std::int32_t{}), std::move(valid_));
      case Type::Real:
        return Column::reals(
            name, as(double{}, [](std::int64_t bits) { return std::bit_cast<double>(bits); }),
            std::move(valid_));
      case Type::Decimal: {
        // As the embedded engine reads numbers of files: those with a fraction are reals.
        const auto unit = static_cast<double>(power_of_ten(attribute_.type.scale));
        return Column::reals(
            name,
            as(double{}, [unit](std::int64_t value) { return static_cast<double>(value) / unit; }),
            std::move(valid_));
      }
      case Type::Text: {
        std::vector<std::string> texts(codes_.size());
        for (const auto& [text, code] : codes_) texts[static_cast<std::size_t>(code)] = text;
        return table::with_sorted_dictionary(Column::codes(name, plain(std::int32_t{}),
                                                           table::Dictionary::of(std::move(texts)),
                                                           std::move(valid_)));
      }
      default: return Column::integers(name, std::move(values_), std::move(valid_));
    }
  }

 private:
  const CustomersTable::Attribute& attribute_;
  Buffer<std::int64_t> values_;
  Buffer<std::uint8_t> valid_;
  std::unordered_map<std::string, std::int64_t> codes_;
  bool is_complete_ = true;
};

/// Customers as they come in, each to the row of its id.
class Fetching {
 public:
  Fetching(Session& session, const plan::Plan& plan, const Remote& remote, std::int64_t size)
      : session_(session),
        dialect_(session.server().product),
        plan_(plan),
        remote_(remote),
        size_(size),
        seen_(static_cast<std::size_t>(size_)),
        sources_(size_),
        integer_sources_(remote.customers.ids_are_integers ? size_ : 0),
        first_(size_),
        last_(size_),
        recency_(size_),
        frequency_(size_),
        monetary_(size_),
        average_(size_),
        segment_(size_) {
    for (auto& scores : scores_) scores = Buffer<rfm::Score>(size_);
    for (const auto& attribute : remote.customers.attributes)
      attributes_.emplace_back(attribute, size_);
  }

  Result<segments::Segmentation> run() {
    std::vector<Sql> columns = {
        sql("q_id"),      sql("q_source"), sql("q_recency"), sql("q_frequency"), sql("q_monetary"),
        sql("q_average"), sql("q_r"),      sql("q_f"),       sql("q_m"),         sql("q_segment")};
    std::vector<Type> types(columns.size(), Type::Integer);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c == 1) {
        types[c] = Type::Text;
      } else {
        columns[c] = dialect_.to_integer(columns[c]);
      }
    }
    columns.push_back(remote_.customers.has_first ? dialect_.to_integer(sql("q_first"))
                                                  : dialect_.to_integer(sql("0")));
    types.push_back(Type::Integer);
    for (std::size_t a = 0; a < attributes_.size(); ++a) {
      columns.push_back(attributes_[a].column(a, dialect_));
      types.push_back(attributes_[a].travels_as());
    }
    const Sql statement = sql("SELECT {} FROM {}", Sql::join(columns), remote_.scored.name);
    QUINTILE_TRY_STATUS(
        session_.stream(statement.text(), types, [this](const Rows& rows) { return take(rows); }));
    if (taken_ != size_) return unexpected_rows();
    return finish();
  }

  /// What has come so far.
  segments::Segmentation finish() {
    segments::Segmentation result;
    customers::Customers& customers = result.customers;
    const std::string& id_name = plan_.input.columns.customer_id;
    customers.size = size_;
    customers.money_scale = remote_.customers.money_scale;
    customers.source_customer_id = remote_.customers.ids_are_integers
                                       ? Column::integers(id_name, std::move(integer_sources_))
                                       : std::move(sources_).views(id_name);
    if (remote_.customers.has_first)
      customers.first_purchase_date = Column::dates("first_purchase_date", std::move(first_));
    customers.last_purchase_date = Column::dates("last_purchase_date", std::move(last_));
    customers.recency_days = Column::days("recency_days", std::move(recency_));
    customers.frequency = Column::integers("frequency", std::move(frequency_));
    customers.monetary = Column::decimals("monetary", customers.money_scale, std::move(monetary_));
    customers.average_order_value =
        Column::decimals("average_order_value", customers.money_scale, std::move(average_));
    for (std::size_t a = 0; a < attributes_.size(); ++a) {
      Column column = std::move(attributes_[a]).finish();
      if (remote_.customers.overlay == a) {
        customers.overlay = std::move(column);
      } else if (remote_.customers.consent == a) {
        customers.consent = std::move(column);
      } else {
        customers.attributes.push_back(std::move(column));
      }
    }
    result.r_score = std::move(scores_[0]);
    result.f_score = std::move(scores_[1]);
    result.m_score = std::move(scores_[2]);
    result.segment = std::move(segment_);
    result.model = remote_.scored.model;
    result.analysis_day = remote_.customers.analysis_day;
    return result;
  }

 private:
  [[nodiscard]] std::unexpected<Error> unexpected_rows() const {
    return fail(ErrorCode::Engine,
                fmt::format("the engine's customers are not 1 to {}, each once", size_),
                "nothing was published; run `quintile engines check` on this engine");
  }

  Status take(const Rows& rows) {
    for (std::int64_t row = 0; row < rows.size; ++row) {
      for (std::size_t c = 0; c < 10; ++c) {
        if (!rows.columns[c].is_valid(row)) return unexpected_rows();
      }
      const std::int64_t id = rows.columns[0].integer(row);
      if (id < 1 || id > size_ || seen_[static_cast<std::size_t>(id - 1)]) return unexpected_rows();
      const std::int64_t at = id - 1;
      seen_[static_cast<std::size_t>(at)] = true;
      ++taken_;
      const std::string_view source = rows.columns[1].text(row);
      if (remote_.customers.ids_are_integers) {
        std::from_chars(source.data(), source.data() + source.size(), integer_sources_[at]);
      } else {
        sources_.set(at, source);
      }
      recency_[at] = static_cast<std::int32_t>(rows.columns[2].integer(row));
      frequency_[at] = rows.columns[3].integer(row);
      monetary_[at] = rows.columns[4].integer(row);
      average_[at] = rows.columns[5].integer(row);
      for (std::size_t m = 0; m < 3; ++m)
        scores_[m][at] = static_cast<rfm::Score>(rows.columns[6 + m].integer(row));
      segment_[at] = static_cast<std::uint8_t>(rows.columns[9].integer(row));
      first_[at] = static_cast<std::int32_t>(rows.columns[10].integer(row));
      last_[at] = remote_.customers.analysis_day - recency_[at];
      for (std::size_t a = 0; a < attributes_.size(); ++a)
        QUINTILE_TRY_STATUS(attributes_[a].set(at, rows.columns[11 + a], row));
    }
    return {};
  }

  Session& session_;
  const Dialect dialect_;
  const plan::Plan& plan_;
  const Remote& remote_;
  std::int64_t size_ = 0, taken_ = 0;
  std::vector<bool> seen_;
  Texts sources_;
  Buffer<std::int64_t> integer_sources_;
  Buffer<std::int32_t> first_, last_, recency_;
  Buffer<std::int64_t> frequency_, monetary_, average_;
  std::array<Buffer<rfm::Score>, 3> scores_;
  Buffer<std::uint8_t> segment_;
  std::vector<Attribute> attributes_;
};

}  // namespace

Result<segments::Segmentation> fetch(Session& session, const plan::Plan& plan,
                                     const Remote& remote) {
  return Fetching(session, plan, remote, remote.customers.customers).run();
}

segments::Segmentation without_rows(Session& session, const plan::Plan& plan,
                                    const Remote& remote) {
  return Fetching(session, plan, remote, 0).finish();
}

}  // namespace quintile::engine::sql
