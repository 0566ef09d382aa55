// SPDX-License-Identifier: Apache-2.0

#include "server/media/photo_files.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/media/photo_folder.h"
#include "server/media/picture_refusal.h"
#include "server/model/limits.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/server/media/test_pictures.h"

namespace pinhole::media {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

namespace fs = std::filesystem;

class PhotoFilesTest : public ::testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    files_ = nullptr;
    auto files = Open(OptionsFor("tmp"));
    ASSERT_THAT(files, IsOk());
    files_ = *std::move(files);
  }
  struct Options {
    fs::path scratch;
    fs::path media;
    std::string installation;
  };
  static absl::StatusOr<std::unique_ptr<PhotoFiles>> Open(
      const Options& options) {
    auto photos = PhotoFolder::Open(options.media, options.installation);
    if (!photos.ok()) return std::move(photos).status();
    return PhotoFiles::Open(options.scratch, *std::move(photos));
  }
  // Those of a server with its own scratch directory.
  Options OptionsFor(const char* scratch) {
    fs::create_directories(dir());
    return {.scratch = dir() / scratch,
            .media = dir() / "photos",
            .installation = "this"};
  }

  std::unique_ptr<Upload> Begin(std::string_view bytes) {
    std::unique_ptr<Upload> upload = files_->Begin().value();
    EXPECT_THAT(upload->Append(bytes), IsOk());
    return upload;
  }

  // Publishes a photograph and keeps it; returns its key.
  std::string Publish() {
    const auto upload = Begin(ReadAll(TestPicture("rocket.jpg")));
    EXPECT_THAT(upload->Render(decoders_), IsOk());
    EXPECT_THAT(upload->Publish(), IsOk());
    return upload->key();
  }

  // Every file of a photo below `folder`.
  std::vector<fs::path> FilesBelow(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_directory()) continue;
      if (entry.path().filename() != "installation") {
        found.push_back(entry.path());
      }
    }
    return found;
  }

  std::string ReadRendition(std::string_view key, RenditionSize size) {
    auto reader = files_->OpenRendition(key, size, 0);
    EXPECT_THAT(reader, IsOk());
    if (!reader.ok()) return "";
    std::string all;
    while (true) {
      const std::string bytes = (*reader)->Read(10'000).value();
      EXPECT_LE(bytes.size(), 10'000U);
      if (bytes.empty()) break;
      all += bytes;
    }
    EXPECT_EQ((*reader)->size_bytes(), all.size());
    return all;
  }

  fs::path folder() const { return dir_.path(); }
  fs::path dir() const { return folder() / "media"; }
  fs::path FolderOf(const std::string& key) const {
    return dir() / "photos" / key.substr(0, 2) / key;
  }

  testing::TempDir dir_;
  Decoders decoders_{{.program = PINHOLE_DECODER}};
  std::unique_ptr<PhotoFiles> files_;
};

TEST_F(PhotoFilesTest, PublishedPhotoIsReadBackInAllRenditions) {
  const std::string bytes = ReadAll(TestPicture("rocket.jpg"));
  const auto upload = files_->Begin().value();
  for (std::size_t at = 0; at < bytes.size(); at += 50'000) {
    ASSERT_THAT(upload->Append(bytes.substr(at, 50'000)), IsOk());
  }

  const auto info = upload->Render(decoders_);

  ASSERT_THAT(info, IsOk());
  ASSERT_THAT(upload->Publish(), IsOk());
  EXPECT_EQ(info->width, 640);
  EXPECT_EQ(info->size_bytes, bytes.size());
  EXPECT_EQ(upload->size_bytes(), bytes.size());
  EXPECT_EQ(ReadRendition(upload->key(), RenditionSize::kOriginal), bytes);
  for (const auto size : {RenditionSize::kThumbnail, RenditionSize::kMedium,
                          RenditionSize::kLarge}) {
    EXPECT_EQ(SniffContentType(ReadRendition(upload->key(), size)),
              "image/jpeg");
  }
}

TEST_F(PhotoFilesTest, DigestsAreThoseOfTheFiles) {
  const std::string bytes = ReadAll(TestPicture("rocket.jpg"));
  const auto upload = files_->Begin().value();
  for (std::size_t at = 0; at < bytes.size(); at += 50'000) {
    ASSERT_THAT(upload->Append(bytes.substr(at, 50'000)), IsOk());
  }

  ASSERT_THAT(upload->Render(decoders_), IsOk());
  ASSERT_THAT(upload->Publish(), IsOk());

  for (const auto size : {RenditionSize::kThumbnail, RenditionSize::kMedium,
                          RenditionSize::kLarge, RenditionSize::kOriginal}) {
    Sha256 hash;
    hash.Add(ReadRendition(upload->key(), size));
    EXPECT_EQ(DigestOf(upload->digests(), size), hash.Value());
  }
  EXPECT_EQ(files_->DigestsOf(upload->key()).value(), upload->digests());
}

TEST_F(PhotoFilesTest, RebuiltRenditionsAreInADirectoryOfTheirOwn) {
  const std::string old = Publish();
  const std::string original = ReadRendition(old, RenditionSize::kOriginal);
  WriteAll(FolderOf(old) / kRenditions[2].file, "made by wrong code");

  const auto again = files_->BeginRebuild(old, {});
  ASSERT_THAT(again, IsOk());
  const auto info = (*again)->Render(decoders_);
  ASSERT_THAT(info, IsOk());
  ASSERT_THAT((*again)->Publish(), IsOk());

  const std::string key = (*again)->key();
  EXPECT_NE(key, old);
  EXPECT_EQ(info->width, 640);
  EXPECT_EQ((*again)->size_bytes(), original.size());
  EXPECT_EQ(ReadRendition(key, RenditionSize::kOriginal), original);
  EXPECT_EQ(SniffContentType(ReadRendition(key, RenditionSize::kLarge)),
            "image/jpeg");
  EXPECT_EQ(fs::hard_link_count(FolderOf(old) / kOriginalFile), 2);
  EXPECT_EQ(files_->DigestsOf(key).value(), (*again)->digests());
  EXPECT_EQ(ReadRendition(old, RenditionSize::kLarge), "made by wrong code");
  ASSERT_THAT(files_->Remove({old}), IsOk());
  EXPECT_EQ(ReadRendition(key, RenditionSize::kOriginal), original);
}

TEST_F(PhotoFilesTest, AbandonedRebuildLeavesNothing) {
  const std::string old = Publish();

  ASSERT_THAT(files_->BeginRebuild(old, {}).value()->Render(decoders_), IsOk());
  files_->BeginRebuild(old, {}).value().reset();

  EXPECT_THAT(FilesBelow(dir()), SizeIs(4));
  EXPECT_TRUE(fs::is_empty(dir() / "tmp"));
}

TEST_F(PhotoFilesTest, DamagedOrMissingOriginalMakesNoRenditions) {
  const std::string key = Publish();
  const PhotoDigests digests = files_->DigestsOf(key).value();
  ASSERT_THAT(files_->BeginRebuild(key, digests), IsOk());
  std::string bytes = ReadRendition(key, RenditionSize::kOriginal);
  bytes[bytes.size() / 2] ^= 1;
  WriteAll(FolderOf(key) / kOriginalFile, bytes);

  EXPECT_THAT(files_->BeginRebuild(key, digests),
              StatusIs(absl::StatusCode::kDataLoss,
                       ::testing::HasSubstr(key + "/original")));
  fs::remove(FolderOf(key) / kOriginalFile);
  EXPECT_THAT(files_->BeginRebuild(key, digests),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(files_->BeginRebuild("../../victim", {}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(fs::is_empty(dir() / "tmp"));
}

TEST_F(PhotoFilesTest, PublishedPhotoSurvivesReopeningAndLeavesTmpEmpty) {
  const std::string key = Publish();

  Reopen();

  EXPECT_THAT(FilesBelow(FolderOf(key)), SizeIs(4));
  EXPECT_TRUE(fs::is_empty(dir() / "tmp"));
}

TEST_F(PhotoFilesTest, OffsetMayBeAnyNumber) {
  const std::string key = Publish();
  const auto read_at = [&](std::int64_t offset) {
    return files_->OpenRendition(key, RenditionSize::kOriginal, offset)
        .value()
        ->Read(64)
        .value();
  };
  const auto size =
      files_->OpenRendition(key, RenditionSize::kOriginal, 0).value();
  for (const std::int64_t offset :
       {size->size_bytes(), std::int64_t{1} << 44, std::int64_t{1} << 62,
        std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(read_at(offset), "") << offset;
  }
  EXPECT_EQ(SniffContentType(read_at(0)), "image/jpeg");
}

TEST_F(PhotoFilesTest, AProcessWithoutFreeDescriptorsHasLostNoData) {
  const std::string key = Publish();
  struct rlimit before {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  struct rlimit none = before;
  none.rlim_cur = 0;

  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto opened = files_->OpenRendition(key, RenditionSize::kOriginal, 0);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);

  EXPECT_THAT(opened, StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(PhotoFilesTest, OnlyTheOwnerOfTheProcessMayRead) {
  const std::string key = Publish();

  const auto mode = [](const fs::path& path) {
    struct stat about {};
    EXPECT_EQ(stat(path.c_str(), &about), 0);
    return about.st_mode & 0777;
  };
  EXPECT_EQ(mode(dir() / "tmp"), 0700U);
  EXPECT_EQ(mode(dir() / "photos"), 0700U);
  EXPECT_EQ(mode(FolderOf(key)), 0700U);
  for (const fs::path& file : FilesBelow(FolderOf(key))) {
    EXPECT_EQ(mode(file), 0600U) << file;
  }
}

TEST_F(PhotoFilesTest, KeysAre32HexDigitsAndNeverTheSame) {
  std::set<std::string> keys;
  for (int i = 0; i < 100; ++i) keys.insert(files_->Begin().value()->key());

  EXPECT_THAT(keys, SizeIs(100));
  EXPECT_THAT(keys, ::testing::Each(MatchesRegex("[0-9a-f]{32}")));
}

TEST_F(PhotoFilesTest, AbandonedUploadLeavesNothing) {
  Begin("half a photograph").reset();

  EXPECT_TRUE(fs::is_empty(dir() / "tmp"));
}

TEST_F(PhotoFilesTest, RefusedUploadLeavesNothing) {
  for (const auto file : {"text.jpg", "damaged.png", "bomb.jpg"}) {
    const auto upload = Begin(ReadAll(TestPicture(file)));
    EXPECT_THAT(upload->Render(decoders_),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }

  EXPECT_TRUE(fs::is_empty(dir() / "tmp"));
  EXPECT_THAT(FilesBelow(dir()), IsEmpty());
}

TEST_F(PhotoFilesTest, OnlyPublishingMovesFilesIntoPlaceAndTheyStay) {
  auto upload = Begin(ReadAll(TestPicture("rocket.jpg")));
  ASSERT_THAT(upload->Render(decoders_), IsOk());
  const std::string key = upload->key();
  EXPECT_THAT(FilesBelow(dir() / "photos"), IsEmpty());

  ASSERT_THAT(upload->Publish(), IsOk());
  upload.reset();

  EXPECT_THAT(FilesBelow(FolderOf(key)), SizeIs(4));
  EXPECT_THAT(FilesBelow(dir()), SizeIs(4));
}

TEST_F(PhotoFilesTest, BytesAreLimitedWhileTheyArrive) {
  const auto upload = files_->Begin().value();
  const std::string chunk(1024 * 1024, 'x');
  for (int i = 0; i < 20; ++i) ASSERT_THAT(upload->Append(chunk), IsOk());
  ASSERT_EQ(upload->size_bytes(), limits::kMaxPhotoBytes);

  const absl::Status more = upload->Append("x");

  EXPECT_THAT(more, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ReasonOf(more), Reason::kTooManyBytes);
  EXPECT_EQ(upload->size_bytes(), limits::kMaxPhotoBytes);
}

TEST_F(PhotoFilesTest, OpeningRemovesWhatAnEarlierProcessLeftInTmp) {
  fs::create_directories(dir() / "tmp" / "0123" / "deep");
  WriteAll(dir() / "tmp" / "0123" / "deep" / "original", "bytes");
  const std::string key = Publish();

  Reopen();

  EXPECT_TRUE(fs::is_empty(dir() / "tmp"));
  EXPECT_TRUE(fs::exists(FolderOf(key)));
}

TEST_F(PhotoFilesTest, RemovedPhotoIsGoneAndRemovingAgainIsNoError) {
  const std::string key = Publish();

  EXPECT_THAT(files_->Remove({key}), IsOk());
  EXPECT_THAT(files_->Remove({key}), IsOk());

  EXPECT_THAT(files_->OpenRendition(key, RenditionSize::kLarge, 0),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PhotoFilesTest, OpenReaderOutlivesRemoval) {
  const std::string key = Publish();
  const auto reader =
      files_->OpenRendition(key, RenditionSize::kMedium, 0).value();

  ASSERT_THAT(files_->Remove({key}), IsOk());

  EXPECT_THAT(reader->Read(1'000'000).value(), SizeIs(reader->size_bytes()));
}

TEST_F(PhotoFilesTest, ReaderContinuesFromTheGivenOffset) {
  const std::string key = Publish();
  const std::string whole = ReadRendition(key, RenditionSize::kMedium);
  const auto reader =
      files_->OpenRendition(key, RenditionSize::kMedium, 100).value();

  EXPECT_EQ(reader->Read(50).value(), whole.substr(100, 50));
  EXPECT_EQ(reader->Read(1'000'000).value(), whole.substr(150));
  EXPECT_EQ(reader->Read(50).value(), "");
  EXPECT_EQ(reader->size_bytes(), whole.size());
}

TEST_F(PhotoFilesTest, InvalidKeysNeverBecomePaths) {
  Publish();
  WriteAll(folder() / "victim", "outside");

  for (const std::string key :
       {"", "..", "../../victim", "ABCDEF00112233445566778899AABBCC",
        "0123456789abcdef0123456789abcde/",
        "../../../../../../../../etc/pass"}) {
    EXPECT_THAT(files_->OpenRendition(key, RenditionSize::kLarge, 0),
                StatusIs(absl::StatusCode::kNotFound))
        << key;
    EXPECT_THAT(files_->Remove({key}),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << key;
  }
  EXPECT_TRUE(fs::exists(folder() / "victim"));
  EXPECT_THAT(FilesBelow(dir() / "photos"), SizeIs(4));
}

TEST_F(PhotoFilesTest, LinkInAFilesPlaceIsNotFollowed) {
  const std::string key = Publish();
  WriteAll(folder() / "secret", "outside");
  fs::remove(FolderOf(key) / "large.jpg");
  fs::create_symlink(folder() / "secret", FolderOf(key) / "large.jpg");

  EXPECT_THAT(files_->OpenRendition(key, RenditionSize::kLarge, 0),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(PhotoFilesTest, DirectoryThatCannotBeCreatedIsAnError) {
  WriteAll(folder() / "file", "in the way");
  Options options = OptionsFor("tmp");
  options.media = folder() / "file" / "media";

  EXPECT_THAT(Open(options), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(PhotoFilesTest, ServersShareTheMediaDirectoryButNotTheirUploads) {
  const auto other = Open(OptionsFor("tmp2")).value();
  const std::string bytes = ReadAll(TestPicture("rocket.jpg"));
  const auto received = other->Begin().value();
  ASSERT_THAT(received->Append(bytes), IsOk());
  const auto rendered = other->Begin().value();
  ASSERT_THAT(rendered->Append(bytes), IsOk());
  ASSERT_THAT(rendered->Render(decoders_), IsOk());
  const auto published = other->Begin().value();
  ASSERT_THAT(published->Append(bytes), IsOk());
  ASSERT_THAT(published->Render(decoders_), IsOk());
  ASSERT_THAT(published->Publish(), IsOk());

  Reopen();

  ASSERT_THAT(received->Render(decoders_), IsOk());
  for (Upload* upload : {received.get(), rendered.get()}) {
    ASSERT_THAT(upload->Publish(), IsOk());
  }
  for (const Upload* upload :
       {received.get(), rendered.get(), published.get()}) {
    EXPECT_EQ(ReadRendition(upload->key(), RenditionSize::kOriginal), bytes);
  }
}

TEST_F(PhotoFilesTest, MediaDirectoryOfAnotherInstallationIsRefused) {
  const std::string key = Publish();
  Options options = OptionsFor("tmp2");
  options.installation = "another";

  EXPECT_THAT(Open(options),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       ::testing::HasSubstr("belongs to another")));

  EXPECT_EQ(ReadAll(dir() / "photos" / "installation"), "this\n");
  Reopen();
  EXPECT_TRUE(fs::exists(FolderOf(key)));
}

TEST_F(PhotoFilesTest, FirstOfSeveralInstallationsGetsAnEmptyMediaDirectory) {
  fs::remove(dir() / "photos" / "installation");
  std::vector<absl::Status> opened(8);
  {
    std::vector<std::jthread> servers;
    for (std::size_t i = 0; i < opened.size(); ++i) {
      servers.emplace_back([this, &opened, i] {
        const std::string name = "installation" + std::to_string(i % 2);
        opened[i] = Open({.scratch = dir() / std::to_string(i),
                          .media = dir() / "photos",
                          .installation = name})
                        .status();
      });
    }
  }

  EXPECT_EQ(std::count(opened.begin(), opened.end(), absl::OkStatus()), 4);
  EXPECT_NE(opened[0].ok(), opened[1].ok());
  EXPECT_THAT(fs::directory_iterator(dir() / "photos")->path().filename(),
              "installation");  // No temporary file is left.
}

// A file system of its own on every Linux system.
class OtherFileSystem {
 public:
  OtherFileSystem() {
    std::string pattern = "/dev/shm/pinhole-test-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~OtherFileSystem() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST_F(PhotoFilesTest, PhotosCanBeOnAnotherFileSystem) {
  const OtherFileSystem other;
  ASSERT_THAT(MoveFolder(dir() / "tmp", other.path() / "tmp"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  Options options = OptionsFor("tmp");
  options.media = other.path() / "photos";
  files_ = Open(options).value();
  const std::string bytes = ReadAll(TestPicture("rocket.jpg"));

  const std::string key = Publish();

  EXPECT_EQ(ReadRendition(key, RenditionSize::kOriginal), bytes);
  EXPECT_THAT(FilesBelow(other.path()), SizeIs(4));
  EXPECT_THAT(FilesBelow(dir()), IsEmpty());
  const auto rebuilt = files_->BeginRebuild(key, {}).value();
  ASSERT_THAT(rebuilt->Render(decoders_), IsOk());
  ASSERT_THAT(rebuilt->Publish(), IsOk());
  EXPECT_EQ(ReadRendition(rebuilt->key(), RenditionSize::kOriginal), bytes);
}

TEST_F(PhotoFilesTest, RemovingAPhotoRemovesAnUnfinishedCopyOfIt) {
  const std::string key = NewPhotoKey().value();
  const fs::path part = FolderOf(key).string() + ".part";
  fs::create_directories(part);
  WriteAll(part / "original", "half a photo");

  EXPECT_THAT(files_->Remove({key}), IsOk());

  EXPECT_FALSE(fs::exists(part));
}

}  // namespace
}  // namespace pinhole::media
