// SPDX-License-Identifier: Apache-2.0

#include "server/domain/renditions.h"

#include <string>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/rendition_version.h"

namespace pinhole::domain {
namespace {

using Outcome = RebuildResult::Outcome;

// More lost photos than a damaged disk usually causes: perhaps the volume of
// the photos is not mounted.
constexpr std::int64_t kMaxDamaged = 100;
// Deletions are not tracked in between.  Counting a million takes 20 ms.
constexpr std::int64_t kCountAgainAfter = 256;

// The result of a ReplacePhotoFiles command.
absl::StatusOr<RebuildResult> Replaced(PhotoId photo,
                                       const absl::Status& replaced,
                                       Outcome outcome, absl::Status why) {
  if (absl::IsNotFound(replaced))
    return RebuildResult{photo, Outcome::kGone, {}};
  RETURN_IF_ERROR(replaced);
  return RebuildResult{photo, outcome, std::move(why)};
}

}  // namespace

Renditions::Renditions(Store& store, media::PhotoFiles& files,
                       media::Decoders& decoders, Garbage& garbage,
                       ThreadPool& decode_pool)
    : store_(store),
      files_(files),
      decoders_(decoders),
      garbage_(garbage),
      decode_pool_(decode_pool) {}

Task<absl::StatusOr<std::int64_t>> Renditions::Count() {
  auto count = [](const StoreReader& reader) {
    return reader.CountOutdated(media::kRenditionVersion);
  };
  CO_ASSIGN_OR_RETURN(const std::int64_t outdated,
                      co_await store_.Scan(std::move(count)));
  outdated_ = outdated;
  co_return outdated;
}

Task<absl::StatusOr<std::optional<RebuildResult>>> Renditions::RebuildNext() {
  if (damaged_ >= kMaxDamaged) {
    co_return absl::DataLossError(fmt::format(
        "the files of {} photos are missing or damaged; check that the volume "
        "of the photos is mounted",
        damaged_.load()));
  }
  CO_ASSIGN_OR_RETURN(std::optional<Photo> photo, co_await ClaimNext());
  if (!photo) co_return std::nullopt;
  absl::StatusOr<RebuildResult> rebuilt = co_await Rebuild(*photo);
  Note(*photo, rebuilt);
  if (!rebuilt.ok()) co_return std::move(rebuilt).status();
  if (rebuilt->outcome == Outcome::kReplaced &&
      replaced_ % kCountAgainAfter == 0) {
    // A persistent error also reaches the caller that claims the next photo.
    (co_await Count()).IgnoreError();
  }
  co_return *std::move(rebuilt);
}

Task<absl::StatusOr<std::optional<Photo>>> Renditions::ClaimNext() {
  while (true) {
    int limit = 1;
    {
      const absl::MutexLock lock(&claiming_);
      limit += static_cast<int>(claimed_.size());
    }
    auto list = [limit](const StoreReader& reader) {
      return reader.ListOutdated(media::kRenditionVersion, limit);
    };
    CO_ASSIGN_OR_RETURN(std::vector<Photo> photos,
                        co_await store_.Scan(std::move(list)));
    const absl::MutexLock lock(&claiming_);
    for (Photo& photo : photos) {
      if (claimed_.insert(photo.id).second) co_return std::move(photo);
    }
    // Otherwise, all of these photos were claimed during the read.
    if (photos.size() < static_cast<std::size_t>(limit)) {
      // Includes claimed photos, so the count becomes exact at the end.
      outdated_ = static_cast<std::int64_t>(photos.size());
      co_return std::nullopt;
    }
  }
}

Task<absl::StatusOr<RebuildResult>> Renditions::Rebuild(Photo photo) {
  std::unique_ptr<media::Upload> upload;
  auto render = [&]() -> absl::StatusOr<media::PictureInfo> {
    if (stop_.stop_requested()) return absl::CancelledError("stopping");
    ASSIGN_OR_RETURN(upload,
                     files_.BeginRebuild(photo.file_key, photo.digests));
    return upload->Render(decoders_);
  };
  absl::StatusOr<media::PictureInfo> picture =
      co_await RunOn(decode_pool_, std::move(render));
  if (absl::IsInvalidArgument(picture.status())) {
    upload.reset();
    absl::Status why = picture.status();
    co_return co_await Keep(std::move(photo), std::move(why));
  }
  if (absl::IsNotFound(picture.status()) ||
      absl::IsDataLoss(picture.status())) {
    co_return co_await Damaged(photo, picture.status());
  }
  if (!picture.ok()) co_return picture.status();
  RecordUpload record{.file_key = upload->key()};
  const absl::StatusOr<Nothing> recorded =
      co_await store_.Execute(std::move(record));
  if (!recorded.ok()) co_return recorded.status();
  ReplacePhotoFiles replace{.photo = photo.id,
                            .old_file_key = photo.file_key,
                            .new_file_key = upload->key(),
                            .width = picture->width,
                            .height = picture->height,
                            .content_type = picture->content_type,
                            .rendition_version = media::kRenditionVersion,
                            .digests = upload->digests()};
  auto publish = [&upload] { return upload->Publish(); };
  const absl::Status published =
      co_await RunOn(decode_pool_, std::move(publish));
  if (!published.ok()) {
    std::string key = upload->key();
    (co_await garbage_.RemoveUnpublished(std::move(key))).IgnoreError();
    co_return published;
  }
  const auto replaced = co_await store_.Execute(std::move(replace));
  const absl::Status& done = replaced.status();
  // The row may name either: the record of the upload decides.
  if (ReasonOf(done) == Reason::kOutcomeUnknown) co_return done;
  // Files that cannot be removed stay recorded for the sweep.
  if (done.ok()) {
    std::vector<std::string> keys = {photo.file_key};
    (co_await garbage_.Remove(std::move(keys))).IgnoreError();
  } else {
    std::string key = upload->key();
    absl::Status why = done;
    (co_await garbage_.GiveUp(std::move(key), std::move(why))).IgnoreError();
  }
  co_return Replaced(photo.id, done, Outcome::kReplaced, absl::OkStatus());
}

Task<absl::StatusOr<RebuildResult>> Renditions::Keep(Photo photo,
                                                     absl::Status why) {
  ReplacePhotoFiles keep{.photo = photo.id,
                         .old_file_key = photo.file_key,
                         .new_file_key = photo.file_key,
                         .width = photo.width,
                         .height = photo.height,
                         .content_type = photo.content_type,
                         .rendition_version = media::kRenditionVersion,
                         .digests = photo.digests};
  if (!AreKnown(keep.digests)) {
    auto read = [&] { return files_.DigestsOf(photo.file_key); };
    const absl::StatusOr<PhotoDigests> digests =
        co_await RunOn(decode_pool_, std::move(read));
    if (absl::IsDataLoss(digests.status())) {
      co_return co_await Damaged(photo, digests.status());
    }
    if (!digests.ok()) co_return digests.status();
    keep.digests = *digests;
  }
  const absl::StatusOr<Nothing> done = co_await store_.Execute(std::move(keep));
  co_return Replaced(photo.id, done.status(), Outcome::kKept, std::move(why));
}

Task<absl::StatusOr<RebuildResult>> Renditions::Damaged(Photo photo,
                                                        absl::Status why) {
  auto look = [&photo](const StoreReader& reader) {
    return reader.HasFileKey(photo.file_key);
  };
  CO_ASSIGN_OR_RETURN(const bool there, co_await store_.Look(std::move(look)));
  if (!there) co_return RebuildResult{photo.id, Outcome::kGone, {}};
  co_return RebuildResult{photo.id, Outcome::kDamaged, std::move(why)};
}

void Renditions::Note(const Photo& photo,
                      const absl::StatusOr<RebuildResult>& rebuilt) {
  const bool damaged = rebuilt.ok() && rebuilt->outcome == Outcome::kDamaged;
  if (!damaged) {
    const absl::MutexLock lock(&claiming_);
    claimed_.erase(photo.id);
  }
  if (!rebuilt.ok()) {
    if (!absl::IsCancelled(rebuilt.status())) ++failed_;
    return;
  }
  if (!damaged) --outdated_;
  if (damaged) ++damaged_;
  if (rebuilt->outcome == Outcome::kKept) ++kept_;
  if (rebuilt->outcome == Outcome::kReplaced) ++replaced_;
}

RenditionStats Renditions::Stats() const {
  return {.outdated = outdated_,
          .replaced = replaced_,
          .kept = kept_,
          .damaged = damaged_,
          .failed = failed_};
}

}  // namespace pinhole::domain
