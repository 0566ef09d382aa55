// SPDX-License-Identifier: Apache-2.0

#include "server/domain/backup/manifest.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace pinhole::domain {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

Manifest Example() {
  return {.version = "1.2.3",
          .schema_version = 2,
          .create_time = absl::FromUnixMillis(1'795'563'207'123),
          .users = 3,
          .photos = 45,
          .photo_bytes = 6'000'000'000,
          .database_bytes = 4096,
          .database_sha256 = std::string(64, 'a')};
}

TEST(ManifestTest, ParsesWhatItFormats) {
  EXPECT_EQ(ParseManifest(FormatManifest(Example())).value(), Example());
}

TEST(ManifestTest, IsHumanReadable) {
  EXPECT_THAT(FormatManifest(Example()),
              HasSubstr("\ncreate_time 2026-11-24T23:33:27.123+00:00\n"));
}

TEST(ManifestTest, TruncatedAnywhereItIsDamaged) {
  const std::string text = FormatManifest(Example());
  // Only the final newline may be missing.
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_THAT(ParseManifest(text.substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss))
        << size;
  }
}

TEST(ManifestTest, UnknownLinesAreIgnored) {
  EXPECT_THAT(ParseManifest(FormatManifest(Example()) + "colour blue\n"),
              IsOk());
}

TEST(ManifestTest, NewerFormatIsRefused) {
  std::string text = FormatManifest(Example());
  text.replace(0, text.find('\n'), "pinhole-backup 2");

  EXPECT_THAT(ParseManifest(text),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("newer Pinhole")));
}

TEST(ManifestTest, NumbersAreNotNegative) {
  Manifest manifest = Example();
  manifest.photos = -1;

  EXPECT_THAT(ParseManifest(FormatManifest(manifest)),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace pinhole::domain
