// SPDX-License-Identifier: Apache-2.0

// Builds and takes apart pictures for the tests of the walk.

#pragma once

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/media/picture_refusal.h"
#include "server/media/walk/bytes.h"
#include "server/media/walk/walk_picture.h"

namespace pinhole::media {

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path << " is missing";
  return {std::istreambuf_iterator<char>(file), {}};
}

// Of tests/fixtures/pictures.
inline std::string Fixture(std::string_view name) {
  return ReadFile(std::filesystem::path(PINHOLE_FIXTURE_PICTURES) / name);
}

// A file made by tests/fixtures/pictures/make-large.
inline std::string LargeFixture(std::string_view name) {
  return ReadFile(std::filesystem::path(PINHOLE_TEST_PICTURES) / name);
}

// Walks a picture that must be accepted and must stay unchanged in a second
// walk.
inline WalkedPicture Walk(std::string_view file) {
  auto walked = WalkPicture(file);
  if (!walked.ok()) {
    ADD_FAILURE() << walked.status();
    return {};
  }
  const auto again = WalkPicture(walked->bytes);
  EXPECT_TRUE(again.ok()) << again.status();
  if (again.ok()) {
    EXPECT_EQ(again->bytes, walked->bytes);
    EXPECT_EQ(again->width, walked->width);
    EXPECT_EQ(again->height, walked->height);
  }
  return *std::move(walked);
}

inline constexpr std::string_view kEmptyFile = "EMPTY_FILE";
inline constexpr std::string_view kUnsupportedType = "UNSUPPORTED_TYPE";
inline constexpr std::string_view kTooManyPixels = "TOO_MANY_PIXELS";
inline constexpr std::string_view kSideTooLong = "SIDE_TOO_LONG";
inline constexpr std::string_view kMultipleFrames = "MULTIPLE_FRAMES";
inline constexpr std::string_view kDamagedFile = "DAMAGED_FILE";

// The name of the reason of a refusal.
inline std::string ReasonIn(const absl::Status& status) {
  const std::optional<Reason> reason = ReasonOf(status);
  return reason ? std::string(NameOf(*reason)) : "no reason";
}

// The reason why a file is refused; empty if it is accepted.
inline std::string Refusal(std::string_view file) {
  const auto walked = WalkPicture(file);
  if (walked.ok()) return "";
  EXPECT_EQ(walked.status().code(), absl::StatusCode::kInvalidArgument);
  return ReasonIn(walked.status());
}

// The TIFF of an EXIF block that states only an orientation.
inline std::string Exif(int orientation, bool big = false) {
  std::string tiff = big ? "MM" : "II";
  const auto append = [&tiff, big](std::uint64_t number, std::size_t bytes) {
    big ? AppendBig(tiff, number, bytes) : AppendLittle(tiff, number, bytes);
  };
  append(42, 2);
  append(8, 4);
  append(1, 2);
  append(0x0112, 2);
  append(3, 2);
  append(1, 4);
  append(static_cast<std::uint64_t>(orientation), 2);
  append(0, 2);
  append(0, 4);
  return tiff;
}

// An ICC profile with an empty table of tags, of `size` bytes.
inline std::string Profile(std::string_view space = "RGB ",
                           std::size_t size = 200) {
  std::string profile;
  AppendBig(profile, size, 4);
  profile.resize(size, 'x');
  profile.replace(12, 4, "mntr").replace(16, 4, space).replace(20, 4, "XYZ ");
  profile.replace(36, 4, "acsp").replace(128, 4, std::string(4, '\0'));
  return profile;
}

inline std::string Deflate(std::string_view bytes) {
  std::string deflated(compressBound(bytes.size()), '\0');
  uLongf size = deflated.size();
  EXPECT_EQ(
      compress(reinterpret_cast<Bytef*>(deflated.data()), &size,
               reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()),
      Z_OK);
  deflated.resize(size);
  return deflated;
}

// `text` with the first `from` replaced.
inline std::string Replaced(std::string text, std::string_view from,
                            std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "nothing to replace";
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

}  // namespace pinhole::media
