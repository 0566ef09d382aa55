// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/photo_service.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "pinhole/v1/content_type.h"
#include "server/domain/text/text.h"
#include "server/model/limits.h"
#include "server/rpc/services/convert.h"
#include "server/rpc/services/removal_log.h"
#include "server/rpc/services/resource_name.h"
#include "server/rpc/services/service_handlers.h"
#include "server/rpc/services/validate.h"

namespace pinhole::rpc {
namespace {

using ::google::protobuf::Empty;

// If a client does not read, three pieces of its download are in memory;
// together with the rest of the call this is less than 256 KiB.
constexpr std::size_t kDownloadPieceBytes = 48 * 1024;

// An early check, to avoid uploads that cannot be accepted.  The final check is
// of the bytes.
absl::Status CheckContentType(const std::string& content_type) {
  const v1::RawBody& upload = UploadOption();
  if (v1::MayBeAccepted(content_type, upload)) return absl::OkStatus();
  return InvalidField(
      "metadata.content_type",
      fmt::format("must be one of {}", v1::AcceptedTypes(upload)),
      Reason::kUnsupportedType);  // As for unsupported bytes.
}

absl::StatusOr<domain::NewPhoto> FromProto(const v1::PhotoMetadata& proto,
                                           const Caller& caller) {
  domain::NewPhoto photo;
  ASSIGN_OR_RETURN(photo.caption, domain::NormalizeCaption("metadata.caption",
                                                           proto.caption()));
  ASSIGN_OR_RETURN(photo.alt_text, domain::NormalizeAltText("metadata.alt_text",
                                                            proto.alt_text()));
  if (proto.visibility() != v1::VISIBILITY_UNSPECIFIED) {
    ASSIGN_OR_RETURN(photo.visibility, ParseVisibility("metadata.visibility",
                                                       proto.visibility()));
  }
  RETURN_IF_ERROR(CheckContentType(proto.content_type()));
  photo.size_bytes = proto.size_bytes();
  ASSIGN_OR_RETURN(
      photo.request,
      ParseRequestKey("metadata.request_id", proto.request_id(), "UploadPhoto",
                      std::to_string(caller.user.value),
                      CanonicalWithout(proto, {"request_id"})));
  return photo;
}

absl::StatusOr<domain::PhotoChanges> FromProto(
    const v1::UpdatePhotoRequest& proto) {
  const v1::Photo& photo = proto.photo();
  ASSIGN_OR_RETURN(const std::set<std::string> paths,
                   PathsToUpdate(proto.update_mask(), photo,
                                 {"caption", "alt_text", "visibility"}));
  domain::PhotoChanges changes;
  if (paths.contains("caption")) {
    ASSIGN_OR_RETURN(changes.caption, domain::NormalizeCaption(
                                          "photo.caption", photo.caption()));
  }
  if (paths.contains("alt_text")) {
    ASSIGN_OR_RETURN(changes.alt_text, domain::NormalizeAltText(
                                           "photo.alt_text", photo.alt_text()));
  }
  if (paths.contains("visibility")) {
    ASSIGN_OR_RETURN(changes.visibility,
                     ParseVisibility("photo.visibility", photo.visibility()));
  }
  return changes;
}

}  // namespace

const v1::RawBody& UploadOption() {
  return v1::UploadPhotoRequest::descriptor()
      ->file()
      ->FindServiceByName("PhotoService")
      ->FindMethodByName("UploadPhoto")
      ->options()
      .GetExtension(v1::raw_request);
}

PhotoService::PhotoService(domain::Photos& photos,
                           const domain::TokenSigner& signer)
    : photos_(photos), signer_(signer) {}

void PhotoService::AddTo(Registry& registry) {
  ServiceHandlers handlers(registry, "pinhole.v1.PhotoService");
  registry.ClientStreaming<v1::UploadPhotoRequest, v1::Photo>(
      "pinhole.v1.PhotoService.UploadPhoto",
      Bind(*this, &PhotoService::UploadPhoto));
  handlers.Add("GetPhoto", *this, &PhotoService::GetPhoto);
  handlers.AddList<v1::ListPhotosRequest>(
      "ListPhotos", signer_, photos_, &domain::Photos::List,
      &v1::ListPhotosResponse::mutable_photos);
  handlers.AddList<v1::ListRecentPhotosRequest>(
      "ListRecentPhotos", signer_, photos_, &domain::Photos::ListRecent,
      &v1::ListRecentPhotosResponse::mutable_photos);
  handlers.Add("UpdatePhoto", *this, &PhotoService::UpdatePhoto);
  handlers.Add("DeletePhoto", *this, &PhotoService::DeletePhoto);
  registry.ServerStreaming<v1::DownloadPhotoRequest, v1::DownloadPhotoResponse>(
      "pinhole.v1.PhotoService.DownloadPhoto",
      Bind(*this, &PhotoService::DownloadPhoto));
}

Task<absl::StatusOr<v1::Photo>> PhotoService::UploadPhoto(
    Call& call, MessageReader& requests) {
  v1::UploadPhotoRequest first;
  CO_ASSIGN_OR_RETURN(const bool came, co_await requests.Read(&first));
  if (!came || !first.has_metadata()) {
    co_return InvalidField("metadata", "must be in the first message");
  }
  CO_ASSIGN_OR_RETURN(domain::NewPhoto photo,
                      FromProto(first.metadata(), call.caller));
  CO_ASSIGN_OR_RETURN(
      domain::PhotoUpload upload,
      co_await photos_.BeginUpload(ActorOf(call), std::move(photo)));
  if (upload.repeated) co_return ToProto(*upload.repeated);
  const absl::Status received = co_await Receive(requests, upload);
  if (!received.ok()) {
    co_await photos_.Abandon(std::move(upload));
    co_return received;
  }
  CO_ASSIGN_OR_RETURN(const Photo published,
                      co_await photos_.Publish(std::move(upload)));
  co_return ToProto(published);
}

Task<absl::Status> PhotoService::Receive(MessageReader& requests,
                                         domain::PhotoUpload& upload) {
  v1::UploadPhotoRequest message;
  while (true) {
    CO_ASSIGN_OR_RETURN(const bool came, co_await requests.Read(&message));
    if (!came) co_return absl::OkStatus();
    if (message.has_metadata()) {
      co_return InvalidField("metadata", "must be in the first message only");
    }
    std::string chunk = std::move(*message.mutable_chunk());
    if (chunk.size() > limits::kMaxChunkBytes) {
      co_return InvalidField("chunk", fmt::format("must be at most {} bytes",
                                                  limits::kMaxChunkBytes));
    }
    CO_RETURN_IF_ERROR(co_await photos_.Append(upload, std::move(chunk)));
  }
}

Task<absl::StatusOr<v1::Photo>> PhotoService::GetPhoto(
    Call& call, const v1::GetPhotoRequest& request) {
  CO_ASSIGN_OR_RETURN(const PhotoId id, ParsePhotoName("name", request.name()));
  CO_ASSIGN_OR_RETURN(const Photo photo,
                      co_await photos_.Find(call.caller.user, id));
  co_return ToProto(photo);
}

Task<absl::StatusOr<v1::Photo>> PhotoService::UpdatePhoto(
    Call& call, const v1::UpdatePhotoRequest& request) {
  CO_ASSIGN_OR_RETURN(const PhotoId id,
                      ParsePhotoName("photo.name", request.photo().name()));
  CO_ASSIGN_OR_RETURN(domain::PhotoChanges changes, FromProto(request));
  CO_ASSIGN_OR_RETURN(
      const Photo photo,
      co_await photos_.Update(ActorOf(call), id, std::move(changes)));
  co_return ToProto(photo);
}

Task<absl::StatusOr<Empty>> PhotoService::DeletePhoto(
    Call& call, const v1::DeletePhotoRequest& request) {
  CO_ASSIGN_OR_RETURN(const PhotoId id, ParsePhotoName("name", request.name()));
  CO_ASSIGN_OR_RETURN(const std::optional<Removal> removal,
                      co_await photos_.Delete(ActorOf(call), id));
  LogRemoval(removal);
  co_return Empty();
}

Task<absl::Status> PhotoService::DownloadPhoto(
    Call& call, const v1::DownloadPhotoRequest& request,
    MessageWriter& responses) {
  CO_ASSIGN_OR_RETURN(const PhotoId id, ParsePhotoName("name", request.name()));
  CO_ASSIGN_OR_RETURN(const media::RenditionSize size,
                      ParseRendition("rendition", request.rendition()));
  CO_ASSIGN_OR_RETURN(
      domain::RenditionBytes rendition,
      co_await photos_.Open(call.caller.user, id, size,
                            {.offset = request.offset(),
                             .accept_redirect = request.accept_redirect()}));
  v1::DownloadPhotoResponse response;
  v1::RenditionHead& head = *response.mutable_head();
  head.set_content_type(rendition.content_type);
  head.set_etag(fmt::format("\"{}\"", rendition.tag));
  if (rendition.reader == nullptr) {
    head.set_redirect_uri(rendition.redirect_uri);
    co_return co_await responses.Write(response);
  }
  const std::int64_t size_bytes = rendition.reader->size_bytes();
  head.set_size_bytes(size_bytes);
  CO_RETURN_IF_ERROR(co_await responses.Write(response));
  // Checked after the head was sent, so that the client knows the size.
  if (request.offset() > size_bytes) {
    co_return InvalidField(
        "offset",
        fmt::format("must be at most {}, the size of the file", size_bytes));
  }
  // Not ended by `call.stop`: a server that shuts down finishes downloads, and
  // a write to a disconnected client fails.
  while (true) {
    CO_ASSIGN_OR_RETURN(std::string bytes,
                        co_await photos_.Read(rendition, kDownloadPieceBytes));
    if (bytes.empty()) co_return absl::OkStatus();
    response.set_chunk(std::move(bytes));
    CO_RETURN_IF_ERROR(co_await responses.Write(response));
  }
}

}  // namespace pinhole::rpc
