// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "tests/unit/client/fake_state.h"

namespace pinhole::client {
namespace {

using grpc::ServerContext;
using grpc::Status;

}  // namespace

class FakeServer::Photos final : public v1::PhotoService::Service {
 public:
  explicit Photos(State& state) : state_(state) {}

  Status UploadPhoto(ServerContext* context,
                     grpc::ServerReader<v1::UploadPhotoRequest>* reader,
                     v1::Photo* response) override {
    v1::UploadPhotoRequest message;
    v1::PhotoMetadata metadata;
    std::string bytes;
    while (reader->Read(&message)) {
      if (message.has_metadata()) {
        metadata = message.metadata();
        continue;
      }
      bytes += message.chunk();
      absl::MutexLock lock(&state_.log.mutex);
      state_.log.chunk_bytes.push_back(message.chunk().size());
    }
    return state_.Serve("UploadPhoto", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string user;
      if (auto status = state_.Caller(*context, user); !status.ok()) {
        return status;
      }
      const std::size_t fresh = state_.photos.size();
      const auto index = state_.FirstResult(metadata.request_id(), fresh);
      if (index == fresh) {
        v1::Photo photo;
        photo.set_name(fmt::format("photos/{}", fresh + 1));
        photo.set_owner(user);
        photo.set_caption(metadata.caption());
        photo.set_alt_text(metadata.alt_text());
        photo.set_visibility(metadata.visibility());
        photo.set_size_bytes(static_cast<std::int64_t>(bytes.size()));
        photo.set_content_type("image/png");
        state_.bytes[photo.name()] = bytes;
        state_.photos.push_back(photo);
      }
      *response = state_.photos[index];
      return Status::OK;
    });
  }

  Status GetPhoto(ServerContext*, const v1::GetPhotoRequest* request,
                  v1::Photo* response) override {
    return state_.Serve("GetPhoto", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      const v1::Photo* photo = state_.Find(request->name());
      if (photo == nullptr) return NoSuchThing();
      *response = *photo;
      return Status::OK;
    });
  }

  Status ListPhotos(ServerContext* context,
                    const v1::ListPhotosRequest* request,
                    v1::ListPhotosResponse* response) override {
    return state_.Serve("ListPhotos", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string owner = request->parent();
      if (owner == "users/me") {
        if (auto status = state_.Caller(*context, owner); !status.ok()) {
          return status;
        }
      }
      std::vector<v1::Photo> photos;
      for (auto at = state_.photos.rbegin(); at != state_.photos.rend(); ++at) {
        if (at->owner() == owner) photos.push_back(*at);
      }
      State::Page(photos, *request, *response,
                  [](auto& page) { return page.add_photos(); });
      return Status::OK;
    });
  }

  // Applies the fields of the mask.
  Status UpdatePhoto(ServerContext*, const v1::UpdatePhotoRequest* request,
                     v1::Photo* response) override {
    return state_.Serve("UpdatePhoto", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      const v1::Photo& changed = request->photo();
      v1::Photo* photo = state_.Find(changed.name());
      if (photo == nullptr) return NoSuchThing();
      for (const auto& path : request->update_mask().paths()) {
        if (path == "caption") photo->set_caption(changed.caption());
        if (path == "alt_text") photo->set_alt_text(changed.alt_text());
        if (path == "visibility") photo->set_visibility(changed.visibility());
      }
      *response = *photo;
      return Status::OK;
    });
  }

  Status DeletePhoto(ServerContext*, const v1::DeletePhotoRequest* request,
                     google::protobuf::Empty*) override {
    return state_.Serve("DeletePhoto", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      const auto erased = std::erase_if(state_.photos, [&](const auto& photo) {
        return photo.name() == request->name();
      });
      return erased == 0 ? NoSuchThing() : Status::OK;
    });
  }

  Status DownloadPhoto(
      ServerContext*, const v1::DownloadPhotoRequest* request,
      grpc::ServerWriter<v1::DownloadPhotoResponse>* writer) override {
    std::string bytes;
    const Status found =
        state_.Serve("DownloadPhoto", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
          if (state_.Find(request->name()) == nullptr) return NoSuchThing();
          bytes = state_.bytes[request->name()];
          return Status::OK;
        });
    if (!found.ok()) return found;
    v1::DownloadPhotoResponse message;
    message.mutable_head()->set_content_type("image/jpeg");
    message.mutable_head()->set_size_bytes(
        static_cast<std::int64_t>(bytes.size()));
    writer->Write(message);
    // A photo that says so ends too early.
    if (bytes.starts_with("cut off")) bytes.resize(3);
    message.set_chunk(bytes);
    writer->Write(message);
    return Status::OK;
  }

 private:
  State& state_;
};

std::unique_ptr<grpc::Service> FakeServer::NewPhotos(State& state) {
  return std::make_unique<Photos>(state);
}

}  // namespace pinhole::client
