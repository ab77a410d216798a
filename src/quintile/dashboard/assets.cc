#include <array>
#include <fstream>

#include <brotli/encode.h>
#include <openssl/evp.h>

#include "quintile/base/check.h"
#include "quintile/dashboard/assets_internal.h"

/// Made by cmake/PackAssets.cmake: the files of web/dist, one after the other.
struct PackedAsset {
  const char* path;
  const unsigned char* begin;
  const unsigned char* end;
};
extern const PackedAsset quintile_packed_assets[];
extern const unsigned long quintile_packed_assets_count;

namespace quintile::dashboard {
namespace {

constexpr std::string_view kPlainPage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Quintile</title>"
    "<h1>Quintile</h1><p>This program was built without its page. The API is at <a "
    "href=\"/api/v1/meta\">/api/v1/meta</a>; "
    "to have the page, build <code>web</code> first, or name its folder with "
    "<code>--web-dir</code>.</p></html>\n";

std::string_view type_of(std::string_view path) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".woff2", "font/woff2"},
      {".json", "application/json"},
      {".txt", "text/plain; charset=utf-8"},
      {".png", "image/png"}};
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

std::string sha256_base64(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  QUINTILE_CHECK(
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  std::array<unsigned char, 4 * EVP_MAX_MD_SIZE / 3 + 4> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  return {text.begin(), text.begin() + length};
}

}  // namespace

std::string brotli(std::string_view bytes, int quality) {
  std::size_t size = BrotliEncoderMaxCompressedSize(bytes.size());
  if (size == 0) return {};
  std::string compressed(size, '\0');
  const int done =
      BrotliEncoderCompress(quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, bytes.size(),
                            reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                            reinterpret_cast<std::uint8_t*>(compressed.data()));
  if (done != BROTLI_TRUE || size >= bytes.size()) return {};
  compressed.resize(size);
  return compressed;
}

void Assets::add(std::string path, std::string bytes) {
  constexpr std::string_view kCompressed = ".br";
  const bool is_compressed = path.ends_with(kCompressed);
  if (is_compressed) path.resize(path.size() - kCompressed.size());
  const std::string_view type = type_of(path);
  Asset& asset = files_[path == "/index.html" ? "/" : std::move(path)];
  asset.type = type;
  (is_compressed ? asset.brotli : asset.bytes) = std::move(bytes);
}

void Assets::finish() {
  if (find("/") == nullptr) add("/index.html", std::string(kPlainPage));
  for (auto& [path, asset] : files_)
    asset.etag = '"' + sha256_base64(asset.bytes).substr(0, 22) + '"';
  const std::string_view page = find("/")->bytes;
  for (std::size_t at = page.find("<script>"); at != std::string::npos;
       at = page.find("<script>", at)) {
    at += std::string_view("<script>").size();
    const std::size_t end = page.find("</script>", at);
    if (end == std::string::npos) break;
    script_hashes_ += " 'sha256-" + sha256_base64(page.substr(at, end - at)) + "'";
  }
}

Assets Assets::built_in() {
  Assets assets;
  for (unsigned long i = 0; i < quintile_packed_assets_count; ++i) {
    const PackedAsset& packed = quintile_packed_assets[i];
    assets.add(packed.path, std::string(packed.begin, packed.end));
  }
  assets.finish();
  return assets;
}

Assets Assets::of_folder(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  Assets assets;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file(error)) continue;
    std::ifstream stream(at->path(), std::ios::binary);
    assets.add("/" + fs::relative(at->path(), folder, error).generic_string(),
               std::string(std::istreambuf_iterator<char>(stream), {}));
  }
  assets.finish();
  return assets;
}

const Asset* Assets::find(std::string_view path) const {
  const auto at = files_.find(path);
  return at == files_.end() ? nullptr : &at->second;
}

}  // namespace quintile::dashboard
