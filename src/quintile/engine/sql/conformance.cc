#include "quintile/engine/sql/conformance.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "quintile/engine/sql/dialect.h"
#include "quintile/engine/sql/temporary_tables.h"

namespace quintile::engine::sql {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::int64_t kFirstPast53Bits = 9'007'199'254'740'993;

struct Question {
  std::string_view name;
  Sql expression;  ///< of constants; empty: `query` it is
  Sql query;       ///< one column
  Type type;
  std::string expected;
};

/// The questions, in the product's spelling.
class Questions {
 public:
  explicit Questions(const Dialect& dialect) : d_(dialect) {}

  std::vector<Question> take() {
    numbers();
    days();
    texts();
    missing_values();
    rows();
    return std::move(questions_);
  }

 private:
  [[nodiscard]] Sql number(std::int64_t value) const { return d_.to_integer(Sql::number(value)); }
  [[nodiscard]] Sql x() const { return d_.name("x"); }

  /// "SELECT a AS x UNION ALL SELECT b AS x", as a table.
  [[nodiscard]] Sql table(const std::vector<Sql>& values) const {
    std::vector<Sql> selects;
    for (const Sql& value : values) selects.push_back(sql("SELECT {} AS {}", value, x()));
    return sql("({}) {}", Sql::join(selects, Separator::UnionAll), d_.name("v"));
  }

  void ask(std::string_view name, const Sql& query, Type type, std::string expected) {
    questions_.push_back({name, Sql(), query, type, std::move(expected)});
  }
  void ask_number(std::string_view name, const Sql& expression, std::int64_t expected) {
    const Sql as_integer = d_.to_integer(expression);
    questions_.push_back(
        {name, as_integer, sql("SELECT {}", as_integer), Type::Integer, std::to_string(expected)});
  }
  void ask_text(std::string_view name, const Sql& expression, std::string expected) {
    questions_.push_back(
        {name, expression, sql("SELECT {}", expression), Type::Text, std::move(expected)});
  }
  void ask_whether(std::string_view name, const Sql& condition, bool expected) {
    ask_number(name, sql("CASE WHEN {} THEN 1 ELSE 0 END", condition), expected ? 1 : 0);
  }

  void numbers() {
    ask_number("integer_past_53_bits", number(kFirstPast53Bits), kFirstPast53Bits);
    ask_number("integer_largest", number(INT64_MAX), INT64_MAX);
    ask_number("integer_smallest", number(INT64_MIN), INT64_MIN);
    ask_text("integer_as_text", d_.to_text(number(-kFirstPast53Bits)), "-9007199254740993");
    ask_number("modulo", d_.modulo(number(kFirstPast53Bits), number(1024)), 1);
    ask_number("quotient_rounds_down", d_.floor_quotient(number(-7), number(2)), -4);
    ask_number("decimal_to_integer",
               sql("CAST(90071992547409.93 AS DECIMAL(18, 2)) * {}", Sql::number(100)),
               kFirstPast53Bits);
    ask_whether("case_takes_the_first", sql("CASE WHEN 1 = 1 THEN 1 WHEN 2 = 2 THEN 2 END = 1"),
                true);
  }

  void ask_day(std::string_view name, std::int64_t microseconds, std::int64_t expected) {
    ask_number(name, d_.day(d_.time_stamp(microseconds)), expected);
  }

  void days() {
    constexpr std::int64_t kLeapDay2024 = 19'782;
    ask_day("day_of_leap_day", kLeapDay2024 * kDay, kLeapDay2024);
    ask_day("day_after_leap_day", (kLeapDay2024 + 1) * kDay, kLeapDay2024 + 1);
    ask_day("day_at_year_end", 19'723 * kDay - 1, 19'722);
    ask_day("day_at_new_year", 19'723 * kDay, 19'723);
    ask_day("day_just_before_1970", -1, -1);
    ask_day("day_in_1900", -25'508 * kDay, -25'508);
    ask_whether("time_stamps_compare_by_microseconds",
                sql("{} < {}", d_.time_stamp(20'454 * kDay - 1), d_.time_stamp(20'454 * kDay)),
                true);
  }

  void texts() {
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"text_of_quotes", "it's \"so\""},
             {"text_of_backslashes", R"(a\b\\n\'c)"},
             {"text_of_line_ends", "a\nb\tc"},
             {"text_of_many_alphabets", "é e\u0301 日本 \U0001F600 ß"}}) {
      ask_text(name, d_.text(value), value);
    }
    ask_number("md5_first_word", d_.md5_word(d_.text("é"), 1), 0x66ddcd97);
    ask_number("md5_second_word", d_.md5_word(d_.text("é"), 9), 0xcfdeabb2);
    const auto by_bytes = [this](const char* a, const char* b) {
      return sql("{} < {}", d_.by_bytes(d_.text(a)), d_.by_bytes(d_.text(b)));
    };
    ask_whether("capitals_come_first", by_bytes("B", "a"), true);
    ask_whether("accents_come_last", by_bytes("z", "é"), true);
    ask_whether("trailing_blank_counts", sql("{} = {}", d_.text("a"), d_.text("a ")), false);
    ask_whether("case_counts", sql("{} = {}", d_.text("a"), d_.text("A")), false);
    ask_whether("composition_counts", sql("{} = {}", d_.text("\u00e9"), d_.text("e\u0301")), false);
    ask_whether("contains_plain_text", d_.contains(d_.text("a%b_c"), d_.text("%b_")), true);
    ask_whether("contains_no_pattern", d_.contains(d_.text("abc"), d_.text("a_c")), false);
    ask_whether("starts_with", d_.starts_with(d_.text("éa"), d_.text("é")), true);
    ask_text("trim", d_.trim(d_.text(" \t\n a b \r ")), "a b");
    ask_text("trim_of_a_sign_and_zeros", d_.without_leading(d_.text("-00120"), "+-0"), "120");
    ask_whether("integer_of_many_digits", d_.is_long_integer(d_.text("-012345678901234567890")),
                true);
    ask_whether("integer_of_nothing_but_a_sign", d_.is_long_integer(d_.text("-")), false);
  }

  void missing_values() {
    ask_whether("empty_text_is_not_missing", sql("{} IS NULL", d_.text("")), false);
    const std::array parts = {d_.text("a"), sql("NULLIF({0}, {0})", d_.text("b"))};
    ask_whether("missing_text_spreads", sql("{} IS NULL", d_.concatenate(parts)), true);
    ask("sum_of_nothing",
        sql("SELECT {} FROM {} WHERE {} > 5", d_.to_integer(sql("COALESCE(SUM({}), 0)", x())),
            table({number(1)}), x()),
        Type::Integer, "0");
    const Sql missing = sql("NULLIF({0}, {0})", number(2));
    ask("missing_comes_first_if_asked",
        sql("SELECT {0} FROM {1} ORDER BY {0} NULLS FIRST", x(),
            table({number(2), missing, number(1)})),
        Type::Integer, "(missing) 1 2");
    ask("count_leaves_out_missing",
        sql("SELECT {} FROM {}", d_.to_integer(sql("COUNT({})", x())), table({number(2), missing})),
        Type::Integer, "1");
  }

  void rows() {
    ask("sum_is_exact",
        sql("SELECT {} FROM {}", d_.to_integer(sql("SUM({})", x())),
            table({number(kFirstPast53Bits), number(1)})),
        Type::Integer, std::to_string(kFirstPast53Bits + 1));
    ask("rows_are_numbered_in_total_order",
        sql("SELECT {0} FROM (SELECT {0}, ROW_NUMBER() OVER (ORDER BY {0} DESC) AS {2} FROM {1}) "
            "{3} "
            "WHERE {2} = 2",
            x(), table({number(1), number(3), number(2)}), d_.name("place"), d_.name("w")),
        Type::Integer, "2");
    ask("groups_by_bytes",
        sql("SELECT {} FROM (SELECT {} FROM {} GROUP BY {}) {}",
            d_.to_integer(sql("COUNT({})", Sql::number(1))), x(),
            table({d_.text("\u00e9"), d_.text("e\u0301"), d_.text("a"), d_.text("a ")}), x(),
            d_.name("w")),
        Type::Integer, "4");
    ask("count_distinct_is_exact", count_distinct(), Type::Integer, "100000");
  }

  /// Of 100,000 different numbers, five digits each.
  [[nodiscard]] Sql count_distinct() const {
    std::vector<Sql> digits;
    for (std::int64_t digit = 0; digit < 10; ++digit) digits.push_back(number(digit));
    std::vector<Sql> tables;
    std::vector<Sql> terms;
    std::int64_t weight = 1;
    for (const char* name : {"t1", "t2", "t3", "t4", "t5"}) {
      tables.push_back(sql("(SELECT {0} FROM {1}) {2}", x(), table(digits), d_.name(name)));
      terms.push_back(sql("{}.{} * {}", d_.name(name), x(), Sql::number(weight)));
      weight *= 10;
    }
    const Sql sum = sql("{} + {} + {} + {} + {}", terms[0], terms[1], terms[2], terms[3], terms[4]);
    const Sql from = sql("{} CROSS JOIN {} CROSS JOIN {} CROSS JOIN {} CROSS JOIN {}", tables[0],
                         tables[1], tables[2], tables[3], tables[4]);
    return sql("SELECT {} FROM {}", d_.to_integer(sql("COUNT(DISTINCT {})", sum)), from);
  }

  const Dialect& d_;
  std::vector<Question> questions_;
};

std::string cell(const Answer& answer, std::int64_t row, std::size_t column, Type type) {
  if (answer.is_missing(row, column)) return "(missing)";
  return type == Type::Integer ? std::to_string(answer.integer(row, column))
                               : answer.text(row, column);
}

/// Does the engine answer at all?
bool answers(Session& session, const Dialect& dialect) {
  const std::array types = {Type::Integer};
  const Sql statement = sql("SELECT {}", dialect.to_integer(Sql::number(1)));
  return query(session, statement.text(), types).has_value();
}

/// The answer in words: an engine's refusal is one too, as long as it answers anything.
Result<std::string> in_words(Session& session, const Dialect& dialect, const Result<Answer>& answer,
                             Type type) {
  if (answer) {
    std::string words;
    for (std::int64_t row = 0; row < answer->rows(); ++row)
      words += (row > 0 ? " " : "") + cell(*answer, row, 0, type);
    return words;
  }
  if (answer.error().code == ErrorCode::Cancelled || !answers(session, dialect))
    return std::unexpected(answer.error());
  return answer.error().message;
}

/// Answers to all questions of one expression, by one statement: engines take their time for each.
/// An error where the engine refuses any of them.
Result<std::vector<std::string>> answer_at_once(Session& session,
                                                const std::vector<Question>& questions) {
  std::vector<Sql> expressions;
  std::vector<Type> types;
  for (const Question& question : questions) {
    if (question.expression.empty()) continue;
    expressions.push_back(question.expression);
    types.push_back(question.type);
  }
  QUINTILE_TRY(const Answer answer,
               query(session, sql("SELECT {}", Sql::join(expressions)).text(), types));
  std::vector<std::string> words;
  for (std::size_t i = 0; i < types.size() && answer.rows() == 1; ++i)
    words.push_back(cell(answer, 0, i, types[i]));
  return words;
}

}  // namespace

Result<std::vector<ConformanceCheck>> check_answers(Session& session) {
  const Dialect dialect(session.server().product);
  const std::vector<Question> questions = Questions(dialect).take();
  const auto at_once = answer_at_once(session, questions);
  std::size_t next = 0;
  std::vector<ConformanceCheck> checks;
  for (const Question& question : questions) {
    std::string got;
    if (at_once && !question.expression.empty() && next < at_once->size()) {
      got = (*at_once)[next++];
    } else {
      const std::array types = {question.type};
      QUINTILE_TRY(got, in_words(session, dialect, query(session, question.query.text(), types),
                                 question.type));
    }
    checks.push_back({std::string(question.name), question.expected, std::move(got)});
  }
  return checks;
}

Result<ConformanceCheck> check_tables(Session& session) {
  const Dialect dialect(session.server().product);
  const std::array types = {Type::Integer};
  ConformanceCheck check{.name = "table_can_be_made_and_dropped", .expected = "7", .got = {}};
  std::string read;
  {
    TemporaryTables tables(session, dialect);
    const auto made = tables.create(
        "check", sql("SELECT {} AS {}", dialect.to_integer(Sql::number(7)), dialect.name("x")));
    if (made) read = sql("SELECT {} FROM {}", dialect.name("x"), *made).text();
    QUINTILE_TRY(check.got, in_words(session, dialect,
                                     made ? query(session, read, types)
                                          : Result<Answer>(std::unexpected(made.error())),
                                     Type::Integer));
  }
  if (!read.empty() && query(session, read, types)) check.got += " and is still there";
  return check;
}

}  // namespace quintile::engine::sql
