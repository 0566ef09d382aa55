// SPDX-License-Identifier: Apache-2.0

#include "server/domain/photos.h"

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/domain/missing.h"
#include "server/media/rendition_version.h"
#include "server/model/limits.h"

namespace pinhole::domain {
namespace {

absl::Status CheckDeclared(const NewPhoto& photo) {
  if (photo.size_bytes < 0) {
    return InvalidField("metadata.size_bytes", "must not be negative");
  }
  if (photo.size_bytes > limits::kMaxPhotoBytes) {
    return InvalidField(
        "metadata.size_bytes",
        fmt::format("must be at most {}", limits::kMaxPhotoBytes),
        Reason::kTooManyBytes);
  }
  return absl::OkStatus();
}

absl::Status SizeMismatch(std::int64_t declared, std::string_view sent) {
  return InvalidField(
      "metadata.size_bytes",
      fmt::format("declares {} bytes, but {} were sent", declared, sent),
      Reason::kSizeMismatch);
}

absl::Status TooManyUploads(int most) {
  // The end of an upload is unknown; a small picture takes about as long.
  constexpr absl::Duration kRetryDelay = absl::Seconds(1);
  return WithRetryDelay(
      MakeError(
          Reason::kTooManyUploads,
          fmt::format("{} uploads of your account are in progress, which is "
                      "the maximum; try again when one of them has ended",
                      most)),
      kRetryDelay);
}

// The digest of the bytes or, for a photo without digests, a digest of the
// secret key of its files: the files of a key never change.
std::string TagOf(const Photo& photo, media::RenditionSize size) {
  constexpr std::size_t kTagDigits = 32;
  if (AreKnown(photo.digests)) {
    return ToHex(media::DigestOf(photo.digests, size), kTagDigits);
  }
  return ToHex(
      Sha256Of(fmt::format("{}/{}", photo.file_key, media::FileOf(size))),
      kTagDigits);
}

}  // namespace

Photos::Photos(Store& store, media::PhotoFiles& files,
               media::Decoders& decoders, Garbage& garbage, Pools pools,
               FeedEvents& events, int user_uploads)
    : store_(store),
      files_(files),
      decoders_(decoders),
      garbage_(garbage),
      pools_(pools),
      events_(events),
      user_uploads_(user_uploads) {}

Task<absl::StatusOr<PhotoUpload>> Photos::BeginUpload(Actor actor,
                                                      NewPhoto photo) {
  CO_RETURN_IF_ERROR(CheckDeclared(photo));
  PhotoUpload upload;
  upload.owner = actor;
  upload.photo = std::move(photo);
  if (!upload.photo.request.key.empty()) {
    auto find = [&upload](const StoreReader& reader) {
      return reader.FindRequest(upload.photo.request);
    };
    CO_ASSIGN_OR_RETURN(const std::int64_t id,
                        co_await store_.Look(std::move(find)));
    if (id != 0) {
      CO_ASSIGN_OR_RETURN(upload.repeated,
                          co_await Find(actor.user, PhotoId{id}));
      co_return upload;
    }
  }
  upload.place = uploads_.Take(actor.user.value, user_uploads_);
  if (!upload.place) co_return TooManyUploads(user_uploads_);
  auto begin = [this] { return files_.Begin(); };
  CO_ASSIGN_OR_RETURN(upload.file,
                      co_await RunOn(pools_.file, std::move(begin)));
  co_return upload;
}

Task<absl::Status> Photos::Append(PhotoUpload& upload, std::string bytes) {
  if (bytes.empty()) co_return absl::OkStatus();
  const std::int64_t declared = upload.photo.size_bytes;
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (declared != 0 && upload.file->size_bytes() + size > declared) {
    co_return SizeMismatch(declared, "more");
  }
  auto append = [&upload, &bytes] { return upload.file->Append(bytes); };
  co_return co_await RunOn(pools_.file, std::move(append));
}

Task<absl::StatusOr<Photo>> Photos::Publish(PhotoUpload upload) {
  const std::int64_t declared = upload.photo.size_bytes;
  if (declared != 0 && upload.file->size_bytes() != declared) {
    const std::string sent = std::to_string(upload.file->size_bytes());
    co_await Abandon(std::move(upload));
    co_return SizeMismatch(declared, sent);
  }
  auto render = [this, &upload] { return upload.file->Render(decoders_); };
  absl::StatusOr<media::PictureInfo> picture =
      co_await RunOn(pools_.decode, std::move(render), upload.owner.user.value);
  if (!picture.ok()) {
    co_await Abandon(std::move(upload));
    co_return picture.status();
  }
  RecordUpload record{.file_key = upload.file->key()};
  const absl::StatusOr<Nothing> recorded =
      co_await store_.Execute(std::move(record), upload.owner.options());
  if (!recorded.ok()) {
    co_await Abandon(std::move(upload));
    co_return recorded.status();
  }
  AddPhoto add{.owner = upload.owner.user,
               .file_key = upload.file->key(),
               .caption = std::move(upload.photo.caption),
               .alt_text = std::move(upload.photo.alt_text),
               .visibility = upload.photo.visibility,
               .width = picture->width,
               .height = picture->height,
               .size_bytes = picture->size_bytes,
               .content_type = std::move(picture->content_type),
               .request = std::move(upload.photo.request),
               .rendition_version = media::kRenditionVersion,
               .digests = upload.file->digests()};
  auto publish = [&upload] { return upload.file->Publish(); };
  const absl::Status published =
      co_await RunOn(pools_.file, std::move(publish));
  if (!published.ok()) {
    std::string key = upload.file->key();
    (co_await garbage_.RemoveUnpublished(std::move(key))).IgnoreError();
    co_await Abandon(std::move(upload));
    co_return published;
  }
  absl::StatusOr<Photo> photo =
      co_await store_.Execute(std::move(add), upload.owner.options());
  // The row may exist: the record of the upload decides.
  if (ReasonOf(photo.status()) == Reason::kOutcomeUnknown) co_return photo;
  // Another key: the same request was sent twice at once and the other won.
  if (!photo.ok() || photo->file_key != upload.file->key()) {
    std::string key = upload.file->key();
    absl::Status why = photo.status();
    // Files that cannot be removed stay recorded for the sweep.
    (co_await garbage_.GiveUp(std::move(key), std::move(why))).IgnoreError();
    co_await Abandon(std::move(upload));
    co_return photo;
  }
  upload_sizes_.Observe(static_cast<double>(photo->size_bytes));
  events_.PhotoPublished();
  co_return photo;
}

Task<void> Photos::Abandon(PhotoUpload upload) {
  auto remove = [&upload] {
    upload.file.reset();
    return absl::OkStatus();
  };
  // If the pool is full, the destructor of `upload` removes the files here.
  const absl::Status done = co_await RunOn(pools_.file, std::move(remove));
  done.IgnoreError();
}

Task<absl::StatusOr<Photo>> Photos::Find(UserId viewer, PhotoId photo) {
  auto find = [viewer, photo](const StoreReader& reader) {
    return reader.FindPhoto(viewer, photo);
  };
  co_return OrMissing(co_await store_.Look(std::move(find)), photo);
}

Task<absl::StatusOr<Page<Photo>>> Photos::List(UserId viewer, std::string owner,
                                               PageRequest page) {
  auto list = [viewer, &owner,
               page](const StoreReader& reader) -> absl::StatusOr<Page<Photo>> {
    ASSIGN_OR_RETURN(const User user,
                     OrMissing(reader.FindUser(viewer, owner), owner));
    return OrMissing(reader.ListPhotos(viewer, user.id, page), owner);
  };
  co_return co_await store_.Scan(std::move(list));
}

Task<absl::StatusOr<Page<Photo>>> Photos::ListRecent(UserId viewer,
                                                     PageRequest page) {
  auto list = [viewer, page](const StoreReader& reader) {
    return reader.ListRecentPhotos(viewer, page);
  };
  co_return co_await store_.Scan(std::move(list));
}

Task<absl::StatusOr<Photo>> Photos::Update(Actor actor, PhotoId photo,
                                           PhotoChanges changes) {
  UpdatePhoto update{.actor = actor.user,
                     .photo = photo,
                     .caption = std::move(changes.caption),
                     .alt_text = std::move(changes.alt_text),
                     .visibility = changes.visibility};
  co_return OrMissing(
      co_await store_.Execute(std::move(update), actor.options()), photo);
}

Task<absl::StatusOr<std::optional<Removal>>> Photos::Delete(Actor actor,
                                                            PhotoId photo) {
  DeletePhoto command{.actor = actor.user, .photo = photo};
  CO_ASSIGN_OR_RETURN(
      const DeletePhoto::Result deleted,
      OrMissing(co_await store_.Execute(std::move(command), actor.options()),
                photo));
  std::vector<std::string> keys = {deleted.file_key};
  // The photo is deleted; files that cannot be removed stay recorded for the
  // sweep.
  (co_await garbage_.Remove(std::move(keys))).IgnoreError();
  co_return deleted.removal;
}

Task<absl::StatusOr<RenditionBytes>> Photos::Open(UserId viewer, PhotoId id,
                                                  media::RenditionSize size,
                                                  RenditionAccess access) {
  if (access.offset < 0)
    co_return InvalidField("offset", "must not be negative");
  CO_ASSIGN_OR_RETURN(Photo photo, co_await Find(viewer, id));
  const bool original = size == media::RenditionSize::kOriginal;
  if (original && photo.owner != viewer) {
    co_return MakeError(
        Reason::kPhotoNotOwned,
        fmt::format("only the owner of photos/{} may download its original",
                    id.value));
  }
  RenditionBytes rendition;
  rendition.content_type = original ? photo.content_type : "image/jpeg";
  if (access.accept_redirect && !original &&
      photo.visibility == Visibility::kPublic) {
    auto uri = files_.RedirectUri(photo.file_key, size);
    if (uri) {
      rendition.tag = TagOf(photo, size);
      rendition.redirect_uri = *std::move(uri);
      co_return rendition;
    }
  }
  auto open = [this, &photo, size, offset = access.offset] {
    return files_.OpenRendition(photo.file_key, size, offset);
  };
  absl::StatusOr<std::unique_ptr<media::PhotoReader>> reader =
      co_await RunOn(pools_.file, open);
  while (absl::IsNotFound(reader.status())) {
    // Deleted or given other files since the lookup, or lost?
    CO_ASSIGN_OR_RETURN(Photo now, co_await Find(viewer, id));
    if (now.file_key == photo.file_key) {
      co_return absl::DataLossError(
          fmt::format("the files of photos/{} are missing: {}", id.value,
                      std::string(reader.status().message())));
    }
    photo = std::move(now);
    reader = co_await RunOn(pools_.file, open);
  }
  if (!reader.ok()) co_return std::move(reader).status();
  rendition.tag = TagOf(photo, size);
  rendition.reader = *std::move(reader);
  co_return rendition;
}

Task<absl::StatusOr<std::string>> Photos::Read(RenditionBytes& rendition,
                                               std::size_t max_bytes) {
  auto read = [&rendition, max_bytes] {
    return rendition.reader->Read(max_bytes);
  };
  co_return co_await RunOn(pools_.file, std::move(read));
}

}  // namespace pinhole::domain
