#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "quintile/base/check.h"
#include "quintile/mart/mart.h"
#include "quintile/mart/staged_file_internal.h"
#include "quintile/mart/staged_folder.h"

namespace quintile::mart {

namespace {

std::string hex(const unsigned char* bytes, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

EVP_MD_CTX* new_sha256() {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  QUINTILE_CHECK(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1);
  return context;
}

std::string final_hex(EVP_MD_CTX* context) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  QUINTILE_CHECK(EVP_DigestFinal_ex(context, digest, &length) == 1);
  return hex(digest, length);
}

}  // namespace

std::unexpected<Error> io_failure(const std::string& what, const std::string& shown,
                                  int error_number) {
  std::string advice;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      advice = "Free some space, or name another folder; what was there before is untouched.";
      break;
    case EFBIG: advice = "The system limits the size of files; raise the limit (ulimit -f)."; break;
    case EACCES:
    case EPERM: advice = "Check the permissions of the folder and of the one that holds it."; break;
    case EROFS: advice = "The file system is read-only; name a folder that can be written."; break;
    default: break;
  }
  return fail(ErrorCode::Io,
              fmt::format("{}: {}", what, std::generic_category().message(error_number)),
              std::move(advice), Place{.file = shown});
}

void StagedFile::DigestDeleter::operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

StagedFile::StagedFile(int descriptor, std::string shown)
    : descriptor_(descriptor), shown_(std::move(shown)), digest_(new_sha256()) {}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      shown_(std::move(other.shown_)),
      size_(other.size_),
      on_its_way_(other.on_its_way_),
      digest_(std::move(other.digest_)) {}

StagedFile::~StagedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<StagedFile> StagedFile::create(const std::filesystem::path& path, std::string shown) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return io_failure("cannot be created", shown, errno);
  return StagedFile(descriptor, std::move(shown));
}

Result<StagedFile> StagedFile::nowhere() {
  constexpr const char* kNull = "/dev/null";
  const int descriptor = ::open(kNull, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return io_failure("cannot be opened", kNull, errno);
  return StagedFile(descriptor, kNull);
}

Status StagedFile::write(std::string_view bytes) {
  QUINTILE_CHECK(EVP_DigestUpdate(digest_.get(), bytes.data(), bytes.size()) == 1);
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return io_failure("cannot be written", shown_, written == 0 ? ENOSPC : errno);
    size_ += written;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  // The disk writes while the next columns are encoded. No more than a hint, so no error.
  constexpr std::int64_t kStep = 4 << 20;
  if (size_ - on_its_way_ >= kStep) {
    ::sync_file_range(descriptor_, on_its_way_, size_ - on_its_way_, SYNC_FILE_RANGE_WRITE);
    on_its_way_ = size_;
  }
  return {};
}

std::string StagedFile::finish_later(StagedFolder& folder) {
  ::sync_file_range(descriptor_, on_its_way_, 0, SYNC_FILE_RANGE_WRITE);
  folder.sync_later(std::exchange(descriptor_, -1), shown_);
  return final_hex(digest_.get());
}

Result<std::string> StagedFile::finish() {
  const int descriptor = std::exchange(descriptor_, -1);
  const int failed = ::fsync(descriptor) != 0 && errno != EINVAL ? errno : 0;
  if (::close(descriptor) != 0 || failed != 0)
    return io_failure("cannot be written", shown_, failed ? failed : errno);
  return final_hex(digest_.get());
}

Status sync_folder(const std::filesystem::path& folder, const std::string& shown) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return io_failure("cannot be opened", shown, errno);
  const int failed = ::fsync(descriptor) != 0 && errno != EINVAL ? errno : 0;
  ::close(descriptor);
  if (failed != 0) return io_failure("cannot be written", shown, failed);
  return {};
}

std::string sha256(std::string_view bytes) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(new_sha256(),
                                                                        &EVP_MD_CTX_free);
  QUINTILE_CHECK(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
  return final_hex(context.get());
}

Result<std::string> sha256_of_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return io_failure("cannot be opened", file.string(), errno);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(new_sha256(),
                                                                        &EVP_MD_CTX_free);
  std::string block(1 << 20, '\0');
  ssize_t count = 0;
  do {
    count = ::read(descriptor, block.data(), block.size());
    if (count > 0) {
      QUINTILE_CHECK(
          EVP_DigestUpdate(context.get(), block.data(), static_cast<std::size_t>(count)) == 1);
    }
  } while (count > 0 || (count < 0 && errno == EINTR));
  const int failed = count < 0 ? errno : 0;
  ::close(descriptor);
  if (failed != 0) return io_failure("cannot be read", file.string(), failed);
  return final_hex(context.get());
}

}  // namespace quintile::mart
