#include "quintile/io/csv/foreign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::io::csv {
namespace {

using namespace std::string_view_literals;

std::string_view what(std::string_view head) {
  const auto foreign = foreign_format(head);
  return foreign ? foreign->what : "text";
}

TEST(ForeignFiles, AreToldByTheirFirstBytes) {
  EXPECT_EQ(what("PK\x03\x04\x14\0\x06\0........[Content_Types].xml"sv),
            "an Excel workbook (.xlsx)");
  EXPECT_EQ(what("PK\x03\x04\x14\0\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet"sv),
            "an OpenDocument sheet (.ods)");
  EXPECT_EQ(what("PK\x03\x04\x14\0\0\0customers.csv"sv), "a zip archive");
  EXPECT_EQ(what("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0"sv), "an Excel workbook (.xls)");
  EXPECT_EQ(what("BZh91AY&SY\0\x01"sv), "a bzip2 archive");
  EXPECT_EQ(what("SQLite format 3\0\x10"sv), "an SQLite database");
  EXPECT_EQ(what("{\"customer_id\": 1}\n"sv), "JSON");
  EXPECT_EQ(what("<!DOCTYPE html><title>Sign in</title>"sv), "an HTML page");
  const std::string tar = "customers.csv" + std::string(244, '\0') + "ustar" + std::string(9, '\0');
  EXPECT_EQ(what(tar), "a tar archive");
}

TEST(ForeignFiles, AreNoTextsThatBeginAlike) {
  for (const std::string_view head : {"ORC,id,total\n1,2,3\n"sv, "BZh;id\n"sv, "PAR1,PAR2\n"sv,
                                      "id,total\n"sv, ""sv, "{id}\n"sv, "\"<html\",id\n"sv})
    EXPECT_EQ(what(head), "text") << head;
}

}  // namespace
}  // namespace quintile::io::csv
