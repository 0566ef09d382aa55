// SPDX-License-Identifier: Apache-2.0

#include "server/media/picture_refusal.h"

#include <algorithm>
#include <array>

#include "base/errors.h"
#include "fmt/format.h"
#include "server/model/limits.h"

namespace pinhole::media {
namespace {

bool HasHeicBrand(std::string_view head) {
  constexpr std::array<std::string_view, 11> kBrands = {
      "heic", "heix", "heim", "heis", "hevc", "hevx",
      "hevm", "hevs", "mif1", "mif2", "msf1"};
  return head.substr(4, 4) == "ftyp" &&
         std::find(kBrands.begin(), kBrands.end(), head.substr(8, 4)) !=
             kBrands.end();
}

}  // namespace

std::string SniffContentType(std::string_view head) {
  using std::literals::string_view_literals::operator""sv;
  if (head.substr(0, 3) == "\xff\xd8\xff"sv) return "image/jpeg";
  if (head.substr(0, 8) == "\x89PNG\r\n\x1a\n"sv) return "image/png";
  if (head.size() < 12) return "";
  if (head.substr(0, 4) == "RIFF" && head.substr(8, 4) == "WEBP") {
    return "image/webp";
  }
  return HasHeicBrand(head) ? "image/heic" : "";
}

absl::Status EmptyFile() {
  return MakeError(Reason::kEmptyFile, "the file must not be empty");
}

absl::Status UnsupportedType() {
  return MakeError(Reason::kUnsupportedType,
                   "the file must be a JPEG, PNG, WebP or HEIC picture");
}

absl::Status UnsupportedCoding(std::string_view coding) {
  return MakeError(
      Reason::kUnsupportedType,
      fmt::format("the file must be a JPEG, PNG, WebP or HEIC picture; {} is "
                  "not accepted",
                  coding));
}

absl::Status Damaged() {
  return MakeError(
      Reason::kDamagedFile,
      "the file is damaged or truncated; it must be a complete JPEG, "
      "PNG, WebP or HEIC picture");
}

absl::Status TooManyScans() {
  return MakeError(
      Reason::kDamagedFile,
      "the JPEG has more scans than any encoder writes; save the picture "
      "again as a baseline or ordinary progressive JPEG");
}

absl::Status MultipleFrames() {
  return MakeError(
      Reason::kMultipleFrames,
      "the file must contain one picture; animations and sequences are "
      "not accepted");
}

absl::Status CheckSize(std::int64_t width, std::int64_t height) {
  if (width <= 0 || height <= 0) return Damaged();
  if (std::max(width, height) > limits::kMaxPhotoSide) {
    return MakeError(
        Reason::kSideTooLong,
        fmt::format("the picture must have at most {} pixels on either "
                    "side; it is {} x {}",
                    limits::kMaxPhotoSide, width, height));
  }
  if (width * height > limits::kMaxPhotoPixels) {
    return MakeError(
        Reason::kTooManyPixels,
        fmt::format("the picture must have at most {} million "
                    "pixels; it is {} x {}",
                    limits::kMaxPhotoPixels / 1'000'000, width, height));
  }
  return absl::OkStatus();
}

}  // namespace pinhole::media
