#include <cmath>

#include <fmt/format.h>

#include "quintile/base/text.h"
#include "quintile/mart/json_writer.h"
#include "quintile/report/markup_internal.h"
#include "quintile/summary/wording.h"

namespace quintile::report {

namespace {

// A true minus sign, which is as wide as a plus.
std::string with_minus(std::string text) {
  std::string out;
  for (const char c : text) c == '-' ? void(out += "−") : void(out += c);
  return out;
}

Number absent(std::string key) { return {std::move(key), "", "–"}; }

// The number of bytes of the UTF-8 character that starts with `lead`.
std::size_t bytes_of(unsigned char lead) {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

double width_of(unsigned char lead, unsigned char next) {
  if (lead < 0x80) {
    if (std::string_view("iljtfI.,:;!|'()[] ").find(static_cast<char>(lead)) !=
        std::string_view::npos)
      return 0.32;
    return lead >= 'A' && lead <= 'Z' ? 0.7
           : std::string_view("mwMW%@").find(static_cast<char>(lead)) != std::string_view::npos
               ? 0.88
               : 0.57;
  }
  if (lead < 0xe1 || (lead == 0xe1 && next < 0x84))
    return 0.62;  // Latin, Greek, Cyrillic, Hebrew, Arabic, Indic
  return lead == 0xe2 && next < 0xba ? 0.62 : 1.02;  // punctuation; then CJK and emoji
}

}  // namespace

std::string escape(std::string_view text) {
  const bool sound = is_utf8(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '\n':
      case '\t': out += ' '; break;
      default:
        if (byte >= 0x20 && byte != 0x7f && (byte < 0x80 || sound)) out += c;
    }
  }
  return out;
}

std::string isolate(std::string_view text) { return "<bdi>" + escape(text) + "</bdi>"; }

std::string words(std::string_view name) {
  if (name == "r_score") return "recency score";
  if (name == "f_score") return "frequency score";
  if (name == "m_score") return "value score";
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string Number::attributes() const {
  return fmt::format(" data-key=\"{}\" data-value=\"{}\"", escape(key), escape(value));
}

std::string Number::html() const {
  return fmt::format("<data value=\"{}\" data-key=\"{}\">{}</data>", escape(value), escape(key),
                     escape(text));
}

Number Numbers::count(std::string key, std::int64_t value) const {
  return {std::move(key), std::to_string(value), with_minus(summary::count_text(value))};
}

Number Numbers::share(std::string key, std::optional<double> value) const {
  if (!value || !std::isfinite(*value)) return absent(std::move(key));
  return {std::move(key), mart::shortest(*value), with_minus(summary::share_text(*value))};
}

Number Numbers::change(std::string key, std::optional<double> value) const {
  if (!value || !std::isfinite(*value)) return absent(std::move(key));
  const double percent = std::round(*value * 1000) / 10;
  return {std::move(key), mart::shortest(*value),
          percent == 0
              ? "±0.0 %"
              : with_minus(fmt::format("{:+.{}f} %", percent, std::fabs(percent) < 1000 ? 1 : 0))};
}

Number Numbers::real(std::string key, std::optional<double> value) const {
  if (!value || !std::isfinite(*value)) return absent(std::move(key));
  return {std::move(key), mart::shortest(*value), with_minus(summary::number_text(*value))};
}

Number Numbers::money(std::string key, Int128 minor_units) const {
  return {std::move(key), mart::JsonWriter::plain_decimal(minor_units, money_scale_),
          with_minus(summary::money_text(minor_units, currency_, money_scale_))};
}

Number Numbers::amount(std::string key, std::optional<double> value) const {
  if (!value || !std::isfinite(*value)) return absent(std::move(key));
  return {std::move(key), mart::shortest(*value),
          with_minus(summary::money_text(*value, currency_, money_scale_))};
}

Number Numbers::bare(Number number) const {
  const std::size_t at = number.text.find(currency_ + " ");
  if (at != std::string::npos) number.text.erase(at, currency_.size() + 1);
  return number;
}

Number Numbers::plain(std::string key, std::string value, std::string text) const {
  return {std::move(key), std::move(value), with_minus(std::move(text))};
}

std::string short_amount(double amount) {
  const double size = std::fabs(amount);
  const auto scaled = [amount](double unit, const char* suffix) {
    const double value = amount / unit;
    return with_minus(fmt::format("{:.{}f}{}", value, std::fabs(value) < 9.95 ? 1 : 0, suffix));
  };
  if (size >= 1e12) return scaled(1e12, "T");
  if (size >= 1e9) return scaled(1e9, "bn");
  if (size >= 1e6) return scaled(1e6, "M");
  if (size >= 1e4) return scaled(1e3, "k");
  return with_minus(summary::count_text(static_cast<std::int64_t>(std::round(amount))));
}

double text_width(std::string_view text) {
  double width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    width += width_of(lead, at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0);
    at += bytes_of(lead);
  }
  return width;
}

std::string fit(std::string_view text, double width) {
  if (text_width(text) <= width) return std::string(text);
  double used = 0.9;  // of the ellipsis
  std::size_t end = 0, characters = 0;
  while (end < text.size()) {
    const auto lead = static_cast<unsigned char>(text[end]);
    used += width_of(lead, end + 1 < text.size() ? static_cast<unsigned char>(text[end + 1]) : 0);
    if (used > width) break;
    end = std::min(text.size(), end + bytes_of(lead));
    ++characters;
  }
  if (characters < 2) return "";
  return std::string(trim(text.substr(0, end))) + "…";
}

}  // namespace quintile::report
