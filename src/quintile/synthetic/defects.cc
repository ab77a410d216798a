#include <algorithm>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/synthetic/defects_internal.h"

namespace quintile::synthetic {

namespace {

using std::string_view;

constexpr std::int64_t kRowsMin = 100;

std::size_t column_index(string_view name) {
  return static_cast<std::size_t>(std::ranges::find(kColumns, name) - kColumns.begin());
}

std::string& cell(Cells& cells, string_view column) { return cells[column_index(column)]; }

template <std::size_t N>
string_view pick(const string_view (&from)[N], std::uint32_t draw) {
  return from[draw % N];
}

bool any(const Population&, std::int64_t, const Customer&) { return true; }

bool has_own_id(const Population& population, std::int64_t row, const Customer&) {
  return !population.identifiers.is_repeated(row);
}

bool can_be_reversed(const Population&, std::int64_t, const Customer& customer) {
  return customer.last_purchase_day < kAnalysisDay;
}

// Only spellings of the most frequent levels: their plain spelling stays the usual one.
bool has_common_levels(const Population&, std::int64_t, const Customer& customer) {
  return customer.gender != "Non-binary" && customer.country == "United States" &&
         customer.device_type != "Tablet";
}

void blank(Cells& cells, string_view column, const Customer&, const Block& draw) {
  cell(cells, column) = draw[0] % 4 == 0 ? "  " : "";
}

void make_unreadable(Cells& cells, string_view column, const Customer&, const Block& draw) {
  constexpr string_view kAmounts[] = {"refer to branch", "12O.50", "1.2.3", "cash"};
  constexpr string_view kDates[] = {"2023-02-30", "2022-00-10", "last week"};
  constexpr string_view kNumbers[] = {"3O", "good", "four?", "see file"};
  std::string& text = cell(cells, column);
  if (column == "total_spent") {
    text = pick(kAmounts, draw[0]);
  } else if (column == "last_purchase_date") {
    text = pick(kDates, draw[0]);
  } else {
    text = pick(kNumbers, draw[0]);
  }
}

void leave_range(Cells& cells, string_view column, const Customer&, const Block& draw) {
  constexpr string_view kAges[] = {"-1", "0", "7", "12", "104", "150", "999"};
  constexpr string_view kScores[] = {"0", "120", "299", "851", "999", "1200"};
  cell(cells, column) = column == "age" ? pick(kAges, draw[0]) : pick(kScores, draw[0]);
}

void move_into_the_future(Cells& cells, string_view column, const Customer&, const Block& draw) {
  cell(cells, column) = day_to_string(kAnalysisDay + 1 + static_cast<std::int32_t>(draw[0] % 400));
}

void start_after_the_end(Cells& cells, string_view column, const Customer& customer,
                         const Block& draw) {
  const auto room = static_cast<std::uint32_t>(kAnalysisDay - customer.last_purchase_day);
  cell(cells, column) =
      day_to_string(customer.last_purchase_day + 1 + static_cast<std::int32_t>(draw[0] % room));
}

void spell_otherwise(Cells& cells, string_view column, const Customer&, const Block& draw) {
  std::string& text = cell(cells, column);
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  switch (draw[0] % 4) {
    case 0: text += ' '; break;
    case 1: text.insert(0, 1, ' '); break;
    case 2:
      for (char& c : text) c = is_letter(c) ? static_cast<char>(c & ~0x20) : c;
      break;
    default:
      for (char& c : text) c = is_letter(c) ? static_cast<char>(c | 0x20) : c;
  }
}

void lose_the_order_value(Cells& cells, string_view column, const Customer&, const Block& draw) {
  std::string& text = cell(cells, column);
  text = draw[0] % 2 == 0 ? "0.00" : "-" + text;
}

void turn_negative(Cells& cells, string_view column, const Customer&, const Block&) {
  cell(cells, column).insert(0, 1, '-');
}

void leave_alone(Cells&, string_view, const Customer&, const Block&) {}

struct Kind {
  string_view check, column;
  std::int64_t per_100_000;
  bool (*fits)(const Population&, std::int64_t row, const Customer&);
  void (*spoil)(Cells&, string_view column, const Customer&, const Block&);
};

constexpr string_view kCopies = "exact_duplicate";

constexpr Kind kKinds[] = {
    {"missing_value", "customer_id", 40, has_own_id, blank},
    {"missing_value", "age", 240, any, blank},
    {"missing_value", "city", 350, any, blank},
    {"missing_value", "income", 900, any, blank},
    {"missing_value", "first_purchase_date", 60, any, blank},
    {"missing_value", "last_purchase_date", 90, any, blank},
    {"missing_value", "total_spent", 50, any, blank},
    {"missing_value", "avg_order_value", 45, any, blank},
    {"invalid_type", "age", 70, any, make_unreadable},
    {"invalid_type", "credit_score", 25, any, make_unreadable},
    {"invalid_type", "last_purchase_date", 45, any, make_unreadable},
    {"invalid_type", "total_spent", 30, any, make_unreadable},
    {"out_of_range", "age", 110, any, leave_range},
    {"out_of_range", "credit_score", 65, any, leave_range},
    {"future_date", "last_purchase_date", 80, any, move_into_the_future},
    {"date_order", "first_purchase_date", 95, can_be_reversed, start_after_the_end},
    {kCopies, "", 150, has_own_id, leave_alone},
    {"category_variant", "gender", 320, has_common_levels, spell_otherwise},
    {"category_variant", "country", 260, has_common_levels, spell_otherwise},
    {"category_variant", "device_type", 180, has_common_levels, spell_otherwise},
    {"inconsistent_order_value", "total_spent", 35, any, turn_negative},
    {"inconsistent_order_value", "avg_order_value", 55, any, lose_the_order_value},
};

// Hands out rows in a random order, each once; those that did not fit one kind wait for the next.
class RowDeck {
 public:
  RowDeck(const Population& population, std::int64_t rows)
      : population_(population),
        rows_(rows),
        order_(static_cast<std::uint64_t>(rows), population.seed, Stream::DefectRow) {}

  // A row that fits, or -1.
  std::int64_t take(const Kind& kind) {
    for (auto waiting = waiting_.begin(); waiting != waiting_.end(); ++waiting) {
      if (fits(kind, *waiting)) {
        const std::int64_t row = *waiting;
        waiting_.erase(waiting);
        return row;
      }
    }
    while (next_ < rows_) {
      const auto row = static_cast<std::int64_t>(order_.at(static_cast<std::uint64_t>(next_++)));
      if (fits(kind, row)) return row;
      if (waiting_.size() < kWaitingMax) waiting_.push_back(row);
    }
    return -1;
  }

 private:
  // Small files need every row, large ones have plenty.
  static constexpr std::size_t kWaitingMax = 1000;

  bool fits(const Kind& kind, std::int64_t row) const {
    return kind.fits(population_, row, make_customer(population_, row));
  }

  const Population& population_;
  std::int64_t rows_;
  Permutation order_;
  std::int64_t next_ = 0;
  std::vector<std::int64_t> waiting_;
};

}  // namespace

Result<Defects> Defects::plan(const Population& population, std::int64_t rows) {
  const auto too_few = [](std::string message) {
    return fail(ErrorCode::Usage, std::move(message),
                "give --customers a larger number, or --dirt none");
  };
  if (rows < kRowsMin) return too_few("realistic dirt needs at least 100 customers");
  Defects defects;
  RowDeck deck(population, rows);
  for (std::size_t i = 0; i < std::size(kKinds); ++i) {
    const Kind& kind = kKinds[i];
    const std::int64_t count =
        std::max<std::int64_t>(1, (rows * kind.per_100_000 + 50'000) / 100'000);
    for (std::int64_t k = 0; k < count; ++k) {
      const std::int64_t row = deck.take(kind);
      const std::int64_t source_row = kind.check == kCopies ? deck.take(kind) : row;
      if (row < 0 || source_row < 0) {
        return too_few("too few rows have an identifier of their own for realistic dirt");
      }
      defects.edits_.push_back({row, source_row, i});
    }
    defects.planted_.push_back({kind.check, kind.column, count});
  }
  std::ranges::sort(defects.edits_, {}, &Edit::row);
  return defects;
}

std::span<const Defects::Edit> Defects::edits(std::int64_t first, std::int64_t end) const {
  const auto from = std::ranges::lower_bound(edits_, first, {}, &Edit::row);
  const auto to = std::ranges::lower_bound(from, edits_.end(), end, {}, &Edit::row);
  return {from, to};
}

void Defects::append_line(const Population& population, const Edit& edit, std::string& out) const {
  const Customer customer = make_customer(population, edit.source_row);
  Cells cells = to_cells(customer);
  const Kind& kind = kKinds[edit.kind];
  kind.spoil(cells, kind.column, customer,
             draw(population.seed, Stream::DefectValue, static_cast<std::uint64_t>(edit.row)));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out += cells[i];
    out += i + 1 < cells.size() ? ',' : '\n';
  }
}

}  // namespace quintile::synthetic
