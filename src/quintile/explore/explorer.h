#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/base/result.h"
#include "quintile/explore/filter.h"
#include "quintile/insights/insight.h"
#include "quintile/mart/mart.h"
#include "quintile/segments/assign.h"
#include "quintile/segments/linter.h"
#include "quintile/segments/movement.h"
#include "quintile/summary/summary.h"

/// A mart in memory: filter, cube, page, preview, compare. Everything that a page shows is worked
/// out here.
namespace quintile::explore {

/// The customers that match a query.
struct Selection {
  bool everyone = true;            ///< no filter: `rows` is empty
  std::vector<std::uint8_t> rows;  ///< one byte a customer, 1: matches
  std::int64_t customers = 0;
  std::string text;  ///< the query as applied: "country=DE,GB&segment=new"; parameters by name

  [[nodiscard]] bool has(std::int64_t row) const {
    return everyone || rows[static_cast<std::size_t>(row)] != 0;
  }
};

/// Which filters count.
enum class Scope : std::uint8_t { All, ButSegments };

/// Sums over the customers of a score cell.
struct CubeCell {
  int r_score = 0, f_score = 0, m_score = 0;
  segments::SegmentIndex segment = segments::kNoSegment;  ///< where the cube is split by segment
  std::int64_t customers = 0;
  Int128 monetary = 0;
  std::int64_t frequency = 0, recency_days = 0, overlay = 0;
  friend bool operator==(const CubeCell&, const CubeCell&) = default;
};

/// A bin holds values from `from` to `to`, both ends included; none: open.
struct HistogramBin {
  std::int64_t from = 0;
  std::optional<std::int64_t> to;
  std::int64_t customers = 0, population = 0;
};

struct Lorenz {
  struct Top {
    double customer_share = 0;
    std::int64_t customers = 0;
    std::optional<double> monetary_share;
  };
  std::vector<std::array<double, 2>> points;  ///< at most 101; empty if the sum is not positive
  std::vector<Top> top;                       ///< at 1, 5, 10 and 20 %
  std::optional<double> gini;
};

/// A grid cell's customers with and without the overlay.
struct OverlayCell {
  struct Side {
    std::int64_t customers = 0;
    Int128 monetary = 0;
  };
  int r_score = 0, f_score = 0;
  Side with, without;
};

/// Values in days, orders and minor units.
struct Distributions {
  std::array<std::vector<HistogramBin>, 3> histograms;  ///< by rfm::Metric
  Lorenz lorenz;
  std::vector<OverlayCell> overlay_cells;
};

enum class Kind : std::uint8_t { Text, Number, Boolean, Date };
[[nodiscard]] std::string_view to_string(Kind kind);

/// What can be filtered in the page.
struct Dimension {
  std::string name, param;
  Kind kind = Kind::Text;
  std::string_view role;  ///< "attribute", "overlay", "consent"
  std::int64_t distinct = 0;
  std::vector<std::pair<std::string, std::int64_t>>
      values;  ///< Text and Boolean: most customers first, ties by bytes
  bool values_truncated = false;
  std::optional<std::pair<std::string, std::string>>
      range;  ///< Number and Date: least and greatest, as plain text
  std::vector<std::pair<std::string, std::int64_t>>
      bands;  ///< Number and Date: at most five ranges by quintile
  std::int64_t missing = 0;
};

struct ScoreRange {
  int score = 0;
  std::optional<std::int64_t> from, to;
  std::int64_t customers = 0;
};

/// What customers are sorted by.
enum class SortKey : std::uint8_t {
  CustomerId,
  SourceCustomerId,
  RecencyDays,
  Frequency,
  Monetary,
  AverageOrderValue,
  RfmTotal
};

struct PageQuery {
  SortKey sort = SortKey::Monetary;
  bool descending = true;
  std::int64_t limit = 50;
  std::string search;  ///< start of the source id, or a whole customer id; empty: all
  std::optional<std::int64_t> after_row;  ///< the row before the page; none: the first page
};

struct Page {
  std::vector<std::int64_t> rows;
  std::int64_t total = 0, first = 0;
  std::optional<std::int64_t> next_after,
      previous_after;         ///< the row before the next and the previous page
  bool has_previous = false;  ///< without `previous_after` it is the first page
};

struct Preview {
  std::vector<std::pair<std::int64_t, Int128>>
      segments;  ///< customers and money, in the draft's order; last: no rule
  std::int64_t movers = 0;
  Int128 movers_monetary = 0;
  std::vector<segments::Flow>
      flows;  ///< changes alone; `from` counts in the mart's rules, `to` in the draft's
  segments::LintReport lint;
};

/// Movement from an older mart. Indexes count in `segments`.
struct Migration {
  struct Segment {
    std::string id, name;
    segments::Family family;
  };
  std::vector<Segment>
      segments;  ///< this mart's in rule order, then those that only the older one has
  struct Flow {
    std::optional<std::size_t> from, to;  ///< none: was not there, has left
    std::int64_t customers = 0;
    Int128 monetary = 0;  ///< now; before, for those who left
  };
  std::vector<Flow> flows;
};

/// A mart, and perhaps an older one to compare with. Const after it was made: any number of threads
/// may ask.
class Explorer {
 public:
  /// `previous` may be null.
  explicit Explorer(mart::Mart mart, std::shared_ptr<const mart::Mart> previous = nullptr);
  Explorer(const Explorer&) = delete;
  Explorer& operator=(const Explorer&) = delete;

  [[nodiscard]] const mart::Mart& mart() const { return mart_; }
  [[nodiscard]] const mart::Mart* previous() const { return previous_.get(); }
  [[nodiscard]] std::int64_t customers() const { return mart_.segmentation.size(); }
  [[nodiscard]] std::string snapshot_id() const { return mart_.manifest.fingerprint.substr(0, 16); }
  [[nodiscard]] segments::Bins bins() const { return segments::bins_of(mart_.segmentation.model); }
  [[nodiscard]] const std::vector<Dimension>& dimensions() const { return dimensions_; }
  [[nodiscard]] const std::array<std::vector<ScoreRange>, 3>& score_ranges() const {
    return score_ranges_;
  }

  /// The customers that match all parameters; each names a column, `segment`, `previous_segment` or
  /// `cells`. Errors: Usage with the parameter's name as place, for what is unknown, empty, crossed
  /// or given twice.
  [[nodiscard]] Result<Selection> select(std::span<const Parameter> parameters,
                                         Scope scope = Scope::All) const;

  /// Sums by cell in order of r, f, m, segment; cells without customers are left out.
  [[nodiscard]] std::vector<CubeCell> cube(const Selection& selection, bool by_segment) const;

  /// The same whatever the executor.
  [[nodiscard]] summary::Summary summarise(const Selection& selection,
                                           const Executor& executor = run_serially) const;
  [[nodiscard]] std::vector<insights::Insight> insights(const Selection& selection) const;
  [[nodiscard]] Distributions distributions(const Selection& selection) const;
  [[nodiscard]] Page page(const Selection& selection, const PageQuery& query) const;

  /// Values of a text dimension that hold `part`, without regard to case, most customers first;
  /// nothing for a name that is no such dimension. The second is how many there are without
  /// `limit`.
  [[nodiscard]] std::optional<
      std::pair<std::vector<std::pair<std::string, std::int64_t>>, std::int64_t>>
  values(std::string_view dimension, std::string_view part, std::size_t limit) const;

  /// What a draft of rules would do. Errors: Rules, with the place in the condition.
  [[nodiscard]] Result<Preview> preview(const segments::RuleSet& draft,
                                        const Selection& selection) const;

  /// The segments of both marts in one list, as in Migration, and where those of the older one are
  /// in it. Needs an older mart.
  struct SegmentPlaces {
    std::vector<Migration::Segment> segments;
    std::vector<std::size_t> of_previous;
  };
  [[nodiscard]] SegmentPlaces segment_places() const;

  /// Nothing without an older mart.
  [[nodiscard]] std::optional<Migration> migration(const Selection& selection) const;
  /// The customer's row in the older mart.
  [[nodiscard]] std::optional<std::int64_t> previous_row(std::int64_t row) const;
  /// Customers of each of this mart's segments in the older mart, by id; nothing without one.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> previous_sizes() const;

  /// The names of the mart's columns in file order.
  [[nodiscard]] std::vector<std::string> column_names() const;
  /// The value of a mart column at a row as plain text, "" where it is missing; `is_text` says
  /// whether a spreadsheet could take it for a formula.
  struct Cell {
    std::string text;
    bool is_text = false;
  };
  [[nodiscard]] Cell cell(std::size_t column, std::int64_t row) const;
  [[nodiscard]] std::string source_id(std::int64_t row) const {
    return mart_.segmentation.customers.source_customer_id.cell(row);
  }

 private:
  /// How the values of a mart column are come by.
  enum class Source : std::uint8_t {
    Stored,
    CustomerId,
    RScore,
    FScore,
    MScore,
    RfmCode,
    RfmTotal,
    SegmentId,
    SegmentName
  };
  struct ColumnSource {
    std::string name;
    Source source = Source::Stored;
    const table::Column* column = nullptr;
  };

  [[nodiscard]] Status apply(const Parameter& parameter, std::vector<std::uint8_t>& rows) const;
  [[nodiscard]] Status apply_column(const ColumnSource& column, const Parameter& parameter,
                                    std::span<const FilterItem> items,
                                    std::vector<std::uint8_t>& rows) const;
  [[nodiscard]] Status apply_cells(const Parameter& parameter, std::span<const FilterItem> items,
                                   std::vector<std::uint8_t>& rows) const;
  [[nodiscard]] Status apply_segments(const Parameter& parameter, std::span<const FilterItem> items,
                                      std::vector<std::uint8_t>& rows) const;
  [[nodiscard]] Status apply_previous_segments(const Parameter& parameter,
                                               std::span<const FilterItem> items,
                                               std::vector<std::uint8_t>& rows) const;
  [[nodiscard]] std::vector<HistogramBin> histogram(rfm::Metric metric,
                                                    const Selection& selection) const;
  [[nodiscard]] Lorenz lorenz(const Selection& selection) const;
  void find_columns();
  void describe_dimensions();
  void measure_scores();
  void match_previous();

  mart::Mart mart_;
  std::shared_ptr<const mart::Mart> previous_;
  summary::Population population_;
  std::vector<ColumnSource> columns_;
  std::vector<Dimension> dimensions_;
  std::array<std::vector<ScoreRange>, 3> score_ranges_;
  std::vector<std::int32_t> by_value_;       ///< rows by monetary, greatest first
  std::vector<std::int64_t> previous_rows_;  ///< of each customer in the older mart, -1: none
};

}  // namespace quintile::explore
