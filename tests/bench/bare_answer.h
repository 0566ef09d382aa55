// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "pinhole/v1/photo_service.pb.h"

namespace pinhole::bench {

// A photo of 286 bytes: what the bounds of all calls answer.
inline v1::Photo MakeBareAnswer() {
  constexpr std::size_t kBytes = 286;
  v1::Photo photo;
  photo.set_name("photos/7301444403200000001");
  photo.set_owner("users/ansel");
  photo.set_visibility(v1::VISIBILITY_PUBLIC);
  photo.mutable_create_time()->set_seconds(1'700'000'000);
  photo.set_width(4000);
  photo.set_height(3000);
  photo.set_content_type("image/jpeg");
  photo.set_like_count(12);
  photo.set_caption("-");
  while (photo.ByteSizeLong() < kBytes) photo.mutable_caption()->push_back('-');
  return photo;
}

}  // namespace pinhole::bench
