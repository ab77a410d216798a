#include <fmt/format.h>

#include "quintile/dashboard/api/endpoints_internal.h"
#include "quintile/dashboard/views/views_internal.h"
#include "quintile/explore/export.h"
#include "quintile/mart/export.h"

namespace quintile::dashboard {
namespace {

using explore::CsvStyle;

Reply download(const Call& call, std::string_view stem, std::string_view ending, std::string type) {
  Reply reply{.type = std::move(type)};
  reply.file_name =
      fmt::format("{}-{}.{}", stem, call.explorer().mart().manifest.analysis_date, ending);
  return reply;
}

Status write_or_stop(const Write& write, std::string_view piece) {
  if (write(piece)) return {};
  return fail(ErrorCode::Io, "the client is gone");
}

std::expected<CsvStyle, Problem> take_style(Call& call) {
  const auto separator = take_choice(call, "separator", {"comma", "semicolon", "tab"});
  if (!separator) return std::unexpected(separator.error());
  const auto mark = take_choice(call, "bom", {"true", "false"});
  if (!mark) return std::unexpected(mark.error());
  return CsvStyle{.separator = *explore::separator_of(*separator),
                  .byte_order_mark = *mark == "true"};
}

Answer csv_of(Call& call, explore::Table table, std::string_view stem) {
  const auto style = take_style(call);
  if (!style) return std::unexpected(style.error());
  auto selection = select(call);
  if (!selection) return std::unexpected(selection.error());
  Reply reply = download(call, stem, "csv", "text/csv; charset=utf-8");
  const auto rows =
      std::make_shared<explore::CsvRows>(call.explorer(), *std::move(selection), table, *style);
  reply.stream = [rows, served = call.served](const Write& write) -> Status {
    for (std::string piece = rows->next(); !piece.empty(); piece = rows->next())
      QUINTILE_TRY_STATUS(write_or_stop(write, piece));
    return {};
  };
  return reply;
}

Answer table_of(Call& call, mart::CustomersFormat format, std::string_view ending,
                std::string type) {
  auto selection = select(call);
  if (!selection) return std::unexpected(selection.error());
  Reply reply = download(call, "customers", ending, std::move(type));
  reply.stream = [selection = std::make_shared<explore::Selection>(*std::move(selection)), format,
                  served = call.served](const Write& write) {
    const mart::Mart& mart = served->explorer.mart();
    return mart::export_customers(
        mart, selection->rows, format, explore::provenance(served->explorer, *selection),
        [&write](std::string_view bytes) { return write_or_stop(write, bytes); });
  };
  return reply;
}

}  // namespace

Answer audience(Call& call) {
  const auto selection = select(call);
  if (!selection) return std::unexpected(selection.error());
  return Reply{.body = audience_json(call.explorer(), *selection)};
}

Answer export_segments(Call& call) {
  const auto style = take_style(call);
  if (!style) return std::unexpected(style.error());
  const auto selection = select(call);
  if (!selection) return std::unexpected(selection.error());
  Reply reply = download(call, "segments", "csv", "text/csv; charset=utf-8");
  reply.body = explore::segments_csv(call.explorer(), *selection, *style);
  return reply;
}

Answer export_customers(Call& call) { return csv_of(call, explore::Table::Customers, "customers"); }

Answer export_audience(Call& call) { return csv_of(call, explore::Table::Audience, "audience"); }

Answer export_customers_parquet(Call& call) {
  return table_of(call, mart::CustomersFormat::Parquet, "parquet",
                  "application/vnd.apache.parquet");
}

Answer export_customers_arrow(Call& call) {
  return table_of(call, mart::CustomersFormat::ArrowStream, "arrow",
                  "application/vnd.apache.arrow.stream");
}

}  // namespace quintile::dashboard
