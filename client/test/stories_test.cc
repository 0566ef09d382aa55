// SPDX-License-Identifier: Apache-2.0

// Tests of the C++ client against real servers.  The clients in the other
// languages have the same tests.  $PINHOLE_BIN names the directory that
// contains pinhole-server, and $PINHOLE_TEST_PICTURE a small JPEG file.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "client/test/breaking_proxy.h"
#include "client/test/server_process.h"
#include "gtest/gtest.h"
#include "pinhole/client.h"

namespace pinhole::client {
namespace {

constexpr char kPassword[] = "a long password";
constexpr std::int64_t kMiB = 1024 * 1024;

std::string ReadPicture() {
  const char* path = std::getenv("PINHOLE_TEST_PICTURE");
  std::ifstream file(path != nullptr ? path
                                     : "tests/fixtures/pictures/plain.jpg");
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// Returns a JPEG file of exactly `size` bytes: `jpeg` with comments after the
// start marker.
std::string WithComments(const std::string& jpeg, std::size_t size) {
  constexpr std::size_t kMarker = 4;  // With the length of the comment.
  constexpr std::size_t kLargest = 65535 + 2;
  std::string result = jpeg.substr(0, 2);
  std::size_t missing = size - jpeg.size();
  while (missing > 0) {
    std::size_t bytes = std::min(missing, kLargest);
    if (missing > bytes && missing - bytes < kMarker) bytes -= kMarker;
    const std::size_t length = bytes - 2;
    result += "\xff\xfe";
    result += static_cast<char>(length >> 8);
    result += static_cast<char>(length & 0xff);
    result.append(bytes - kMarker, ' ');
    missing -= bytes;
  }
  return result + jpeg.substr(2);
}

std::int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

class StoriesTest : public ::testing::Test {
 protected:
  StoriesTest() {
    server_ = std::make_unique<ServerProcess>(folder_ / "data");
    target_ = server_->target();
  }
  ~StoriesTest() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  static std::filesystem::path NewFolder() {
    std::string path =
        (std::filesystem::temp_directory_path() / "pinhole-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error(path);
    return path;
  }

  // A client of a new user, who is signed in.
  Client SignUp(const std::string& handle, const std::string& target) {
    // The server can be away for longer than a call would wait.
    Client client(target, {.retry = {.max_attempts = 100}});
    EXPECT_TRUE(client.Register(handle, kPassword).ok());
    EXPECT_TRUE(client.Login(handle, kPassword).ok());
    return client;
  }

  absl::StatusOr<v1::Photo> Upload(const Client& client,
                                   const std::string& caption) {
    std::istringstream bytes(picture_);
    return client.UploadPhoto(bytes, {.caption = caption});
  }

  // As after a crash, on the same address.
  void KillAndRestart() {
    server_->Kill();
    server_ = std::make_unique<ServerProcess>(folder_ / "data", target_);
  }

  static int CountPhotos(const Client& client) {
    auto photos = client.PhotosOf("me");
    const auto count = std::ranges::distance(photos);
    EXPECT_TRUE(photos.status().ok()) << photos.status();
    return static_cast<int>(count);
  }

  const std::filesystem::path folder_ = NewFolder();
  const std::string picture_ = ReadPicture();
  std::unique_ptr<ServerProcess> server_;
  std::string target_;
};

TEST_F(StoriesTest, PagesThroughManyPhotosWithoutRepeats) {
  const Client client = SignUp("ansel", target_);
  std::vector<std::string> uploaded;
  for (int i = 0; i < 250; ++i) {
    const auto photo = Upload(client, std::to_string(i));
    ASSERT_TRUE(photo.ok()) << photo.status();
    uploaded.insert(uploaded.begin(), photo->name());
  }

  std::vector<std::string> listed;
  auto photos = client.PhotosOf("ansel");
  for (const v1::Photo& photo : photos) listed.push_back(photo.name());

  EXPECT_TRUE(photos.status().ok()) << photos.status();
  EXPECT_EQ(listed, uploaded);
}

TEST_F(StoriesTest, WatchGoesOnAfterTheServerWasKilled) {
  const Client client = SignUp("ansel", target_);
  std::mutex mutex;
  std::vector<std::string> seen;
  const auto count_seen = [&] {
    const std::lock_guard lock(mutex);
    return seen.size();
  };
  absl::Status watch_status;
  std::thread watch([&] {
    watch_status = client.WatchFeed([&](const v1::WatchFeedResponse& entry) {
      const std::lock_guard lock(mutex);
      seen.push_back(entry.photo().name());
      return entry.photo().caption() != "last";
    });
  });

  // A watch shows what is published after it began, so the first photos can be
  // too early for it.
  std::vector<std::string> uploaded;
  const auto upload = [&](const std::string& caption) {
    const auto photo = Upload(client, caption);
    EXPECT_TRUE(photo.ok()) << photo.status();
    if (photo.ok()) uploaded.push_back(photo->name());
  };
  while (count_seen() == 0 && uploaded.size() < 1000) upload("first");
  for (int kills = 0; kills < 2; ++kills) {
    upload("before");
    KillAndRestart();
    upload("after");
  }
  upload("last");
  watch.join();

  ASSERT_TRUE(watch_status.ok()) << watch_status;
  const auto begin = std::ranges::find(uploaded, seen.front());
  EXPECT_EQ(seen, std::vector<std::string>(begin, uploaded.end()));
}

TEST_F(StoriesTest, CallReconnectsAfterTheServerWasAway) {
  const Client client(target_, {.retry = {.max_attempts = 7}});
  server_->Kill();
  EXPECT_EQ(client.GetServerInfo().status().code(),
            absl::StatusCode::kUnavailable);

  KillAndRestart();

  const auto info = client.GetServerInfo();
  EXPECT_TRUE(info.ok()) << info.status();
}

TEST_F(StoriesTest, UploadThatWasCutOffHasOneEffect) {
  BreakingProxy proxy(target_);
  const Client client = SignUp("ansel", proxy.target());
  std::istringstream bytes(WithComments(picture_, 2 * kMiB));
  proxy.BreakAfter(kMiB);

  const auto photo = client.UploadPhoto(bytes, {.caption = "Half Dome"});

  ASSERT_TRUE(photo.ok()) << photo.status();
  EXPECT_EQ(photo->size_bytes(), 2 * kMiB);
  EXPECT_EQ(proxy.broken(), 1);
  EXPECT_EQ(CountPhotos(client), 1);
}

TEST_F(StoriesTest, UploadWhoseAnswerWasLostHasOneEffect) {
  BreakingProxy proxy(target_);
  const Client client = SignUp("ansel", proxy.target());
  Client observer(target_);
  observer.set_token(client.token());
  proxy.DiscardAnswers();

  absl::StatusOr<v1::Photo> photo;
  std::thread upload([&] { photo = Upload(client, "Half Dome"); });
  while (CountPhotos(observer) == 0) std::this_thread::yield();
  proxy.Break();
  upload.join();

  ASSERT_TRUE(photo.ok()) << photo.status();
  EXPECT_EQ(photo->caption(), "Half Dome");
  EXPECT_EQ(CountPhotos(observer), 1);
}

TEST_F(StoriesTest, ErrorStatesItsReasonAndField) {
  Client client = SignUp("ansel", target_);
  std::istringstream text("This is not a photo.");

  const auto photo = client.UploadPhoto(text, {}).status();
  const auto user = client.Register("brett", "short").status();

  EXPECT_EQ(photo.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailsOf(photo).reason, "UNSUPPORTED_TYPE");
  EXPECT_EQ(user.code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(DetailsOf(user).fields.size(), 1U);
  EXPECT_EQ(DetailsOf(user).fields[0].field, "password");
  EXPECT_NE(DetailsOf(user).fields[0].description, "");
}

TEST_F(StoriesTest, UploadOf20MiBTakesConstantMemory) {
  const Client client = SignUp("ansel", target_);
  const auto file = folder_ / "large.jpg";
  std::ofstream(file, std::ios::binary) << WithComments(picture_, 20 * kMiB);
  ASSERT_TRUE(Upload(client, "so that the connection exists").ok());
  const std::int64_t before = ResidentBytes();
  std::int64_t most = before;

  const auto photo =
      client.UploadPhoto(file, {.progress = [&](std::int64_t, std::int64_t) {
                           most = std::max(most, ResidentBytes());
                         }});

  ASSERT_TRUE(photo.ok()) << photo.status();
  EXPECT_EQ(photo->size_bytes(), 20 * kMiB);
  EXPECT_LT(most - before, 8 * kMiB);
}

}  // namespace
}  // namespace pinhole::client
