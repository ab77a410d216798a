#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/evp.h>

#include "quintile/mart/mart.h"
#include "quintile/mart/md5_internal.h"
#include "quintile/mart/sample_test.h"

namespace quintile::mart {
namespace {

// OpenSSL's MD5, two big-endian numbers out of its first eight bytes.
Md5Halves oracle(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(text.data(), text.size(), digest, nullptr, EVP_md5(), nullptr);
  const auto number = [&](int at) {
    return static_cast<std::uint32_t>(digest[at]) << 24 |
           static_cast<std::uint32_t>(digest[at + 1]) << 16 |
           static_cast<std::uint32_t>(digest[at + 2]) << 8 | digest[at + 3];
  };
  return {number(0), number(4)};
}

TEST(Md5, AgreesWithOpenSslAtEveryLength) {
  for (std::size_t length = 0; length < 200; ++length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += static_cast<char>('!' + (i * 7 + length) % 90);
    EXPECT_EQ(md5_halves(text), oracle(text)) << length;
  }
}

TEST(Md5, LanesAgreeWithOneAtATime) {
  Md5Batch batch;
  std::vector<Md5Halves> found, expected;
  const auto collect = [&found](Md5Halves halves) { found.push_back(halves); };
  for (std::size_t length = 0; length <= kMd5OneBlock; ++length) {
    const std::string text(kMd5OneBlock - length, 'x');
    text.copy(batch.next(), text.size());
    batch.add(text.size(), collect);
    expected.push_back(oracle(text));
  }
  batch.flush(collect);
  EXPECT_EQ(found, expected);
}

// The documented line, by the plainest code.
std::string plain_fingerprint(const Contents& run) {
  std::uint64_t first = 0, second = 0;
  const auto& s = run.segmentation;
  for (std::int64_t row = 0; row < s.size(); ++row) {
    const auto halves = oracle(
        fmt::format("{}|{}|{}|{}|{}{}{}|{}|{}", row + 1, s.customers.recency_days.cell(row),
                    s.customers.frequency.cell(row), s.customers.monetary.view.integer(row),
                    int{s.r_score[row]}, int{s.f_score[row]}, int{s.m_score[row]},
                    run.rules.rules[s.segment[row]].id, s.customers.source_customer_id.cell(row)));
    first += halves.first;
    second += halves.second;
  }
  return fmt::format("{:016x}{:016x}", first, second);
}

TEST(Fingerprint, IsTheDocumentedSumWhateverTheThreads) {
  for (const bool text_ids : {false, true}) {
    Contents run = testing::a_run({.customers = 1003, .text_ids = text_ids});
    run.rules.rules[0].id = std::string(60, 'c');  // longer than a block
    const std::string expected = plain_fingerprint(run);
    EXPECT_EQ(fingerprint(run.segmentation, run.rules, 1), expected);
    EXPECT_EQ(fingerprint(run.segmentation, run.rules, 3), expected);
  }
}

TEST(Fingerprint, SeesAChangeOfOneScore) {
  Contents run = testing::a_run({.customers = 50});
  const std::string before = fingerprint(run.segmentation, run.rules);
  run.segmentation.m_score[17] = run.segmentation.m_score[17] == 5 ? 4 : 5;
  EXPECT_NE(fingerprint(run.segmentation, run.rules), before);
}

}  // namespace
}  // namespace quintile::mart
