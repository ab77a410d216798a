#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/base/text.h"
#include "quintile/expression/expression.h"
#include "quintile/expression/lexicon_internal.h"

namespace quintile::expression {
namespace {

constexpr int kNestingMax = 200;
constexpr std::int64_t kMicrosecondsPerDay = 86'400'000'000;

enum class Kind : std::uint8_t { End, Fault, Name, Literal, Comparison, Open, Close, Comma };

struct Token {
  Kind kind = Kind::End;
  std::int64_t offset = 0;
  std::int64_t length = 0;
  bool bare = false;   ///< a name without backquotes
  std::string text;    ///< the name; of a fault, its message
  std::string advice;  ///< of a fault
  Literal literal;
  Operator op = Operator::Equal;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "recency_dayz" as it may stand in a message: short, one line, between quotes.
std::string quoted(std::string_view text) {
  constexpr std::size_t kLengthMax = 40;
  std::string shown;
  for (const char c : text) {
    if (shown.size() >= kLengthMax && (static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      shown += "…";
      break;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
      shown += c;
    }
  }
  return "'" + shown + "'";
}

/// Splits a source into tokens. The first fault ends the list, so that the parser meets the faults
/// of words and of grammar in the order in which they stand.
class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<Token> run() {
    do {
      while (at_ < source_.size() && std::string_view(" \t\r\n").contains(source_[at_])) ++at_;
      start_ = at_;
      tokens_.push_back(next());
      tokens_.back().offset = static_cast<std::int64_t>(start_);
      tokens_.back().length = static_cast<std::int64_t>(at_ - start_);
    } while (tokens_.back().kind != Kind::End && tokens_.back().kind != Kind::Fault);
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  bool take(std::string_view text) {
    if (!source_.substr(at_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }

  static Token fault(std::string message, std::string advice = {}) {
    Token token;
    token.kind = Kind::Fault;
    token.text = std::move(message);
    token.advice = std::move(advice);
    return token;
  }
  static Token of(Kind kind) {
    Token token;
    token.kind = kind;
    return token;
  }
  static Token of(Operator op) {
    Token token = of(Kind::Comparison);
    token.op = op;
    return token;
  }
  static Token of(Literal literal) {
    Token token = of(Kind::Literal);
    token.literal = std::move(literal);
    return token;
  }

  Token next() {
    if (at_ == source_.size()) return of(Kind::End);
    if (take("(")) return of(Kind::Open);
    if (take(")")) return of(Kind::Close);
    if (take(",")) return of(Kind::Comma);
    for (const auto& [foreign, ours] : kForeignOperators) {
      if (take(foreign)) {
        return fault(fmt::format("unknown operator '{}'; did you mean '{}'?", foreign, ours));
      }
    }
    if (take("!=")) return of(Operator::NotEqual);
    if (take("<=")) return of(Operator::LessEqual);
    if (take(">=")) return of(Operator::GreaterEqual);
    if (take("<")) return of(Operator::Less);
    if (take(">")) return of(Operator::Greater);
    if (take("=")) return of(Operator::Equal);
    if (take("!")) return fault("unknown operator '!'; did you mean 'not'?");
    if (peek() == '"') return text();
    if (peek() == '`') return backquoted_name();
    if (is_digit(peek()) || (peek() == '-' && is_digit(peek(1)))) return number_or_date();
    for (const std::string_view sign : kForeignQuotes) {
      if (take(sign)) return fault("texts stand in double quotes: \"…\"");
    }
    if (source_.substr(at_).starts_with(kNoBreakSpace)) {
      return fault("a no-break space stands where a blank should be");
    }
    if (is_name_start(peek())) return bare_name();
    return unexpected_character();
  }

  Token unexpected_character() {
    const char c = source_[at_++];
    if (std::string_view("+-*/%^").contains(c)) {
      return fault(fmt::format("the language has no arithmetic: {}", quoted({&c, 1})),
                   "if it is part of a name, put the name in backquotes: `a-b`");
    }
    return fault(fmt::format("unexpected character: {}", quoted({&c, 1})),
                 "if it is part of a name, put the name in backquotes");
  }

  Token bare_name() {
    while (is_name_part(peek()) && !starts_with_foreign_sign(source_.substr(at_))) ++at_;
    Token token = of(Kind::Name);
    token.bare = true;
    token.text = source_.substr(start_, at_ - start_);
    return token;
  }

  Token backquoted_name() {
    Token token = of(Kind::Name);
    ++at_;
    while (true) {
      if (at_ == source_.size()) return unclosed("the name in backquotes is not closed");
      if (take("``")) {
        token.text += '`';
      } else if (take("`")) {
        break;
      } else {
        token.text += source_[at_++];
      }
    }
    if (token.text.empty()) return fault("a name in backquotes is empty");
    return token;
  }

  Token text() {
    Literal literal{.type = Type::Text};
    ++at_;
    while (true) {
      if (at_ == source_.size() || peek() == '\n') return unclosed("the text is not closed");
      const char c = source_[at_++];
      if (c == '"') break;
      if (c != '\\') {
        literal.text += c;
        continue;
      }
      const auto* escape = std::ranges::find(kEscapes, peek(), &Escape::letter);
      if (escape == std::end(kEscapes)) {
        start_ = at_ - 1;
        return fault("unknown escape in a text: \\", R"(there are \" \\ \n \r \t)");
      }
      literal.text += escape->character;
      ++at_;
    }
    return of(std::move(literal));
  }

  Token unclosed(std::string message) {
    at_ = start_ + 1;
    return fault(std::move(message));
  }

  Token number_or_date() {
    if (peek() == '-') ++at_;
    const std::size_t digits_start = at_;
    while (is_digit(peek())) ++at_;
    if (at_ == start_ + 4 && peek() == '-' && is_digit(peek(1))) return date();
    if (peek() == '.' && is_digit(peek(1))) {
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    const std::string_view number = source_.substr(start_, at_ - start_);
    if (is_name_part(peek()) || peek() == '.') {
      while (is_name_part(peek()) || peek() == '.') ++at_;
      return fault("not a number: " + quoted(source_.substr(start_, at_ - start_)),
                   "numbers are written 1500 or -12.50; a name that starts with a digit stands in "
                   "backquotes");
    }
    return number_of(number, number.substr(digits_start - start_));
  }

  static Token number_of(std::string_view number, std::string_view magnitude) {
    constexpr int kDigitsMax = 18;
    Literal literal;
    int digits = 0;
    for (const char c : magnitude) {
      if (c == '.') {
        literal.type = Type::Decimal;
        continue;
      }
      if (literal.number != 0 || c != '0') ++digits;
      if (literal.type == Type::Decimal) ++literal.scale;
      if (digits > kDigitsMax || literal.scale > kDigitsMax) {
        return fault("a number has more than 18 digits: " + quoted(number));
      }
      literal.number = literal.number * 10 + (c - '0');
    }
    if (number.front() == '-') literal.number = -literal.number;
    return of(std::move(literal));
  }

  /// Reads `width` digits, or -1.
  int field(std::size_t width) {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (!is_digit(peek())) return -1;
      value = value * 10 + (source_[at_++] - '0');
    }
    return is_digit(peek()) ? -1 : value;
  }

  Token date() {
    at_ = start_;
    const int year = field(4);
    const int month = take("-") ? field(2) : -1;
    const int day = month >= 0 && take("-") ? field(2) : -1;
    if (day < 0) {
      while (is_name_part(peek()) || peek() == '-') ++at_;
      return fault("not a date: " + quoted(source_.substr(start_, at_ - start_)),
                   "dates are written 2023-11-15");
    }
    const auto number = day_number(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
    if (!number) {
      return fault("there is no such day: " + quoted(source_.substr(start_, at_ - start_)));
    }
    const bool blank = peek() == ' ' && is_digit(peek(1)) && is_digit(peek(2)) && peek(3) == ':';
    if (peek() == 'T' || blank) {
      ++at_;
      return time_on(*number);
    }
    if (is_name_part(peek()) || peek() == '-') {
      while (is_name_part(peek()) || peek() == '-') ++at_;
      return fault("not a date: " + quoted(source_.substr(start_, at_ - start_)),
                   "dates are written 2023-11-15");
    }
    return of(Literal{.type = Type::Date, .number = *number});
  }

  Token time_on(std::int64_t day) {
    const int hour = field(2);
    const int minute = hour >= 0 && take(":") ? field(2) : -1;
    const bool has_second = minute >= 0 && take(":");
    const int second = has_second ? field(2) : 0;
    std::int64_t fraction = 0;
    int fraction_digits = 0;
    if (has_second && peek() == '.' && is_digit(peek(1))) {
      ++at_;
      for (; is_digit(peek()) && fraction_digits <= 6; ++fraction_digits) {
        fraction = fraction * 10 + (source_[at_++] - '0');
      }
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        fraction_digits > 6 || is_name_part(peek()) || peek() == ':') {
      while (is_name_part(peek()) || peek() == ':' || peek() == '.') ++at_;
      return fault("not a time: " + quoted(source_.substr(start_, at_ - start_)),
                   "times are written 2023-11-15T17:30:00");
    }
    for (; fraction_digits < 6; ++fraction_digits) fraction *= 10;
    const std::int64_t seconds = (hour * 60 + minute) * 60 + second;
    return of(Literal{.type = Type::Timestamp,
                      .number = day * kMicrosecondsPerDay + seconds * 1'000'000 + fraction});
  }

  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  std::vector<Token> tokens_;
};

/// Recursive descent: or, and, not, condition.
class Parser {
 public:
  Parser(std::string_view source, const Place& place, ErrorCode code)
      : source_(source), place_(place), code_(code), tokens_(Lexer(source).run()) {}

  Result<Node> run() {
    if (now().kind == Kind::End) return error("the expression is empty");
    QUINTILE_TRY(Node root, disjunction());
    if (now().kind != Kind::End) return unexpected_end();
    return root;
  }

 private:
  [[nodiscard]] const Token& now() const { return tokens_[at_]; }
  [[nodiscard]] bool is(Kind kind) const { return now().kind == kind; }
  [[nodiscard]] bool is_word(std::string_view word) const {
    return is(Kind::Name) && now().bare && now().text == word;
  }
  bool take(Kind kind) {
    if (!is(kind)) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!is_word(word)) return false;
    ++at_;
    return true;
  }

  [[nodiscard]] std::unexpected<Error> error(std::string message, std::string advice = {}) const {
    return error_at(now().offset, std::move(message), std::move(advice));
  }
  [[nodiscard]] std::unexpected<Error> error_at(std::int64_t offset, std::string message,
                                                std::string advice = {}) const {
    return fail(code_, std::move(message), std::move(advice), place_in(place_, source_, offset));
  }

  /// "expected X, found Y", or the fault that the lexer met here.
  [[nodiscard]] std::unexpected<Error> expected(std::string_view what,
                                                std::string advice = {}) const {
    const Token& token = now();
    if (token.kind == Kind::Fault) return error(token.text, token.advice);
    if (token.kind == Kind::End) {
      return error(fmt::format("expected {} at the end of the expression", what),
                   std::move(advice));
    }
    const auto found = source_.substr(static_cast<std::size_t>(token.offset),
                                      static_cast<std::size_t>(token.length));
    return error(fmt::format("expected {}, found {}{}", what, quoted(found), did_you_mean()),
                 std::move(advice));
  }

  /// For a keyword in capitals, or `null` in place of `missing`.
  [[nodiscard]] std::string did_you_mean() const {
    if (!is(Kind::Name) || !now().bare) return {};
    std::string lower = now().text;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower == "null" || lower == "na") lower = "missing";
    const bool keyword = expression::is_reserved(lower) || lower == "missing";
    return keyword && lower != now().text ? fmt::format("; did you mean '{}'?", lower) : "";
  }

  [[nodiscard]] std::unexpected<Error> unexpected_end() const {
    if (is(Kind::Comparison) || is_word("between") || is_word("in") || is_word("is")) {
      return error("a comparison cannot be compared again",
                   "join comparisons by 'and', or write 'x between a and b'");
    }
    if (is(Kind::Close)) return error("there is no '(' for this ')'");
    if (is_word("not")) {
      return expected("'and' or 'or'", "'not' stands before the whole comparison: not x in (1, 2)");
    }
    return expected("'and', 'or' or the end");
  }

  Result<Node> disjunction() { return joined(Operator::Or, "or"); }

  /// `a and b and c`, or the same with or. Groups of the same kind are taken up: they say nothing
  /// more.
  Result<Node> joined(Operator op, std::string_view word) {
    QUINTILE_TRY(Node first, op == Operator::Or ? joined(Operator::And, "and") : negation());
    if (!is_word(word)) return first;
    Node node{.op = op, .offset = first.offset};
    take_up(node, std::move(first));
    while (take_word(word)) {
      QUINTILE_TRY(Node child, op == Operator::Or ? joined(Operator::And, "and") : negation());
      take_up(node, std::move(child));
    }
    node.length = end_of_last() - node.offset;
    return node;
  }

  static void take_up(Node& node, Node child) {
    if (child.op != node.op) return node.children.push_back(std::move(child));
    std::ranges::move(child.children, std::back_inserter(node.children));
  }

  Result<Node> negation() {
    if (++depth_ > kNestingMax)
      return error("the expression is nested too deeply; at most 200 levels");
    const std::int64_t offset = now().offset;
    auto node = [&]() -> Result<Node> {
      if (!take_word("not")) return condition();
      QUINTILE_TRY(Node child, negation());
      return negated(std::move(child), offset);
    }();
    --depth_;
    return node;
  }

  Node negated(Node child, std::int64_t offset) const {
    Node node{.op = Operator::Not, .offset = offset, .length = end_of_last() - offset};
    node.children.push_back(std::move(child));
    return node;
  }

  [[nodiscard]] std::int64_t end_of_last() const {
    return at_ == 0 ? 0 : tokens_[at_ - 1].offset + tokens_[at_ - 1].length;
  }

  Result<Node> condition() {
    if (take(Kind::Open)) {
      QUINTILE_TRY(Node inner, disjunction());
      if (!take(Kind::Close)) return expected("')'");
      return inner;
    }
    const bool call = at_ + 1 < tokens_.size() && tokens_[at_ + 1].kind == Kind::Open;
    if (call && is_word("starts_with")) return function(Operator::StartsWith);
    if (call && is_word("contains")) return function(Operator::Contains);
    if (call && is(Kind::Name) && !is_reserved(now())) {
      return error("unknown function: " + quoted(now().text), "there are starts_with and contains");
    }
    const std::int64_t offset = now().offset;
    QUINTILE_TRY(Operand left, operand("a condition"));
    QUINTILE_TRY(Node node, comparison(std::move(left), offset));
    return node;
  }

  Result<Node> comparison(Operand left, std::int64_t offset) {
    Node node{.offset = offset};
    node.operands.push_back(std::move(left));
    bool missing_negated = false;
    if (is(Kind::Comparison)) {
      node.op = now().op;
      ++at_;
      QUINTILE_TRY(Operand right, operand("a field or a value"));
      node.operands.push_back(std::move(right));
    } else if (take_word("between")) {
      node.op = Operator::Between;
      QUINTILE_TRY(Operand low, operand("the lower end"));
      if (!take_word("and")) return expected("'and' of 'between … and …'");
      QUINTILE_TRY(Operand high, operand("the upper end"));
      node.operands.push_back(std::move(low));
      node.operands.push_back(std::move(high));
    } else if (take_word("in")) {
      node.op = Operator::In;
      QUINTILE_TRY_STATUS(list(node));
    } else if (take_word("is")) {
      node.op = Operator::IsMissing;
      missing_negated = take_word("not");
      if (!take_word("missing")) return expected("'missing'");
    } else {
      QUINTILE_TRY_STATUS(alone(node));
    }
    if (!node.operands.empty() && (node.op == Operator::In || node.op == Operator::IsMissing) &&
        !node.operands.front().field) {
      return error_at(offset, "a field must stand here, not a value");
    }
    node.length = end_of_last() - offset;
    return missing_negated ? negated(std::move(node), offset) : std::move(node);
  }

  /// A boolean field, or true or false, that stands alone.
  Status alone(Node& node) const {
    const Operand& operand = node.operands.front();
    if (operand.field) {
      node.op = Operator::Holds;
    } else if (operand.literal.type == Type::Boolean) {
      node.op = Operator::Constant;
    } else {
      if (is(Kind::End) || is(Kind::Close) || is_word("and") || is_word("or")) {
        return error_at(
            operand.offset, "a value alone is no condition",
            operand.literal.type == Type::Text
                ? "double quotes hold texts; a field's name stands bare or in backquotes"
                : "");
      }
      return expected("a comparison");
    }
    // `city Paris`, `x not in (1)`: what follows can only be a mistake here.
    if (is(Kind::End) || is(Kind::Close) || is_word("and") || is_word("or") || is(Kind::Comma))
      return {};
    if (is_word("not")) return unexpected_end();
    return expected("a comparison, 'and' or 'or'");
  }

  Status list(Node& node) {
    if (!take(Kind::Open)) return expected("'(' after 'in'");
    if (is(Kind::Close)) return error("the list of 'in' is empty");
    do {
      QUINTILE_TRY(Operand value, operand("a value"));
      if (value.field) {
        return error_at(value.offset,
                        "only values stand in the list of 'in': " + quoted(*value.field),
                        "texts stand in double quotes");
      }
      node.operands.push_back(std::move(value));
    } while (take(Kind::Comma));
    if (!take(Kind::Close)) return expected("',' or ')'");
    return {};
  }

  Result<Node> function(Operator op) {
    Node node{.op = op, .offset = now().offset};
    at_ += 2;
    QUINTILE_TRY(Operand field, operand("a field"));
    if (!field.field) return error_at(field.offset, "a field must stand here, not a value");
    if (!take(Kind::Comma)) return expected("','");
    QUINTILE_TRY(Operand text, operand("a text"));
    if (text.field || text.literal.type != Type::Text) {
      return error_at(text.offset, "a text must stand here", "texts stand in double quotes");
    }
    if (!take(Kind::Close)) return expected("')'");
    node.operands.push_back(std::move(field));
    node.operands.push_back(std::move(text));
    node.length = end_of_last() - node.offset;
    return node;
  }

  [[nodiscard]] static bool is_reserved(const Token& token) {
    return token.bare && expression::is_reserved(token.text);
  }

  Result<Operand> operand(std::string_view what) {
    const Token& token = now();
    Operand result{.offset = token.offset};
    if (token.kind == Kind::Literal) {
      result.literal = token.literal;
    } else if (is_word("true") || is_word("false")) {
      result.literal = {.type = Type::Boolean, .number = token.text == "true" ? 1 : 0};
    } else if (token.kind == Kind::Name && !is_reserved(token)) {
      result.field = token.text;
    } else {
      return expected(what);
    }
    ++at_;
    return result;
  }

  std::string_view source_;
  const Place& place_;
  ErrorCode code_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Place place_in(const Place& start, std::string_view source, std::int64_t offset) {
  Place place = start;
  if (place.line == 0 && !place.file.empty()) return place;
  const std::string_view before = source.substr(0, static_cast<std::size_t>(offset));
  const std::size_t line_start = before.rfind('\n') + 1;  // 0 where there is none
  place.line = std::max<std::int64_t>(start.line, 1) + std::ranges::count(before, '\n');
  place.column = std::max<std::int64_t>(start.column, 1) +
                 static_cast<std::int64_t>(before.size() - line_start);
  return place;
}

Result<Expression> parse(std::string_view source, const Place& place, ErrorCode code) {
  if (!is_utf8(source)) return fail(code, "the expression is not UTF-8 text", {}, place);
  QUINTILE_TRY(Node root, Parser(source, place, code).run());
  return Expression{std::move(root), std::string(source), place};
}

}  // namespace quintile::expression
