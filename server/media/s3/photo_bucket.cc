// SPDX-License-Identifier: Apache-2.0

#include "server/media/s3/photo_bucket.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/file.h"
#include "server/media/s3/object_reader.h"

namespace pinhole::media::s3 {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;
constexpr char kClaim[] = "installation";

// Callers of the server cannot correct its configuration.
absl::Status ForCallers(const absl::Status& status) {
  if (absl::IsUnavailable(status) || absl::IsFailedPrecondition(status)) {
    return MakeError(Reason::kStorageUnavailable,
                     std::string(status.message()));
  }
  return status;
}

std::string KeyOf(std::string_view key, RenditionSize size) {
  return fmt::format("{}/{}/{}", key.substr(0, 2), key, FileOf(size));
}

std::string_view TypeOf(RenditionSize size) {
  return size == RenditionSize::kOriginal ? "application/octet-stream"
                                          : "image/jpeg";
}

class BucketReader final : public PhotoReader {
 public:
  explicit BucketReader(std::unique_ptr<ObjectReader> object)
      : object_(std::move(object)) {}

  std::int64_t size_bytes() const override { return object_->size_bytes(); }

  absl::StatusOr<std::string> Read(std::size_t max_bytes) override {
    absl::StatusOr<std::string> bytes = object_->Read(max_bytes);
    if (!bytes.ok()) return ForCallers(bytes.status());
    return bytes;
  }

 private:
  const std::unique_ptr<ObjectReader> object_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PhotoBucket>> PhotoBucket::Open(
    std::unique_ptr<Client> client, std::string_view installation,
    bool has_photos, Options options) {
  std::unique_ptr<PhotoBucket> bucket(
      new PhotoBucket(std::move(client), options));
  RETURN_IF_ERROR(bucket->client_->Check());
  RETURN_IF_ERROR(bucket->Claim(installation, has_photos));
  return bucket;
}

absl::Status PhotoBucket::Claim(std::string_view installation,
                                bool has_photos) {
  const std::string mine = fmt::format("{}\n", installation);
  absl::StatusOr<std::unique_ptr<ObjectReader>> claim =
      ObjectReader::Open(*client_, kClaim, 0);
  if (absl::IsNotFound(claim.status())) {
    if (has_photos) {
      return absl::FailedPreconditionError(
          "the database has photos, but the bucket has none; copy them into "
          "the bucket with their file \"installation\", or correct --media");
    }
    ASSIGN_OR_RETURN(File file, File::InMemory(mine));
    const absl::Status put =
        client_->Put(kClaim, file, Sha256Of(mine), "text/plain");
    // Of several servers that do so at once, the first one wins.
    if (!absl::IsAlreadyExists(put)) return put;
    claim = ObjectReader::Open(*client_, kClaim, 0);
  }
  RETURN_IF_ERROR(claim.status());
  ASSIGN_OR_RETURN(const std::string found, (*claim)->Read(kPieceBytes));
  if (found == mine) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the bucket belongs to another Pinhole installation, whose database it "
      "was used with before; choose another bucket or prefix, or use it with "
      "that database (if that installation no longer exists, delete the object "
      "\"installation\")");
}

absl::Status PhotoBucket::Publish(std::string_view key,
                                  const std::filesystem::path& folder,
                                  const PhotoDigests& digests) {
  if (!IsPhotoKey(key)) return absl::InvalidArgumentError("not a photo's key");
  for (const RenditionSize size : kPhotoFiles) {
    ASSIGN_OR_RETURN(File file, File::Open(folder / FileOf(size)));
    RETURN_IF_ERROR(ForCallers(client_->Put(
        KeyOf(key, size), file, DigestOf(digests, size), TypeOf(size))));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<PhotoReader>> PhotoBucket::Open(
    std::string_view key, RenditionSize size, std::int64_t offset) const {
  if (!IsPhotoKey(key)) return absl::NotFoundError("no such photo file");
  absl::StatusOr<std::unique_ptr<ObjectReader>> object =
      ObjectReader::Open(*client_, KeyOf(key, size), offset);
  if (!object.ok()) return ForCallers(object.status());
  return std::make_unique<BucketReader>(*std::move(object));
}

absl::StatusOr<std::int64_t> PhotoBucket::SizeBytes(std::string_view key,
                                                    RenditionSize size) const {
  if (!IsPhotoKey(key)) return absl::NotFoundError("no such photo file");
  absl::StatusOr<std::int64_t> bytes = client_->SizeBytes(KeyOf(key, size));
  if (!bytes.ok()) return ForCallers(bytes.status());
  return bytes;
}

std::optional<std::string> PhotoBucket::RedirectUri(std::string_view key,
                                                    RenditionSize size) const {
  if (!options_.redirects || !IsPhotoKey(key)) return std::nullopt;
  return client_->PresignedUrl(KeyOf(key, size), kRedirectLifetime);
}

absl::Status PhotoBucket::FetchOriginal(std::string_view key,
                                        const std::filesystem::path& to) const {
  ASSIGN_OR_RETURN(const std::unique_ptr<PhotoReader> original,
                   Open(key, RenditionSize::kOriginal, 0));
  ASSIGN_OR_RETURN(File file, File::Create(to));
  while (true) {
    ASSIGN_OR_RETURN(const std::string piece, original->Read(kPieceBytes));
    if (piece.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(file.Append(piece));
  }
}

absl::Status PhotoBucket::Remove(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (!IsPhotoKey(key)) {
      return absl::InvalidArgumentError("not a photo's key");
    }
    for (const RenditionSize size : kPhotoFiles) {
      RETURN_IF_ERROR(ForCallers(client_->Delete(KeyOf(key, size))));
    }
  }
  return absl::OkStatus();
}

}  // namespace pinhole::media::s3
