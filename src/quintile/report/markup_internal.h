#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "quintile/base/money.h"
#include "quintile/mart/mart.h"

/// Text and numbers as HTML and SVG show them.
namespace quintile::report {

/// Safe between tags and in quoted attributes, of HTML and of XML: markup is escaped, control
/// characters and bytes that are not UTF-8 are dropped.
[[nodiscard]] std::string escape(std::string_view text);

/// The same, set apart so that right-to-left text does not turn its neighbours round.
[[nodiscard]] std::string isolate(std::string_view text);

/// A name as words: "snake case name"; "recency score" for r_score and so on.
[[nodiscard]] std::string words(std::string_view name);

/// A number of the mart with where it stands there, so that a reader or a test can look it up.
struct Number {
  std::string key;    ///< "summary.json/segments/champions/customers"
  std::string value;  ///< as it stands there; empty where there is none
  std::string text;   ///< for people

  /// `<data value="…" data-key="…">1,234</data>`.
  [[nodiscard]] std::string html() const;
  /// The attributes of an SVG text that shows it.
  [[nodiscard]] std::string attributes() const;
};

/// Makes numbers of one mart.
class Numbers {
 public:
  explicit Numbers(const mart::Mart& mart)
      : currency_(mart.manifest.currency), money_scale_(mart.manifest.money_scale) {}

  [[nodiscard]] Number count(std::string key, std::int64_t value) const;
  [[nodiscard]] Number share(std::string key, std::optional<double> value) const;
  /// A difference in percent with its sign: "+12.3 %".
  [[nodiscard]] Number change(std::string key, std::optional<double> value) const;
  [[nodiscard]] Number real(std::string key, std::optional<double> value) const;
  [[nodiscard]] Number money(std::string key, Int128 minor_units) const;
  /// An amount in currency units.
  [[nodiscard]] Number amount(std::string key, std::optional<double> value) const;
  /// An amount without the currency's name, for tables that name it once.
  [[nodiscard]] Number bare(Number number) const;
  /// Text for people that stands in the mart under `key`, such as a cut point.
  [[nodiscard]] Number plain(std::string key, std::string value, std::string text) const;

  [[nodiscard]] const std::string& currency() const { return currency_; }
  [[nodiscard]] int money_scale() const { return money_scale_; }

 private:
  std::string currency_;
  int money_scale_;
};

/// "1.2M", "345k", "87": an amount for small places.
[[nodiscard]] std::string short_amount(double amount);

/// How wide text is about, in units of the font size times one; for choosing what fits.
[[nodiscard]] double text_width(std::string_view text);

/// `text` cut at a character's end to be at most `width` wide, with "…" where it was cut; empty
/// where not even two characters would fit.
[[nodiscard]] std::string fit(std::string_view text, double width);

}  // namespace quintile::report
