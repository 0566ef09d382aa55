// SPDX-License-Identifier: Apache-2.0

#include "server/media/photo_tree.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kKey[] = "0123456789abcdef0123456789abcdef";

class PhotoTreeTest : public ::testing::Test {
 protected:
  PhotoTreeTest() {
    fs::create_directories(from_.FolderOf(kKey));
    fs::create_directory(to_.root());
    for (const char* name :
         {"original", "thumbnail.jpg", "medium.jpg", "large.jpg"}) {
      std::ofstream(from_.FolderOf(kKey) / name) << "bytes";
    }
  }

  static std::string TextOf(const fs::path& file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }
  fs::path Original(const PhotoTree& tree) {
    return tree.FolderOf(kKey) / kOriginalFile;
  }

  testing::TempDir dir_;
  const PhotoTree from_{dir_.path() / "from"};
  const PhotoTree to_{dir_.path() / "to"};
};

TEST_F(PhotoTreeTest, CopyHasAllFiles) {
  for (const auto kind : {CopyKind::kLinkIfPossible, CopyKind::kBytes}) {
    fs::remove_all(to_.FolderOf(kKey));

    ASSERT_THAT(to_.CopyFrom(from_, kKey, kind), IsOk());

    EXPECT_EQ(to_.Check(kKey, 5).value(), 20);
    EXPECT_EQ(TextOf(Original(to_)), "bytes");
  }
}

TEST_F(PhotoTreeTest, LinksShareTheBytesAndCopiesDoNot) {
  ASSERT_THAT(to_.CopyFrom(from_, kKey, CopyKind::kLinkIfPossible), IsOk());
  EXPECT_EQ(fs::hard_link_count(Original(from_)), 2);

  fs::remove_all(to_.FolderOf(kKey));
  ASSERT_THAT(to_.CopyFrom(from_, kKey, CopyKind::kBytes), IsOk());
  EXPECT_EQ(fs::hard_link_count(Original(from_)), 1);
}

TEST_F(PhotoTreeTest, LinkOutlivesWhatItWasMadeFrom) {
  ASSERT_THAT(to_.CopyFrom(from_, kKey, CopyKind::kLinkIfPossible), IsOk());

  fs::remove_all(from_.root());

  EXPECT_THAT(to_.Check(kKey, 5), IsOk());
}

TEST_F(PhotoTreeTest, BytesAreCopiedWhereNoLinkCanBeMade) {
  // Another file system, present on every Linux.
  std::string folder = "/dev/shm/pinhole-test-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr) << "needs /dev/shm";
  const PhotoTree elsewhere(folder);

  const absl::Status copied =
      elsewhere.CopyFrom(from_, kKey, CopyKind::kLinkIfPossible);

  EXPECT_THAT(copied, IsOk());
  EXPECT_EQ(TextOf(Original(elsewhere)), "bytes");
  fs::remove_all(folder);
}

TEST_F(PhotoTreeTest, MissingFileIsDataLossAndNamed) {
  fs::remove(from_.FolderOf(kKey) / "medium.jpg");

  EXPECT_THAT(from_.Check(kKey, 5),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("medium.jpg")));
  EXPECT_THAT(to_.CopyFrom(from_, kKey, CopyKind::kLinkIfPossible),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("medium.jpg")));
}

TEST_F(PhotoTreeTest, WrongSizeIsDataLoss) {
  EXPECT_THAT(from_.Check(kKey, 6),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("original")));
  std::ofstream(from_.FolderOf(kKey) / "large.jpg").close();
  EXPECT_THAT(from_.Check(kKey, 5),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("large.jpg")));
}

TEST_F(PhotoTreeTest, ChangedByteInAnyFileIsDataLossAndNamed) {
  for (const char* name :
       {"original", "thumbnail.jpg", "medium.jpg", "large.jpg"}) {
    std::ofstream(from_.FolderOf(kKey) / name) << "bytes of " << name;
  }
  const PhotoDigests digests = from_.DigestsOf(kKey).value();
  const std::int64_t size = 17;  // "bytes of original"
  ASSERT_THAT(from_.CheckBytes(kKey, size, digests), IsOk());
  for (const char* name :
       {"original", "thumbnail.jpg", "medium.jpg", "large.jpg"}) {
    const fs::path file = from_.FolderOf(kKey) / name;
    std::ofstream(file) << "Bytes of " << name;

    EXPECT_THAT(from_.CheckBytes(kKey, size, digests),
                StatusIs(absl::StatusCode::kDataLoss,
                         HasSubstr(std::string(kKey) + "/" + name)));
    EXPECT_THAT(from_.CheckBytes(kKey, size, {}), IsOk());  // None are known.

    std::ofstream(file) << "bytes of " << name;
  }
  fs::remove(from_.FolderOf(kKey) / "medium.jpg");
  EXPECT_THAT(from_.DigestsOf(kKey),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("medium.jpg")));
}

TEST_F(PhotoTreeTest, InvalidKeysAreRefused) {
  for (const char* key : {"", "..", "../../../../../../etc/passwd"}) {
    EXPECT_THAT(from_.Check(key, 5), StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(to_.CopyFrom(from_, key, CopyKind::kBytes),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

}  // namespace
}  // namespace pinhole::media
