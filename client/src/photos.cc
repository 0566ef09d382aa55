// SPDX-License-Identifier: Apache-2.0

#include "client/src/pages.h"
#include "pinhole/client.h"

namespace pinhole::client {

using Photos = v1::PhotoService::Stub;

absl::StatusOr<v1::Photo> Client::GetPhoto(const std::string& photo) const {
  const auto name = PhotoName(photo);
  if (!name.ok()) return name.status();
  v1::GetPhotoRequest request;
  request.set_name(*name);
  return connection_.Call(&Photos::GetPhoto, request);
}

absl::StatusOr<v1::Photo> Client::UpdatePhoto(
    const std::string& photo, const PhotoChanges& changes) const {
  const auto name = PhotoName(photo);
  if (!name.ok()) return name.status();
  v1::UpdatePhotoRequest request;
  request.mutable_photo()->set_name(*name);
  if (changes.caption) {
    request.mutable_photo()->set_caption(*changes.caption);
    request.mutable_update_mask()->add_paths("caption");
  }
  if (changes.alt_text) {
    request.mutable_photo()->set_alt_text(*changes.alt_text);
    request.mutable_update_mask()->add_paths("alt_text");
  }
  if (changes.visibility) {
    request.mutable_photo()->set_visibility(*changes.visibility);
    request.mutable_update_mask()->add_paths("visibility");
  }
  return connection_.Call(&Photos::UpdatePhoto, request);
}

absl::Status Client::DeletePhoto(const std::string& photo) const {
  const auto name = PhotoName(photo);
  if (!name.ok()) return name.status();
  v1::DeletePhotoRequest request;
  request.set_name(*name);
  return connection_.Call(&Photos::DeletePhoto, request, Repeat::kOnlyIfRefused)
      .status();
}

Listing<v1::Photo> Client::Feed() const {
  return ListingOf<v1::Photo>(connection_, &v1::SocialService::Stub::GetFeed,
                              {},
                              [](auto& page) { return page.mutable_photos(); });
}

Listing<v1::Photo> Client::RecentPhotos() const {
  return ListingOf<v1::Photo>(connection_, &Photos::ListRecentPhotos, {},
                              [](auto& page) { return page.mutable_photos(); });
}

Listing<v1::Photo> Client::PhotosOf(const std::string& user) const {
  const auto name = UserName(user);
  if (!name.ok()) return Listing<v1::Photo>(name.status());
  v1::ListPhotosRequest request;
  request.set_parent(*name);
  return ListingOf<v1::Photo>(connection_, &Photos::ListPhotos, request,
                              [](auto& page) { return page.mutable_photos(); });
}

}  // namespace pinhole::client
