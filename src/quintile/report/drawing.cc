#include <cmath>

#include <fmt/format.h>

#include "quintile/report/drawing_internal.h"

namespace quintile::report {

namespace {

constexpr std::string_view kLight =
    "--page:#fafafb;--surface:#fff;--sunken:#f4f4f6;--line:#e0e0e5;--soft:#efeff2;--ink:#16161b;--"
    "ink2:#53535e;"
    "--ink3:#6a6a75;--accent:#4f46c8;--accent-soft:#eeedfb;--better:#006737;--worse:#a51f1e;"
    "--core-t:#d0f3e4;--core-m:#1b9673;--core-x:#00402e;--growing-t:#d9ebff;--growing-m:#5381c4;--"
    "growing-x:#1d3559;"
    "--slipping-t:#fce6cc;--slipping-m:#aa7323;--slipping-x:#4b2e01;--dormant-t:#e8e9ee;--dormant-"
    "m:#7e7f8b;"
    "--dormant-x:#34353b;";
constexpr std::string_view kDark =
    "--page:#0d0d10;--surface:#151519;--sunken:#1b1b20;--line:#33333c;--soft:#202026;--ink:#ededf1;"
    "--ink2:#a9a9b4;"
    "--ink3:#8e8e99;--accent:#8d85f5;--accent-soft:#23213d;--better:#6cd092;--worse:#f6857a;"
    "--core-t:#133529;--core-m:#3fb690;--core-x:#c2e8d8;--growing-t:#1f2e44;--growing-m:#6ea0e8;--"
    "growing-x:#cce0fc;"
    "--slipping-t:#3c2a13;--slipping-m:#cc9140;--slipping-x:#f1dabe;--dormant-t:#2d2d31;--dormant-"
    "m:#9c9daa;"
    "--dormant-x:#dddee2;";

std::string class_attribute(std::string_view classes) {
  return classes.empty() ? std::string() : fmt::format(" class=\"{}\"", classes);
}

std::string_view anchor_class(Anchor anchor) {
  return anchor == Anchor::Middle ? " text-anchor=\"middle\""
         : anchor == Anchor::End  ? " text-anchor=\"end\""
                                  : "";
}

std::string shape(segments::Family family, double x, double y, double size) {
  const double half = size / 2;
  switch (family) {
    case segments::Family::Core:
      return fmt::format(
          "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"1\" class=\"m core\"/>",
          unit(x - half * 0.9), unit(y - half * 0.9), unit(size * 0.9), unit(size * 0.9));
    case segments::Family::Growing:
      return fmt::format("<path d=\"M{} {}L{} {}L{} {}Z\" class=\"m growing\"/>", unit(x),
                         unit(y - half), unit(x + half), unit(y + half * 0.8), unit(x - half),
                         unit(y + half * 0.8));
    case segments::Family::Slipping:
      return fmt::format("<path d=\"M{} {}L{} {}L{} {}Z\" class=\"m slipping\"/>", unit(x),
                         unit(y + half), unit(x + half), unit(y - half * 0.8), unit(x - half),
                         unit(y - half * 0.8));
    case segments::Family::Dormant: break;
  }
  return fmt::format(
      "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" class=\"ring dormant\" stroke-width=\"{}\"/>", unit(x),
      unit(y), unit(half * 0.72), unit(std::max(1.6, size * 0.2)));
}

}  // namespace

std::string unit(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string family_class(segments::Family family) { return std::string(to_string(family)); }

std::string family_mark(segments::Family family) {
  return fmt::format(
      "<svg class=\"mark\" viewBox=\"0 0 12 12\" width=\"12\" height=\"12\" "
      "aria-hidden=\"true\">{}</svg>",
      shape(family, 6, 6, 10));
}

void Drawing::rect(double x, double y, double width, double height, std::string_view classes,
                   std::string_view extra) {
  body_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}{}/>\n", unit(x),
                       unit(y), unit(std::max(0.0, width)), unit(std::max(0.0, height)),
                       class_attribute(classes), extra);
}

void Drawing::line(double x1, double y1, double x2, double y2, std::string_view classes) {
  body_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n", unit(x1), unit(y1),
                       unit(x2), unit(y2), class_attribute(classes));
}

void Drawing::path(std::string_view commands, std::string_view classes) {
  body_ += fmt::format("<path d=\"{}\"{}/>\n", commands, class_attribute(classes));
}

void Drawing::circle(double x, double y, double radius, std::string_view classes,
                     std::string_view extra) {
  body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}{}/>\n", unit(x), unit(y),
                       unit(radius), class_attribute(classes), extra);
}

void Drawing::text(double x, double y, std::string_view content, std::string_view classes,
                   Anchor anchor) {
  body_ += fmt::format("<text x=\"{}\" y=\"{}\"{}{}>{}</text>\n", unit(x), unit(y),
                       class_attribute(classes), anchor_class(anchor), escape(content));
}

void Drawing::number(double x, double y, const Number& number, std::string_view classes,
                     Anchor anchor) {
  body_ += fmt::format("<text x=\"{}\" y=\"{}\"{}{}{}>{}</text>\n", unit(x), unit(y),
                       class_attribute(classes), anchor_class(anchor), number.attributes(),
                       escape(number.text));
}

void Drawing::mark(segments::Family family, double x, double y, double size) {
  body_ += shape(family, x, y, size) + "\n";
}

void Drawing::begin_group(std::string_view tooltip) {
  body_ += fmt::format("<g><title>{}</title>\n", escape(tooltip));
}

std::string Drawing::wrapped(std::string_view attributes, std::string_view before) const {
  return fmt::format(
      "<svg{} role=\"img\" aria-labelledby=\"{}-t {}-d\">\n"
      "<title id=\"{}-t\">{}</title>\n<desc id=\"{}-d\">{}</desc>\n{}{}</svg>\n",
      attributes, name_, name_, name_, escape(title_), name_, escape(description_), before, body_);
}

std::string Drawing::standalone() const {
  // A margin all round, and the title above, which a page shows as a heading.
  constexpr double kMargin = 16, kHeader = 40;
  const double width = width_ + 2 * kMargin, height = height_ + kHeader + kMargin;
  const std::string attributes = fmt::format(
      " xmlns=\"http://www.w3.org/2000/svg\" class=\"qf\" width=\"{}\" height=\"{}\" viewBox=\"{} "
      "{} {} {}\"",
      unit(width), unit(height), unit(-kMargin), unit(-kHeader), unit(width), unit(height));
  const std::string before = fmt::format(
      "<style>{}{}.qf{{font-family:Inter,system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto "
      "Sans\",sans-serif}}</style>\n<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
      "class=\"paper\"/>\n"
      "<text x=\"0\" y=\"-16\" class=\"b l\">{}</text>\n",
      palette(".qf"), figure_style(), unit(-kMargin), unit(-kHeader), unit(width), unit(height),
      escape(title_));
  return wrapped(attributes, before);
}

std::string Drawing::embedded() const {
  return wrapped(fmt::format(" class=\"qf{}\" viewBox=\"0 0 {} {}\"", width_ < 700 ? " narrow" : "",
                             unit(width_), unit(height_)),
                 "");
}

std::string palette(std::string_view selector) {
  return fmt::format("{}{{{}}}\n@media screen and (prefers-color-scheme:dark){{{}{{{}}}}}\n",
                     selector, kLight, selector, kDark);
}

std::string figure_style() {
  std::string style =
      ".qf text{fill:var(--ink);font-size:12px;font-variant-numeric:tabular-nums}\n"
      ".qf .s{font-size:11px}.qf .xs{font-size:10px}.qf .b{font-weight:600}.qf .l{font-size:14px}\n"
      ".qf text.i2{fill:var(--ink2)}.qf text.i3{fill:var(--ink3)}.qf text.acc{fill:var(--accent)}\n"
      ".qf .paper{fill:var(--surface)}.qf .grid{stroke:var(--line);stroke-width:1}\n"
      ".qf .axis{stroke:var(--ink3);stroke-width:1}.qf "
      ".dash{stroke:var(--ink2);stroke-width:1;stroke-dasharray:4 3}\n"
      ".qf .cut{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:2 2}\n"
      ".qf .curve{fill:none;stroke:var(--accent);stroke-width:2.2}.qf "
      ".area{fill:var(--accent);fill-opacity:.12}\n"
      ".qf .bar{fill:var(--accent);fill-opacity:.62}.qf .bar2{fill:var(--accent);fill-opacity:.3}\n"
      ".qf .solid{fill:var(--accent)}.qf .whisker{stroke:var(--accent);stroke-width:1.6}\n"
      ".qf .cell{fill:var(--accent);stroke:var(--surface);stroke-width:2}.qf "
      ".empty{fill:var(--sunken)}\n"
      ".qf .out{fill:var(--slipping-m)}.qf "
      ".halo{paint-order:stroke;stroke:var(--surface);stroke-width:3px;"
      "stroke-linejoin:round}\n";
  for (const char* family : {"core", "growing", "slipping", "dormant"}) {
    style += fmt::format(
        ".qf .m.{0},.mark .m.{0}{{fill:var(--{0}-m)}}.qf .ring.{0},.mark "
        ".ring.{0}{{fill:none;stroke:var(--{0}-m)}}"
        ".qf .t.{0}{{fill:var(--{0}-t);stroke:var(--surface);stroke-width:1.5}}.qf "
        "text.{0}{{fill:var(--{0}-x)}}\n",
        family);
  }
  return style + "@media (forced-colors:active){.qf .t,.qf .cell,.qf .bar{stroke:CanvasText}}\n";
}

std::vector<double> ticks(double low, double high, int count) {
  if (!(high > low)) return {low};
  const double rough = (high - low) / std::max(1, count);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double ratio = rough / power;
  const double step = power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
  std::vector<double> out;
  for (double at = std::ceil(low / step - 1e-9); at * step <= high + step * 1e-9; ++at)
    out.push_back(at * step + 0.0);
  return out;
}

}  // namespace quintile::report
