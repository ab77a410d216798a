#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "quintile/report/figures_internal.h"

namespace quintile::report {

namespace {

constexpr double kWidth = 720, kHeight = 360, kHeader = 20, kGap = 3;

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

struct Tile {
  std::size_t segment = 0;
  double weight = 0;
};

struct FamilyGroup {
  segments::Family family = segments::Family::Core;
  std::vector<Tile> tiles;  // greatest first
  double weight = 0;
};

double weight_of(const summary::SegmentSummary& entry, Size size) {
  if (size == Size::Customers) return static_cast<double>(entry.customers);
  return std::max(0.0, static_cast<double>(entry.monetary));
}

std::vector<FamilyGroup> groups_of(const mart::Mart& mart, Size size) {
  std::vector<FamilyGroup> groups;
  for (const segments::Family family : {segments::Family::Core, segments::Family::Growing,
                                        segments::Family::Slipping, segments::Family::Dormant}) {
    FamilyGroup group{.family = family, .tiles = {}, .weight = 0};
    for (std::size_t i = 0; i < mart.summary.segments.size(); ++i) {
      const double weight = weight_of(mart.summary.segments[i], size);
      if (mart.summary.segments[i].family != to_string(family) || weight <= 0) continue;
      group.tiles.push_back({i, weight});
      group.weight += weight;
    }
    std::stable_sort(group.tiles.begin(), group.tiles.end(),
                     [](const Tile& a, const Tile& b) { return a.weight > b.weight; });
    if (group.weight > 0) groups.push_back(std::move(group));
  }
  return groups;
}

double worst_ratio(double low, double high, double sum, double side) {
  return std::max(side * side * high / (sum * sum), sum * sum / (side * side * low));
}

// Squarified layout (Bruls, Huizing and van Wijk 2000): rows along the shorter side, as long as
// that makes the worst tile squarer. `weights` descend; the boxes cover `box` in proportion.
std::vector<Box> squarify(const std::vector<Tile>& tiles, double weight, Box box) {
  std::vector<Box> boxes;
  const double scale = box.width * box.height / weight;
  for (std::size_t begin = 0; begin < tiles.size();) {
    const double side = std::max(1e-6, std::min(box.width, box.height));
    double sum = tiles[begin].weight * scale;
    std::size_t end = begin + 1;
    while (end < tiles.size()) {
      const double high = tiles[begin].weight * scale, next = tiles[end].weight * scale;
      const double now = worst_ratio(tiles[end - 1].weight * scale, high, sum, side);
      if (worst_ratio(next, high, sum + next, side) > now) break;
      sum += next;
      ++end;
    }
    const double depth = sum / side;
    double along = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const double length = tiles[i].weight * scale / std::max(1e-9, depth);
      boxes.push_back(box.width >= box.height ? Box{box.x, box.y + along, depth, length}
                                              : Box{box.x + along, box.y, length, depth});
      along += length;
    }
    if (box.width >= box.height) {
      box.x += depth;
      box.width -= depth;
    } else {
      box.y += depth;
      box.height -= depth;
    }
    begin = end;
  }
  return boxes;
}

// Families keep their places: the box is halved between the first and the last of them, so that the
// eye finds a family in both treemaps where it was.
void place_families(std::vector<FamilyGroup>& groups, std::size_t begin, std::size_t end, Box box,
                    std::vector<Box>& out) {
  if (end - begin == 1) {
    out[begin] = box;
    return;
  }
  const std::size_t middle = begin + (end - begin + 1) / 2;
  double first = 0, all = 0;
  for (std::size_t i = begin; i < end; ++i) {
    all += groups[i].weight;
    if (i < middle) first += groups[i].weight;
  }
  Box a = box, b = box;
  if (box.width >= box.height) {
    a.width = box.width * first / all;
    b.x += a.width;
    b.width -= a.width;
  } else {
    a.height = box.height * first / all;
    b.y += a.height;
    b.height -= a.height;
  }
  place_families(groups, begin, middle, a, out);
  place_families(groups, middle, end, b, out);
}

// A name in one line, or in two where it breaks at a blank and there is room; nothing where it does
// not fit at all.
std::vector<std::string> name_lines(const std::string& name, double width, bool two) {
  if (two && text_width(name) > width) {
    for (std::size_t at = name.rfind(' '); at != std::string::npos && at > 0;
         at = name.rfind(' ', at - 1)) {
      const std::string first = name.substr(0, at), second = fit(name.substr(at + 1), width);
      if (text_width(first) <= width && !second.empty()) return {first, second};
    }
  }
  const std::string one = fit(name, width);
  return one.empty() ? std::vector<std::string>{} : std::vector{one};
}

void draw_tile(Drawing& drawing, const mart::Mart& mart, const Numbers& say, const Tile& tile,
               const Box& box, Size size) {
  const summary::SegmentSummary& entry = mart.summary.segments[tile.segment];
  const std::string key = "summary.json/segments/" + entry.segment_id;
  const Number share = size == Size::Customers
                           ? say.share(key + "/customer_share", entry.customer_share)
                           : say.share(key + "/monetary_share", entry.monetary_share);
  const Number amount = size == Size::Customers ? say.count(key + "/customers", entry.customers)
                                                : say.money(key + "/monetary", entry.monetary);
  drawing.begin_group(fmt::format("{}: {}, {}", entry.segment_name, amount.text, share.text));
  drawing.rect(box.x, box.y, box.width, box.height, "t " + entry.family, " rx=\"4\"");
  const double room = box.width - 12;
  double y = box.y + 17;
  const auto has_line = [&] { return y <= box.y + box.height - 5; };
  for (const std::string& line : name_lines(entry.segment_name, room / 13.2, box.height >= 56)) {
    if (has_line()) drawing.text(box.x + 7, y, line, "b " + entry.family);
    y += 15;
  }
  const double share_width = text_width(share.text) * 11.5;
  if (y > box.y + 17 && has_line() && share_width <= room) {
    drawing.number(box.x + 7, y, share, "s " + entry.family);
    const double beside = share_width + 8;
    if (beside + text_width(amount.text) * 11.5 <= room) {
      drawing.number(box.x + 7 + beside, y, amount, "s " + entry.family);
    } else if (y += 15; has_line() && text_width(amount.text) * 11.5 <= room) {
      drawing.number(box.x + 7, y, amount, "s " + entry.family);
    }
  }
  drawing.end_group();
}

}  // namespace

std::optional<Drawing> draw_treemap(const mart::Mart& mart, Size size) {
  std::vector<FamilyGroup> groups = groups_of(mart, size);
  if (groups.empty() || (groups.size() == 1 && groups[0].tiles.size() == 1)) return std::nullopt;
  const Numbers say(mart);
  Drawing drawing(size == Size::Customers ? "treemap_customers" : "treemap_value",
                  size == Size::Customers ? "Where the customers are" : "Where the value is",
                  kWidth, kHeight);
  double all = 0;
  for (const FamilyGroup& group : groups) all += group.weight;
  std::vector<Box> boxes(groups.size());
  place_families(groups, 0, groups.size(), {0, 0, kWidth, kHeight}, boxes);
  std::string described;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const FamilyGroup& group = groups[g];
    Box box = boxes[g];
    const std::string family = family_class(group.family);
    const Number share =
        say.share(fmt::format("customer_segments.parquet/families/{}/{}", family,
                              size == Size::Customers ? "customer_share" : "monetary_share"),
                  group.weight / all);
    box = {box.x + kGap / 2, box.y, box.width - kGap, box.height - kGap};
    if (box.width > 30) {
      drawing.mark(group.family, box.x + 7, box.y + 10, 10);
      const std::string name = fit(family, (box.width - 20) / 12);
      drawing.text(box.x + 16, box.y + 14, name, "s b");
      const double after = 16 + text_width(name) * 12 + 8;
      if (after + text_width(share.text) * 11 <= box.width)
        drawing.number(box.x + after, box.y + 14, share, "s i2");
    }
    const auto tiles = squarify(group.tiles, group.weight,
                                {box.x, box.y + kHeader, box.width, box.height - kHeader});
    for (std::size_t i = 0; i < tiles.size(); ++i)
      draw_tile(drawing, mart, say, group.tiles[i], tiles[i], size);
    described += fmt::format("{}{} {}", described.empty() ? "" : ", ", family, share.text);
  }
  drawing.describe(fmt::format(
      "Areas stand for {}. By family: {}.",
      size == Size::Customers ? "customers" : "value, that is what customers have spent",
      described));
  return drawing;
}

}  // namespace quintile::report
