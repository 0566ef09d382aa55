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

absl::Status Client::DeletePhoto(const std::string& photo) const {
  const auto name = PhotoName(photo);
  if (!name.ok()) return name.status();
  v1::DeletePhotoRequest request;
  request.set_name(*name);
  return connection_.Call(&Photos::DeletePhoto, request, Repeat::kOnlyIfRefused)
      .status();
}

absl::StatusOr<std::vector<v1::Photo>> Client::Feed(int limit) const {
  return WalkPages<v1::Photo>(connection_, &v1::SocialService::Stub::GetFeed,
                              {}, limit,
                              [](auto& page) { return page.mutable_photos(); });
}

absl::StatusOr<std::vector<v1::Photo>> Client::RecentPhotos(int limit) const {
  return WalkPages<v1::Photo>(connection_, &Photos::ListRecentPhotos, {}, limit,
                              [](auto& page) { return page.mutable_photos(); });
}

absl::StatusOr<std::vector<v1::Photo>> Client::PhotosOf(const std::string& user,
                                                        int limit) const {
  const auto name = UserName(user);
  if (!name.ok()) return name.status();
  v1::ListPhotosRequest request;
  request.set_parent(*name);
  return WalkPages<v1::Photo>(connection_, &Photos::ListPhotos, request, limit,
                              [](auto& page) { return page.mutable_photos(); });
}

}  // namespace pinhole::client
