// SPDX-License-Identifier: Apache-2.0

// The walk gives a result for every file.

#include <filesystem>

#include "tests/unit/server/media/walk/walked.h"

namespace pinhole::media {
namespace {

std::vector<std::string> SmallPictures() {
  std::vector<std::string> pictures;
  for (const auto& entry :
       std::filesystem::directory_iterator(PINHOLE_FIXTURE_PICTURES)) {
    std::string bytes = ReadFile(entry.path());
    if (bytes.size() < 8192) pictures.push_back(std::move(bytes));
  }
  EXPECT_GT(pictures.size(), 20u);
  return pictures;
}

// Requires a refusal with a reason, or bytes that are accepted unchanged when
// walked again.
void ExpectDecided(const std::string& file) {
  const auto walked = WalkPicture(file);
  if (walked.ok()) {
    const auto again = WalkPicture(walked->bytes);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->bytes == walked->bytes);
    EXPECT_LE(walked->bytes.size(), file.size() + 1024);
  } else {
    EXPECT_EQ(walked.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_TRUE(ReasonOf(walked.status()).has_value());
  }
}

TEST(AnyBytesWalkTest, EmptyFilesAndOtherTypesAreRefused) {
  EXPECT_EQ(Refusal(""), kEmptyFile);
  EXPECT_EQ(Refusal("a"), kUnsupportedType);
  EXPECT_EQ(Refusal("GIF89a............"), kUnsupportedType);
  EXPECT_EQ(Refusal("<svg xmlns='http://www.w3.org/2000/svg'/>"),
            kUnsupportedType);
}

TEST(AnyBytesWalkTest, EveryTruncationIsDecided) {
  for (const std::string& picture : SmallPictures()) {
    const std::size_t step = picture.size() > 1000 ? 7 : 1;
    for (std::size_t size = 0; size < picture.size(); size += step) {
      ExpectDecided(picture.substr(0, size));
    }
  }
}

TEST(AnyBytesWalkTest, EveryFlippedByteIsDecided) {
  for (const std::string& picture : SmallPictures()) {
    // All of the headers, then samples.
    for (std::size_t at = 0; at < picture.size(); at += at < 1200 ? 1 : 97) {
      for (const int flip : {0x01, 0x80, 0xff}) {
        std::string flipped = picture;
        flipped[at] = static_cast<char>(flipped[at] ^ flip);
        ExpectDecided(flipped);
      }
    }
  }
}

TEST(AnyBytesWalkTest, EveryPairOfBytesTakenOutIsDecided) {
  for (const std::string& picture : SmallPictures()) {
    for (std::size_t at = 0; at < std::min<std::size_t>(picture.size(), 1200);
         ++at) {
      ExpectDecided(std::string(picture).erase(at, 2));
    }
  }
}

}  // namespace
}  // namespace pinhole::media
