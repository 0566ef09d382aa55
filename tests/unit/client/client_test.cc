// SPDX-License-Identifier: Apache-2.0

#include "pinhole/client.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/client/fake_server.h"

namespace pinhole::client {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const grpc::Status kUnavailable(grpc::StatusCode::UNAVAILABLE, "gone");

class ClientTest : public ::testing::Test {
 protected:
  static Options Quick() {
    return {.retry = {.initial_backoff = absl::Milliseconds(1)}};
  }

  void SignUp() {
    ASSERT_THAT(client_.Register("ansel", "half dome"), IsOk());
    ASSERT_THAT(client_.Login("ansel", "half dome"), IsOk());
  }

  absl::StatusOr<v1::Photo> Upload(const std::string& text) {
    std::istringstream bytes(text);
    return client_.UploadPhoto(bytes, {.caption = "Half Dome"});
  }

  FakeServer server_;
  Client client_{server_.target(), Quick()};
  const pinhole::testing::TempDir folder_;
};

TEST_F(ClientTest, LoginKeepsTheTokenAndLogoutForgetsIt) {
  SignUp();
  EXPECT_EQ(client_.GetUser()->handle(), "ansel");

  ASSERT_THAT(client_.Logout(), IsOk());

  EXPECT_EQ(client_.token(), "");
  EXPECT_THAT(client_.GetUser(), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(ClientTest, CopiesShareTheConnectionButNotTheLogin) {
  Client copy = client_;
  SignUp();

  EXPECT_THAT(copy.GetUser("ansel"), IsOk());
  EXPECT_THAT(copy.GetUser(), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(ClientTest, ReadIsRepeatedUntilTheServerIsBack) {
  SignUp();
  server_.Fail("GetUser", kUnavailable, 3);

  EXPECT_THAT(client_.GetUser(), IsOk());
  EXPECT_EQ(server_.calls("GetUser"), 4);
}

TEST_F(ClientTest, RetriesEndAfterTheLastAttempt) {
  server_.Fail("GetUser", kUnavailable, 100);

  EXPECT_THAT(client_.GetUser("ansel"),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(server_.calls("GetUser"), 4);
}

TEST_F(ClientTest, FinalErrorIsNotRepeated) {
  EXPECT_THAT(client_.GetUser("nobody"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(server_.calls("GetUser"), 1);
}

TEST_F(ClientTest, CreateWhoseAnswerWasLostHasOneEffect) {
  SignUp();
  const auto photo = Upload("bytes");
  server_.LoseAnswers("CreateComment", 2);

  ASSERT_THAT(client_.Comment(photo->name(), "Where is this?"), IsOk());

  EXPECT_EQ(server_.calls("CreateComment"), 3);
  EXPECT_EQ(server_.comments(), 1);
}

TEST_F(ClientTest, UploadWhoseAnswerWasLostMakesOnePhoto) {
  SignUp();
  server_.LoseAnswers("UploadPhoto");

  const auto photo = Upload("some bytes");

  ASSERT_THAT(photo, IsOk());
  EXPECT_EQ(server_.photos(), 1);
  EXPECT_EQ(server_.bytes_of(photo->name()), "some bytes");
}

TEST_F(ClientTest, EveryCreateHasARequestIdOfItsOwn) {
  SignUp();
  const auto photo = Upload("a");
  ASSERT_THAT(client_.Comment(photo->name(), "Wow."), IsOk());
  ASSERT_THAT(client_.Comment(photo->name(), "Wow."), IsOk());

  const auto ids = server_.request_ids();

  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
  EXPECT_EQ(server_.comments(), 2);
  for (const auto& id : ids) {
    EXPECT_THAT(id, ::testing::MatchesRegex(
                        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]"
                        "[0-9a-f]{3}-[0-9a-f]{12}"));
  }
}

TEST_F(ClientTest, DeleteThatMayHaveHappenedIsNotRepeated) {
  SignUp();
  const auto photo = Upload("a");
  server_.Fail("DeletePhoto", kUnavailable);

  EXPECT_THAT(client_.DeletePhoto(photo->name()),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(server_.calls("DeletePhoto"), 1);
}

TEST_F(ClientTest, RefusalIsRepeatedAfterTheDelayTheServerAsksFor) {
  SignUp();
  const auto photo = Upload("a");
  server_.Fail("DeletePhoto", Busy(absl::Milliseconds(80)));
  const absl::Time start = absl::Now();

  EXPECT_THAT(client_.DeletePhoto(photo->name()), IsOk());

  EXPECT_GE(absl::Now() - start, absl::Milliseconds(80));
  EXPECT_EQ(server_.calls("DeletePhoto"), 2);
}

TEST_F(ClientTest, AnUploadBeyondTheMostAtATimeIsMadeAgain) {
  SignUp();
  server_.Fail("UploadPhoto", Busy(absl::Milliseconds(1)));

  const auto photo = Upload("some bytes");

  ASSERT_THAT(photo, IsOk());
  EXPECT_EQ(server_.calls("UploadPhoto"), 2);
  EXPECT_EQ(server_.bytes_of(photo->name()), "some bytes");
}

TEST_F(ClientTest, RefusalWithoutADelayIsFinal) {
  server_.Fail("GetUser", {grpc::StatusCode::RESOURCE_EXHAUSTED, "disk full"});

  EXPECT_THAT(client_.GetUser("ansel"),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(server_.calls("GetUser"), 1);
}

TEST_F(ClientTest, DelayBeyondTheTimeoutIsNotWaitedFor) {
  Client hasty(server_.target(), {.timeout = absl::Milliseconds(500)});
  server_.Fail("GetUser", Busy(absl::Milliseconds(900)));
  const absl::Time start = absl::Now();

  const auto status = hasty.GetUser("ansel").status();

  EXPECT_LT(absl::Now() - start, absl::Milliseconds(500));
  EXPECT_EQ(DetailsOf(status).retry_delay, absl::Milliseconds(900));
}

TEST_F(ClientTest, ErrorTellsWhichFieldBreaksWhichRule) {
  server_.Fail("CreateUser", RefusedField("password", "is too short"));

  const auto status = client_.Register("ansel", "short").status();

  const auto details = DetailsOf(status);
  ASSERT_THAT(details.fields, SizeIs(1));
  EXPECT_EQ(details.fields[0].field, "password");
  EXPECT_EQ(details.fields[0].description, "is too short");
}

TEST_F(ClientTest, LargePhotoIsSentInChunksOf256KiBAtMost) {
  SignUp();
  const std::string text(600 * 1024, 'x');

  ASSERT_THAT(Upload(text), IsOk());

  EXPECT_THAT(server_.chunk_bytes(),
              ElementsAre(256 * 1024, 256 * 1024, 88 * 1024));
}

TEST_F(ClientTest, UploadReportsItsProgress) {
  SignUp();
  std::istringstream bytes(std::string(300 * 1024, 'x'));
  std::vector<std::int64_t> reports;
  const Progress progress = [&](std::int64_t done, std::int64_t total) {
    EXPECT_EQ(total, 300 * 1024);
    reports.push_back(done);
  };

  ASSERT_THAT(client_.UploadPhoto(bytes, {.progress = progress}), IsOk());

  EXPECT_THAT(reports, ElementsAre(256 * 1024, 300 * 1024));
}

TEST_F(ClientTest, MissingFileIsNotFoundWithoutACall) {
  EXPECT_THAT(client_.UploadPhoto(folder_.path() / "none.jpg"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(server_.calls("UploadPhoto"), 0);
}

TEST_F(ClientTest, DownloadedFileHasTheBytesAndLeavesNothingElse) {
  SignUp();
  const auto photo = Upload("the bytes");
  const auto file = folder_.path() / "photo.jpg";

  ASSERT_THAT(client_.DownloadPhoto(photo->name(), v1::RENDITION_LARGE, file),
              IsOk());

  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_EQ(text.str(), "the bytes");
  const std::filesystem::directory_iterator entries(folder_.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(ClientTest, CutOffDownloadIsDataLossAndKeepsTheOldFile) {
  SignUp();
  const auto photo = Upload("cut off in the middle");
  const auto file = folder_.path() / "photo.jpg";
  std::ofstream(file) << "old";

  EXPECT_THAT(client_.DownloadPhoto(photo->name(), v1::RENDITION_LARGE, file),
              StatusIs(absl::StatusCode::kDataLoss));

  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_EQ(text.str(), "old");
}

TEST_F(ClientTest, DownloadIntoADeviceDoesNotReplaceIt) {
  SignUp();
  const auto photo = Upload("the bytes");
  // A link to a device stands for it, so that a failure harms no real one.
  const auto link = folder_.path() / "null";
  std::filesystem::create_symlink("/dev/null", link);

  ASSERT_THAT(client_.DownloadPhoto(photo->name(), v1::RENDITION_LARGE, link),
              IsOk());

  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(ClientTest, ListsWalkThePagesUpToTheLimit) {
  SignUp();
  for (int i = 0; i < 105; ++i) ASSERT_THAT(Upload("a"), IsOk());

  EXPECT_THAT(*client_.Feed(103), SizeIs(103));
  EXPECT_EQ(server_.calls("GetFeed"), 2);
  EXPECT_THAT(*client_.PhotosOf("ansel", 1000), SizeIs(105));
  EXPECT_THAT(*client_.Feed(0), IsEmpty());
}

TEST_F(ClientTest, ListingIsReadPageByPageWhileTheLoopNeedsIt) {
  SignUp();
  for (int i = 0; i < 105; ++i) ASSERT_THAT(Upload("a"), IsOk());
  auto photos = client_.Feed();
  EXPECT_EQ(server_.calls("GetFeed"), 0);

  std::set<std::string> names;
  for (const v1::Photo& photo : photos) {
    names.insert(photo.name());
    EXPECT_EQ(server_.calls("GetFeed"), names.size() <= 100 ? 1 : 2);
  }

  EXPECT_THAT(photos.status(), IsOk());
  EXPECT_THAT(names, SizeIs(105));
}

TEST_F(ClientTest, ListingEndsAtAnErrorAndSaysSo) {
  SignUp();
  for (int i = 0; i < 105; ++i) ASSERT_THAT(Upload("a"), IsOk());
  auto photos = client_.Feed();

  int seen = 0;
  for (const v1::Photo& photo : photos) {
    EXPECT_NE(photo.name(), "");
    if (++seen == 100) server_.Fail("GetFeed", kUnavailable, 100);
  }

  EXPECT_EQ(seen, 100);
  EXPECT_THAT(photos.status(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(client_.PhotosOf("x y").status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ClientTest, UpdatesChangeOnlyTheFieldsThatAreSet) {
  SignUp();
  const auto photo = Upload("a");

  ASSERT_THAT(client_.UpdatePhoto(photo->name(), {.alt_text = "A rock face"}),
              IsOk());
  const auto hidden = client_.UpdatePhoto(
      photo->name(), {.caption = "", .visibility = v1::VISIBILITY_PRIVATE});
  ASSERT_THAT(client_.UpdateUser({.display_name = "Ansel Adams"}), IsOk());
  const auto user = client_.UpdateUser({.bio = "Photographer"});

  ASSERT_THAT(hidden, IsOk());
  EXPECT_EQ(hidden->caption(), "");
  EXPECT_EQ(hidden->alt_text(), "A rock face");
  EXPECT_EQ(hidden->visibility(), v1::VISIBILITY_PRIVATE);
  ASSERT_THAT(user, IsOk());
  EXPECT_EQ(user->display_name(), "Ansel Adams");
  EXPECT_EQ(user->bio(), "Photographer");
}

TEST_F(ClientTest, BrokenWatchGoesOnWhereItEnded) {
  std::vector<std::string> seen;

  const auto status = client_.WatchFeed([&](const auto& entry) {
    seen.push_back(entry.photo().name());
    return seen.size() < 5;
  });

  EXPECT_THAT(status, IsOk());
  EXPECT_THAT(seen, ElementsAre("photos/1", "photos/2", "photos/3", "photos/4",
                                "photos/5"));
}

TEST_F(ClientTest, WatchOutlastsAnOutageOnceItHasHadAnEntry) {
  int seen = 0;

  const auto status = client_.WatchFeed([&](const auto&) {
    // After the second entry, the stream breaks.
    if (++seen == 2) server_.Fail("WatchFeed", kUnavailable, 10);
    return seen < 3;
  });

  EXPECT_THAT(status, IsOk());
  EXPECT_EQ(server_.calls("WatchFeed"), 12);
}

TEST_F(ClientTest, WatchThatNeverBeginsEndsAfterTheLastAttempt) {
  server_.Fail("WatchFeed", kUnavailable, 10);

  const auto status = client_.WatchFeed([](const auto&) { return true; });

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(server_.calls("WatchFeed"), 4);
}

TEST_F(ClientTest, TextThatIsNoNameIsRefusedWithoutACall) {
  EXPECT_THAT(client_.Like("photos/../users"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(client_.Follow("x y"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(server_.calls("LikePhoto"), 0);
}

TEST_F(ClientTest, BackupSaysWhereItIs) {
  const auto backup = client_.CreateBackup();

  ASSERT_THAT(backup, IsOk());
  EXPECT_EQ(backup->path(), "/srv/backups/20261124-233742-123");
}

TEST_F(ClientTest, BackupIsNotRepeated) {
  server_.Fail("CreateBackup", kUnavailable);

  EXPECT_THAT(client_.CreateBackup(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(server_.calls("CreateBackup"), 1);
}

TEST_F(ClientTest, ImportAnswersForEachUserAndIsRepeated) {
  (void)client_.Register("root", "half dome");
  ASSERT_THAT(client_.Login("root", "half dome"), IsOk());
  v1::ImportUsersRequest request;
  request.set_password("half dome");
  request.set_with_sessions(true);
  request.add_users()->set_handle("ansel");
  request.add_users()->set_handle("root");
  server_.Fail("ImportUsers", kUnavailable);

  const auto imported = client_.ImportUsers(request);

  ASSERT_THAT(imported, IsOk());
  ASSERT_EQ(imported->users_size(), 2);
  EXPECT_TRUE(imported->users(0).created());
  EXPECT_FALSE(imported->users(1).created());
  EXPECT_EQ(server_.calls("ImportUsers"), 2);
  client_.set_token(imported->users(0).token());
  EXPECT_EQ(client_.GetUser()->handle(), "ansel");
}

TEST_F(ClientTest, HealthyServerServes) {
  EXPECT_EQ(client_.CheckHealth()->status(),
            grpc::health::v1::HealthCheckResponse::SERVING);
}

TEST(NamesTest, PeopleMayWriteNamesInSeveralWays) {
  for (const char* text : {"Ansel", "@ansel", "users/ansel"}) {
    EXPECT_EQ(*UserName(text), "users/ansel");
  }
  for (const char* text : {"12", "photos/12"}) {
    EXPECT_EQ(*PhotoName(text), "photos/12");
  }
}

}  // namespace
}  // namespace pinhole::client
