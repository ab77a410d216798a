#include "quintile/io/output_file.h"

#include <unistd.h>

#include <fstream>
#include <optional>

#include <gmock/gmock.h>

namespace quintile::io {
namespace {

namespace fs = std::filesystem;

class OutputFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ("output_file_" +
               std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string read(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::ptrdiff_t entries() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  fs::path folder_;
};

TEST_F(OutputFileTest, AppearsOnlyWhenPublished) {
  std::ofstream(folder_ / "a.txt") << "old";
  auto file = OutputFile::create(folder_ / "a.txt");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("new "));
  ASSERT_TRUE(file->write("text"));
  ASSERT_TRUE(file->finish());
  EXPECT_EQ(read(folder_ / "a.txt"), "old");
  ASSERT_TRUE(file->publish());
  EXPECT_EQ(read(folder_ / "a.txt"), "new text");
  EXPECT_EQ(entries(), 1);
}

TEST_F(OutputFileTest, LeavesNothingWhenGivenUp) {
  {
    auto file = OutputFile::create(folder_ / "a.txt");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half"));
    EXPECT_EQ(entries(), 1);
  }
  EXPECT_EQ(entries(), 0);
}

TEST_F(OutputFileTest, OverwritesWhatAKilledRunLeft) {
  std::ofstream(folder_ / ".a.txt.partial") << "a very long rest of an earlier run";
  auto file = OutputFile::create(folder_ / "a.txt");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("new"));
  ASSERT_TRUE(file->publish());
  EXPECT_EQ(read(folder_ / "a.txt"), "new");
  EXPECT_EQ(entries(), 1);
}

TEST_F(OutputFileTest, RefusesASecondWriterOfTheSameFile) {
  auto first = OutputFile::create(folder_ / "a.txt");
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->write("first"));
  const auto second = OutputFile::create(folder_ / "a.txt");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::Io);
  ASSERT_TRUE(first->publish());
  EXPECT_EQ(read(folder_ / "a.txt"), "first");
}

TEST_F(OutputFileTest, ReplacesTheFileBehindASymbolicLink) {
  std::ofstream(folder_ / "real.txt") << "old";
  fs::create_symlink("real.txt", folder_ / "link.txt");
  auto file = OutputFile::create(folder_ / "link.txt");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("new"));
  ASSERT_TRUE(file->publish());
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.txt"));
  EXPECT_EQ(read(folder_ / "real.txt"), "new");
}

TEST_F(OutputFileTest, RefusesWhatIsNoOrdinaryFile) {
  std::ofstream(folder_ / "file") << "old";
  for (const fs::path& path :
       {folder_, folder_ / "", fs::path("/dev/null"), folder_ / "file" / "a.txt", fs::path("")}) {
    const auto file = OutputFile::create(path);
    ASSERT_FALSE(file) << path;
    EXPECT_EQ(file.error().code, ErrorCode::Io);
    EXPECT_EQ(file.error().place.file.empty(), path.empty());
  }
  EXPECT_EQ(entries(), 1);
}

TEST_F(OutputFileTest, RefusesAFolderWithoutPermission) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may write everywhere";
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  const auto file = OutputFile::create(folder_ / "a.txt");
  fs::permissions(folder_, fs::perms::owner_all);
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, ::testing::HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace quintile::io
