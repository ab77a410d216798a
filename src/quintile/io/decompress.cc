#include "quintile/io/decompress.h"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace quintile::io {

namespace {

constexpr std::int64_t kStep = 256 * 1024;

/// A decoder of one format. `run` takes some of `input`, adds to `output`, and tells how far it is.
class Decoder {
 public:
  enum class State : std::uint8_t { More, StreamEnd, Damaged };
  virtual ~Decoder() = default;
  virtual State run(std::string_view& input, std::string& output, bool last) = 0;
};

class GzipDecoder : public Decoder {
 public:
  GzipDecoder() { ok_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }
  ~GzipDecoder() override { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;
  State run(std::string_view& input, std::string& output, bool) override {
    if (!ok_) return State::Damaged;
    if (ended_) {  // a further member; zeros after the last are padding
      const std::size_t next = input.find_first_not_of('\0');
      input.remove_prefix(std::min(next, input.size()));
      if (input.empty()) return State::StreamEnd;
      if (inflateReset(&stream_) != Z_OK) return State::Damaged;
      ended_ = false;
    }
    // zlib's interface predates const.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = static_cast<uInt>(output.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    input.remove_prefix(input.size() - stream_.avail_in);
    output.resize(output.size() - stream_.avail_out);
    ended_ = status == Z_STREAM_END;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return State::Damaged;
    return ended_ ? State::StreamEnd : State::More;
  }

 private:
  z_stream stream_{};
  bool ok_ = false, ended_ = false;
};

class ZstandardDecoder : public Decoder {
 public:
  State run(std::string_view& input, std::string& output, bool) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    const std::size_t status = ZSTD_decompressStream(stream_.get(), &out, &in);
    input.remove_prefix(in.pos);
    output.resize(out.pos);
    if (ZSTD_isError(status) != 0) return State::Damaged;
    return status == 0 ? State::StreamEnd : State::More;
  }

 private:
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_{ZSTD_createDStream(),
                                                                     ZSTD_freeDStream};
};

class XzDecoder : public Decoder {
 public:
  XzDecoder() { ok_ = lzma_stream_decoder(&stream_, UINT64_MAX, LZMA_CONCATENATED) == LZMA_OK; }
  ~XzDecoder() override { lzma_end(&stream_); }
  XzDecoder(const XzDecoder&) = delete;
  XzDecoder& operator=(const XzDecoder&) = delete;
  State run(std::string_view& input, std::string& output, bool last) override {
    if (!ok_) return State::Damaged;
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    stream_.avail_in = input.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(output.data());
    stream_.avail_out = output.size();
    const lzma_ret status = lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
    input.remove_prefix(input.size() - stream_.avail_in);
    output.resize(output.size() - stream_.avail_out);
    if (status == LZMA_STREAM_END) return State::StreamEnd;
    return status == LZMA_OK || status == LZMA_BUF_ERROR ? State::More : State::Damaged;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ok_ = false;
};

std::unique_ptr<Decoder> make_decoder(Compression compression) {
  if (compression == Compression::Gzip) return std::make_unique<GzipDecoder>();
  if (compression == Compression::Zstandard) return std::make_unique<ZstandardDecoder>();
  return std::make_unique<XzDecoder>();
}

}  // namespace

Compression compression_of(std::string_view head) {
  if (head.starts_with("\x1F\x8B")) return Compression::Gzip;
  if (head.starts_with("\x28\xB5\x2F\xFD")) return Compression::Zstandard;
  if (head.starts_with(std::string_view("\xFD"
                                        "7zXZ\0",
                                        6))) {
    return Compression::Xz;
  }
  return Compression::None;
}

std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::Gzip: return "gzip";
    case Compression::Zstandard: return "zstd";
    case Compression::Xz: return "xz";
    default: return "none";
  }
}

std::int64_t spool_memory(const OpenOptions& options) {
  constexpr std::int64_t kMost = 256 << 20;
  if (options.spool_max > 0) return options.spool_max;
  return options.memory_max > 0 ? std::min(kMost, options.memory_max / 8) : kMost;
}

Result<std::unique_ptr<Bytes>> decompress(const File& file, Compression compression,
                                          const OpenOptions& options) {
  const auto damaged = [&](std::string_view what) {
    return fail(ErrorCode::Input, fmt::format("the {} data are {}", to_string(compression), what),
                "fetch or make the file again", {.file = file.name()});
  };
  auto spool = std::make_unique<Spool>(file.name(), options.spool_folder, spool_memory(options));
  const auto decoder = make_decoder(compression);
  Block block;
  std::string output;
  auto state = Decoder::State::More;
  for (std::int64_t at = 0; at < file.size(); at += kStep) {
    QUINTILE_TRY(std::string_view input, file.read(at, std::min(kStep, file.size() - at), block));
    const bool last = at + kStep >= file.size();
    while (true) {
      output.resize(kStep);
      const std::size_t before = input.size();
      state = decoder->run(input, output, last);
      if (state == Decoder::State::Damaged) return damaged("damaged");
      QUINTILE_TRY_STATUS(spool->append(output));
      if (input.empty() && (output.empty() || state == Decoder::State::StreamEnd)) break;
      if (input.size() == before && output.empty()) break;  // needs more input
    }
  }
  if (state != Decoder::State::StreamEnd) return damaged("cut off");
  return spool;
}

}  // namespace quintile::io
