// SPDX-License-Identifier: Apache-2.0

// Documentation and the gateway must agree with the limits in
// server/model/limits.h.

#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "server/model/limits.h"
#include "server/rpc/services/photo_service.h"

namespace pinhole::rpc {
namespace {

// The file as one line, without comment markers and with single spaces.
std::string TextOf(const std::string& file) {
  std::ifstream stream(std::string(PINHOLE_SOURCE_DIR "/") + file);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  EXPECT_FALSE(text.empty()) << file;
  const std::string joined =
      std::regex_replace(text, std::regex("\n *(//)? *"), " ");
  return std::regex_replace(joined, std::regex(" +"), " ");
}

// 67108864 is "67,108,864".
std::string Grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<std::size_t>(i), ",");
  }
  return digits;
}

void ExpectStated(const std::string& file, const std::string& text,
                  const std::string& statement) {
  EXPECT_NE(text.find(statement), std::string::npos)
      << file << " does not say \"" << statement << "\"";
}

std::string Bytes(std::int64_t bytes) {
  return bytes < 1 << 20 ? fmt::format("{} ({} KiB)", bytes, bytes >> 10)
                         : fmt::format("{} ({} MiB)", bytes, bytes >> 20);
}

// 67108864 is "64 Mi pixels (67,108,864)".
std::string Pixels(std::int64_t pixels) {
  return fmt::format("{} Mi pixels ({})", pixels >> 20, Grouped(pixels));
}

TEST(StatedLimitsTest, TheGatewaysOptionAgrees) {
  EXPECT_EQ(UploadOption().max_bytes(), limits::kMaxPhotoBytes);
}

TEST(StatedLimitsTest, TheCommentsOfTheApiAgree) {
  const std::string file = "proto/pinhole/v1/photo_service.proto";
  const std::string text = TextOf(file);
  for (const std::string& statement : {
           fmt::format("at most {} bytes ({} MiB), {} pixels ({} Mi)",
                       limits::kMaxPhotoBytes, limits::kMaxPhotoBytes >> 20,
                       limits::kMaxPhotoPixels, limits::kMaxPhotoPixels >> 20),
           fmt::format("and {} pixels on each side", limits::kMaxPhotoSide),
           fmt::format("{} uploads in progress", limits::kMaxUserUploads),
           fmt::format("Size of the file in bytes, at most {}.",
                       Bytes(limits::kMaxPhotoBytes)),
           fmt::format("at most {} in each message and {} in total.",
                       Bytes(limits::kMaxChunkBytes),
                       Bytes(limits::kMaxPhotoBytes)),
           fmt::format("of the rendition, at most {} in each message",
                       Bytes(limits::kMaxChunkBytes)),
           fmt::format("The caption, at most {} characters.",
                       limits::kMaxCaptionCharacters),
           fmt::format("The alternative text, at most {} characters.",
                       limits::kMaxAltTextCharacters),
       }) {
    ExpectStated(file, text, statement);
  }
}

TEST(StatedLimitsTest, TheCommentsAboutPeopleAgree) {
  const std::string file = "proto/pinhole/v1/social_service.proto";
  const std::string text = TextOf(file);
  ExpectStated(
      file, text,
      fmt::format("caller already follows {} users", limits::kMaxFollowing));
  ExpectStated(
      file, text,
      fmt::format("caller already blocks {} users", limits::kMaxBlocks));
}

TEST(StatedLimitsTest, TheDocumentationAgrees) {
  const std::string page = "docs/api.md";
  const std::string text = TextOf(page);
  for (const std::string& statement : {
           fmt::format("| following | {} people |", limits::kMaxFollowing),
           fmt::format("| blocking | {} people |", limits::kMaxBlocks),
           fmt::format("HEIC; {} MiB ({} bytes);", limits::kMaxPhotoBytes >> 20,
                       Grouped(limits::kMaxPhotoBytes)),
           Pixels(limits::kMaxPhotoPixels),
           fmt::format("; {} pixels a side;", Grouped(limits::kMaxPhotoSide)),
           fmt::format("| uploads | {} at a time |", limits::kMaxUserUploads),
           fmt::format("can be taken again after {} days",
                       limits::kHandleReservation / absl::Hours(24)),
       }) {
    ExpectStated(page, text, statement);
  }
  const std::string security = TextOf("docs/security.md");
  ExpectStated("docs/security.md", security,
               fmt::format("| uploads of one user under way | {} |",
                           limits::kMaxUserUploads));
  ExpectStated(
      "docs/security.md", security,
      fmt::format("| a photo | {} MiB,", limits::kMaxPhotoBytes >> 20));
}

}  // namespace
}  // namespace pinhole::rpc
