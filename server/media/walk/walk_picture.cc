// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/walk_picture.h"

#include <string>

#include "server/media/picture_refusal.h"
#include "server/media/walk/heic.h"
#include "server/media/walk/jpeg.h"
#include "server/media/walk/png.h"
#include "server/media/walk/webp.h"

namespace pinhole::media {

absl::StatusOr<WalkedPicture> WalkPicture(std::string_view file) {
  if (file.empty()) return EmptyFile();
  const std::string type = SniffContentType(file.substr(0, 64));
  if (type == "image/jpeg") return WalkJpeg(file);
  if (type == "image/png") return WalkPng(file);
  if (type == "image/webp") return WalkWebp(file);
  if (type == "image/heic") return WalkHeic(file);
  return UnsupportedType();
}

}  // namespace pinhole::media
