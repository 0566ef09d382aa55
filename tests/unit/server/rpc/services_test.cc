// SPDX-License-Identifier: Apache-2.0

#include <cstdint>
#include <deque>
#include <filesystem>
#include <limits>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/sha256.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "server/media/picture_refusal.h"
#include "server/model/limits.h"
#include "tests/unit/server/rpc/services_fixture.h"

namespace pinhole::rpc {
namespace {

using ::google::rpc::Code;
using ::testing::HasSubstr;

TEST_F(ServicesTest, EveryMethodIsAnswered) {
  EXPECT_EQ(registry_.methods().size(), 36u);
}

TEST_F(ServicesTest, CallersWhoAreNotSignedInGetOnlyOpenMethods) {
  for (const auto& [name, method] : registry_.methods()) {
    if (!method.unary || method.access != v1::ACCESS_SIGNED_IN) continue;
    const std::unique_ptr<Message> request(method.request_prototype->New());
    const std::unique_ptr<Message> response(method.response_prototype->New());
    const auto call = NewCall("");

    const auto status =
        world_.Run(dispatch_.Unary(method, *call, *request, response.get()));

    EXPECT_EQ(status.code(), Code::UNAUTHENTICATED) << name;
  }
}

TEST_F(ServicesTest, MeIsTheCallerAndNobodyIsUnauthenticated) {
  const std::string token = SignUp("ansel");
  v1::GetUserRequest me;
  me.set_name("users/me");

  EXPECT_EQ(Ask<v1::User>("UserService.GetUser", me, token).handle(), "ansel");
  Ask<v1::User>("UserService.GetUser", me);
  EXPECT_EQ(last_.code(), Code::UNAUTHENTICATED);
}

TEST_F(ServicesTest, NamesAreExact) {
  for (const char* name :
       {"photos/0", "photos/01", "photos/-1", "photos/x", "photos/1/",
        "photo/1", "", "photos/9223372036854775808"}) {
    v1::GetPhotoRequest request;
    request.set_name(name);
    Ask<v1::Photo>("PhotoService.GetPhoto", request);
    EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT) << name;
  }
  v1::GetPhotoRequest unknown;
  unknown.set_name("photos/123");
  Ask<v1::Photo>("PhotoService.GetPhoto", unknown);
  EXPECT_EQ(last_.code(), Code::NOT_FOUND);
  EXPECT_EQ(last_.message(),
            "photos/123 does not exist, or you may not see it");
}

TEST_F(ServicesTest, CurrentSessionCanBeEnded) {
  const std::string token = SignUp("ansel");
  v1::DeleteSessionRequest logout;
  logout.set_name("users/me/sessions/current");

  Ask<google::protobuf::Empty>("UserService.DeleteSession", logout, token);
  EXPECT_EQ(last_.code(), Code::OK);

  Ask<google::protobuf::Empty>("UserService.DeleteSession", logout, token);
  EXPECT_EQ(last_.code(), Code::UNAUTHENTICATED);
}

TEST_F(ServicesTest, UploadedPhotoComesBackHeadFirst) {
  const std::string token = SignUp("ansel");
  const v1::Photo photo = UploadJpeg(token);
  ASSERT_EQ(last_.code(), Code::OK) << last_.message();

  const auto messages = Download(token, photo.name(), 0);

  ASSERT_EQ(last_.code(), Code::OK);
  ASSERT_EQ(messages.size(), 2u);
  const v1::RenditionHead& head = messages[0].head();
  EXPECT_EQ(head.content_type(), "image/jpeg");
  EXPECT_EQ(head.size_bytes(), photo.size_bytes());
  Sha256 hash;
  hash.Add(testing::Jpeg());
  EXPECT_EQ(head.etag(), "\"" + ToHex(hash.Value(), 32) + "\"");
  EXPECT_EQ(messages[1].chunk(), testing::Jpeg());
}

TEST_F(ServicesTest, DownloadBeginsAtItsOffsetAndTellsTheWholeSize) {
  const std::string token = SignUp("ansel");
  const v1::Photo photo = UploadJpeg(token);

  const auto rest = Download(token, photo.name(), 100);
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0].head().size_bytes(), photo.size_bytes());
  EXPECT_EQ(rest[1].chunk(), testing::Jpeg().substr(100));

  const auto nothing = Download(token, photo.name(), photo.size_bytes());
  EXPECT_EQ(last_.code(), Code::OK);
  EXPECT_EQ(nothing.size(), 1u);
}

TEST_F(ServicesTest, OffsetOutsideTheFileIsRefusedByName) {
  const std::string token = SignUp("ansel");
  const v1::Photo photo = UploadJpeg(token);

  EXPECT_TRUE(Download(token, photo.name(), -1).empty());
  EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT);
  EXPECT_THAT(last_.message(), HasSubstr("offset"));

  const auto messages = Download(token, photo.name(), photo.size_bytes() + 1);
  EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT);
  EXPECT_THAT(last_.message(), HasSubstr("offset"));
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].head().size_bytes(), photo.size_bytes());
}

TEST_F(ServicesTest, NoOffsetOfAClientIsCountedAsLostData) {
  const std::string token = SignUp("ansel");
  const v1::Photo photo = UploadJpeg(token);

  for (const std::int64_t offset :
       {std::int64_t{1} << 44, std::int64_t{1} << 62,
        std::numeric_limits<std::int64_t>::max() - 1,
        std::numeric_limits<std::int64_t>::max()}) {
    const auto messages = Download(token, photo.name(), offset);

    EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT) << offset;
    EXPECT_THAT(last_.message(), HasSubstr("offset"));
    EXPECT_THAT(last_.message(),
                HasSubstr(fmt::format("{}", photo.size_bytes())));
    ASSERT_EQ(messages.size(), 1u) << offset;
    EXPECT_EQ(messages[0].head().size_bytes(), photo.size_bytes());
  }
  Download(token, photo.name(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT);
}

TEST_F(ServicesTest, EveryTypeThatAPictureIsFoundToBeIsListed) {
  const std::string riff = "RIFF....WEBPVP8 ";
  const std::vector<std::string> found = {
      media::SniffContentType("\xff\xd8\xff"),
      media::SniffContentType("\x89PNG\r\n\x1a\n"),
      media::SniffContentType(riff),
      media::SniffContentType(std::string("\0\0\0\x18", 4) + "ftypheic....")};

  EXPECT_THAT(std::vector<std::string>(UploadOption().content_types().begin(),
                                       UploadOption().content_types().end()),
              ::testing::ElementsAreArray(found));
}

TEST_F(ServicesTest, TheBytesDecideWhateverAcceptedTypeIsDeclared) {
  const std::string token = SignUp("ansel");
  v1::UploadPhotoRequest chunk;
  chunk.set_chunk(testing::Jpeg());
  for (const char* type :
       {"", " ", "image/jpeg", "IMAGE/JPEG; q=1", " image/jpg ;charset=x",
        "image/pjpeg", "image/png", "image/x-png", "image/heif",
        "image/heic-sequence", "image/webp", "image/*", "*/*",
        "application/octet-stream", "binary/octet-stream"}) {
    v1::UploadPhotoRequest metadata;
    metadata.mutable_metadata()->set_content_type(type);

    const v1::Photo photo = Upload(token, {metadata, chunk});

    EXPECT_EQ(last_.code(), Code::OK) << type << ": " << last_.message();
    EXPECT_EQ(photo.content_type(), "image/jpeg") << type;
  }
}

TEST_F(ServicesTest, ATypeThatNoPictureHasIsRefusedWithTheAcceptedOnes) {
  const std::string token = SignUp("ansel");
  for (const char* type :
       {"text/html", "image/gif", "video/mp4", "image/svg+xml", "image/avif",
        "image/tiff", "image", "image/", "image/jpeg2000", "jpeg", "video/*",
        "text/html; image/jpeg", "image/jpeg, image/png", "image/**"}) {
    v1::UploadPhotoRequest metadata;
    metadata.mutable_metadata()->set_content_type(type);

    Upload(token, {metadata});

    EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT) << type;
    EXPECT_THAT(last_.message(), HasSubstr("metadata.content_type")) << type;
    EXPECT_THAT(last_.message(),
                HasSubstr("image/jpeg, image/png, image/webp, image/heic"));
    google::rpc::ErrorInfo info;
    for (const auto& detail : last_.details()) detail.UnpackTo(&info);
    EXPECT_EQ(info.reason(), "UNSUPPORTED_TYPE") << type;
  }
  EXPECT_EQ(world_.CountFiles(), 0u);
}

TEST_F(ServicesTest, UploadNeedsMetadataFirstAndOnce) {
  const std::string token = SignUp("ansel");
  v1::UploadPhotoRequest metadata;
  metadata.mutable_metadata();
  v1::UploadPhotoRequest chunk;
  chunk.set_chunk(testing::Jpeg());
  v1::UploadPhotoRequest large;
  large.set_chunk(std::string(256 * 1024 + 1, 'x'));

  for (const auto& messages : std::vector<std::deque<v1::UploadPhotoRequest>>{
           {}, {chunk}, {metadata, chunk, metadata}, {metadata, large}}) {
    Upload(token, messages);
    EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT);
  }
  EXPECT_EQ(world_.CountFiles(), 0u);
}

TEST_F(ServicesTest, OutputOnlyPathsCannotBeUpdated) {
  const std::string token = SignUp("ansel");
  v1::UpdateUserRequest request;
  request.mutable_user()->set_name("users/me");
  request.mutable_update_mask()->add_paths("follower_count");

  Ask<v1::User>("UserService.UpdateUser", request, token);

  EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT);
  EXPECT_THAT(last_.message(), HasSubstr("follower_count"));
}

class AdminServiceTest : public ServicesTest {
 protected:
  AdminServiceTest() {
    const auto ansel = world_.reader.FindCredentials("ansel");
    SetAdministrator command{ansel->id, true};
    EXPECT_TRUE(world_.Run(world_.store->Execute(std::move(command))).ok());
  }

  const std::string token_ = SignUp("ansel");
};

TEST_F(AdminServiceTest, BackupSaysWhatItHoldsAndWhere) {
  UploadJpeg(token_);

  const auto backup = Ask<v1::Backup>("AdminService.CreateBackup",
                                      v1::CreateBackupRequest(), token_);

  ASSERT_EQ(last_.code(), Code::OK) << last_.message();
  const std::filesystem::path path = backup.path();
  EXPECT_EQ(backup.name(), "backups/" + path.filename().string());
  EXPECT_TRUE(std::filesystem::exists(path / "MANIFEST"));
  EXPECT_TRUE(backup.verified());
  EXPECT_EQ(backup.user_count(), 1);
  EXPECT_EQ(backup.photo_count(), 1);
  EXPECT_EQ(static_cast<std::uintmax_t>(backup.database_bytes()),
            std::filesystem::file_size(path / "pinhole.db"));
  EXPECT_GT(backup.photo_bytes(), 0);
  EXPECT_EQ(backup.create_time().seconds(),
            absl::ToUnixSeconds(world_.clock.Now()));
  EXPECT_GT(backup.duration().seconds() + backup.duration().nanos(), 0);
}

TEST_F(AdminServiceTest, BackupGoesOnWhenTheCallerHangsUp) {
  std::stop_source caller;
  const auto call = NewCall(token_);
  call->stop = caller.get_token();
  // Disconnects while the backup waits behind this work.
  ASSERT_TRUE(world_.backup_pool.Submit([&] {
    while (world_.backup_pool.queued() == 0) std::this_thread::yield();
    caller.request_stop();
  }));
  v1::Backup backup;

  const auto status = world_.Run(
      dispatch_.Unary(*registry_.Find("pinhole.v1.AdminService.CreateBackup"),
                      *call, v1::CreateBackupRequest(), &backup));

  EXPECT_TRUE(caller.stop_requested());
  EXPECT_EQ(status.code(), Code::OK);
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(backup.path()) /
                                      "MANIFEST"));
}

}  // namespace
}  // namespace pinhole::rpc
