#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/engine/sql/dialect.h"
#include "quintile/expression/expression.h"
#include "quintile/table/source.h"

/// What the input's columns are at the engine, and how each is read there: as the embedded engine
/// reads the same values from a Parquet file.
namespace quintile::engine::sql {

enum class Stored : std::uint8_t { Boolean, Integer, Decimal, Real, Date, Timestamp, Text, Other };

struct SourceColumn {
  std::string name;
  std::string declared;  ///< the engine's word for its type
  Stored stored = Stored::Other;
  int precision = 0;  ///< of Decimal; 0 where none is declared
  int scale = 0;      ///< of Decimal; `kAnyScale` where none is declared
};
inline constexpr int kAnyScale = 1000;

/// "DECIMAL(18,2)", "character varying(20)", "Nullable(Int64)", ...
[[nodiscard]] SourceColumn column_of(std::string name, std::string_view declared);

/// Asks the engine. Errors: those of the session; Input where there is no column.
[[nodiscard]] Result<std::vector<SourceColumn>> describe(Session& session, const Dialect& dialect,
                                                         const Location& location);

/// A column read in a certain way: NULL where it is missing or cannot be read so.
struct Read {
  expression::FieldType type;
  Sql value;
  Sql is_present;  ///< a condition: there is something in the cell, readable or not
  Sql is_beyond;   ///< a condition, empty: never. An amount of 10^18 minor units or more
  Sql moment;      ///< of a Moment: the time stamp, which sorts as the moments do
  /// Of an identifier that is text: the column itself, which serves where no cell is blank or has
  /// blanks around it, and a condition that is true where one has. An engine can group by a
  /// column where its data nodes are split by it.
  Sql plain, is_untrimmed;
  bool can_be_unreadable = false;
};

/// Reads `column` as `reading`. Inferred takes the declared type as it is: a text column is text,
/// whatever its cells look like. Integer identifiers stay integers.
/// Errors: Unsupported, naming the column, for a type that is not read so without loss.
[[nodiscard]] Result<Read> read(const SourceColumn& column, table::Reading reading, int money_scale,
                                const Dialect& dialect);

/// The run's money scale: as the plan states it, else what the money columns declare, at most 4.
/// Errors: Unsupported where none declares it (binary fractions).
[[nodiscard]] Result<int> money_scale_of(std::optional<int> stated,
                                         const std::vector<const SourceColumn*>& money_columns);

}  // namespace quintile::engine::sql
