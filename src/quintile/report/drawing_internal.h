#pragma once

#include <string>
#include <string_view>

#include "quintile/report/markup_internal.h"
#include "quintile/segments/rule_set.h"

/// Drawing SVG by hand: shapes in user units, colours by name only, so that light and dark are the
/// style's affair.
namespace quintile::report {

enum class Anchor : std::uint8_t { Start, Middle, End };

/// A figure that is being drawn. Classes are those of `figure_style`.
class Drawing {
 public:
  Drawing(std::string name, std::string title, double width, double height)
      : name_(std::move(name)), title_(std::move(title)), width_(width), height_(height) {}

  /// What a screen reader says after the title.
  void describe(std::string description) { description_ = std::move(description); }

  void rect(double x, double y, double width, double height, std::string_view classes,
            std::string_view extra = {});
  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  void path(std::string_view commands, std::string_view classes);
  void circle(double x, double y, double radius, std::string_view classes,
              std::string_view extra = {});
  void text(double x, double y, std::string_view content, std::string_view classes = {},
            Anchor anchor = Anchor::Start);
  void number(double x, double y, const Number& number, std::string_view classes = {},
              Anchor anchor = Anchor::Start);
  /// The shape that a family goes by: square core, triangle up growing, triangle down slipping,
  /// ring dormant.
  void mark(segments::Family family, double x, double y, double size);
  /// Everything until `end_group` shows `tooltip` on hover.
  void begin_group(std::string_view tooltip);
  void end_group() { body_ += "</g>\n"; }

  /// A whole SVG document with its own style.
  [[nodiscard]] std::string standalone() const;
  /// For a page that has `palette` and `figure_style`.
  [[nodiscard]] std::string embedded() const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& title() const { return title_; }
  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] double height() const { return height_; }
  void grow_to(double height) { height_ = height; }

 private:
  [[nodiscard]] std::string wrapped(std::string_view attributes, std::string_view before) const;

  std::string name_, title_, description_;
  double width_, height_;
  std::string body_;
};

/// A coordinate: one decimal, never "-0".
[[nodiscard]] std::string unit(double value);

/// "core", "growing", ...: the class of a family's colours.
[[nodiscard]] std::string family_class(segments::Family family);

/// The family's mark as a little SVG for running text.
[[nodiscard]] std::string family_mark(segments::Family family);

/// Colours as custom properties of `selector`, light and dark.
[[nodiscard]] std::string palette(std::string_view selector);

/// The rules for the classes that drawings use.
[[nodiscard]] std::string figure_style();

/// Round steps (1, 2, 5 times a power of ten) from `low` to `high`, about `count` of them.
[[nodiscard]] std::vector<double> ticks(double low, double high, int count);

}  // namespace quintile::report
