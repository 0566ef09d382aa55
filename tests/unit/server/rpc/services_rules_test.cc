// SPDX-License-Identifier: Apache-2.0

// Rules of many methods: pages, request ids, masks and deadlines.

#include <set>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "server/auth/token.h"
#include "server/model/limits.h"
#include "tests/unit/server/rpc/services_fixture.h"

namespace pinhole::rpc {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::rpc::Code;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kOneId[] = "0d3c6a8e-2b1f-4a57-9c3d-6e5f4a3b2c1d";
constexpr char kOtherId[] = "0d3c6a8e-2b1f-4a57-9c3d-6e5f4a3b2c1e";

// A list method, a query with more than two entries, and another query whose
// page tokens must differ.
struct List {
  const char* method;
  const char* query;
  const char* other_query;  // Null: the method has one list per caller.
};
constexpr List kLists[] = {
    {"PhotoService.ListPhotos", "parent: 'users/ansel'",
     "parent: 'users/dora'"},
    {"PhotoService.ListRecentPhotos", "", nullptr},
    {"SocialService.GetFeed", "", nullptr},
    {"SocialService.ListBlocks", "", nullptr},
    {"SocialService.ListComments", "parent: '{0}'", "parent: '{1}'"},
    {"SocialService.ListFollowers", "parent: 'users/ansel'",
     "parent: 'users/dora'"},
    {"SocialService.ListFollowing", "parent: 'users/ansel'",
     "parent: 'users/dora'"},
    {"SocialService.ListLikes", "parent: '{0}'", "parent: '{1}'"},
    {"SocialService.ListNotifications", "", nullptr},
    {"UserService.ListSessions", "parent: 'users/me'", nullptr},
    {"UserService.SearchUsers", "query: 'fan'", "query: 'fa'"},
};

class ServiceRulesTest : public ServicesTest {
 protected:
  // Ansel has at least three entries in every list.
  void MakeLists() {
    for (int i = 0; i < 3; ++i) {
      photos_made_.push_back(
          fmt::format("photos/{}", world_.AddPhoto(ansel_id_).id.value));
      const std::string handle = fmt::format("fan{}", i);
      const UserId fan = world_.AddUser(handle);
      world_.Follow(fan, "ansel");
      world_.Follow(ansel_id_, handle);
      const std::string blocked = fmt::format("foe{}", i);
      world_.AddUser(blocked);
      world_.Block(ansel_id_, blocked);
      const PhotoId photo{std::stoll(photos_made_[0].substr(7))};
      world_.Run(world_.social.Like(fan, photo)).IgnoreError();
      world_.Run(world_.social.CreateComment(fan, photo, "Hm", {}))
          .IgnoreError();
      SignIn("ansel");
      world_.clock.Advance(absl::Seconds(1));
    }
  }
  std::string Query(const char* text) const {
    return fmt::format(fmt::runtime(text), photos_made_.at(0),
                       photos_made_.at(1));
  }

  static std::string TokenOf(const Message& response) {
    return response.GetReflection()->GetString(
        response, response.GetDescriptor()->FindFieldByName("next_page_token"));
  }
  // The entries of a page, as text.
  static std::vector<std::string> EntriesOf(const Message& response) {
    const FieldDescriptor* list = response.GetDescriptor()->field(0);
    const auto* reflection = response.GetReflection();
    std::vector<std::string> entries;
    for (int i = 0; i < reflection->FieldSize(response, list); ++i) {
      entries.push_back(list->message_type() == nullptr
                            ? reflection->GetRepeatedString(response, list, i)
                            : reflection->GetRepeatedMessage(response, list, i)
                                  .ShortDebugString());
    }
    return entries;
  }

  std::string SignIn(const std::string& handle) {
    return Get<v1::Session>(
               "UserService.CreateSession",
               fmt::format("handle: '{}' password: '{}'", handle, kPassword))
        .token();
  }

  static constexpr char kPassword[] = "moonrise over hernandez";
  const std::string ansel_ = SignUp("ansel");
  const std::string dora_ = SignUp("dora");
  const UserId ansel_id_ = world_.reader.FindCredentials("ansel")->id;
  const UserId dora_id_ = world_.reader.FindCredentials("dora")->id;
  std::vector<std::string> photos_made_;
};

TEST_F(ServiceRulesTest, EveryListIsKnownToTheseTests) {
  std::set<std::string> known;
  for (const List& list : kLists) {
    known.insert(std::string("pinhole.v1.") + list.method);
  }
  for (const auto& [name, method] : registry_.methods()) {
    const bool pages = method.descriptor->input_type()->FindFieldByName(
                           "page_token") != nullptr;
    EXPECT_EQ(known.contains(name), pages) << name;
  }
}

TEST_F(ServiceRulesTest, PagesOfOneAreTheWholeList) {
  MakeLists();
  for (const List& list : kLists) {
    const std::string query = Query(list.query);
    const std::vector<std::string> whole =
        EntriesOf(*AskText(list.method, query, ansel_));
    ASSERT_EQ(last_.code(), Code::OK) << list.method << last_.message();
    EXPECT_GE(whole.size(), 3u) << list.method;

    std::vector<std::string> walked;
    std::string token;
    do {
      const auto page =
          AskText(list.method,
                  fmt::format("{} page_size: 1 page_token: '{}'", query, token),
                  ansel_);
      const auto entries = EntriesOf(*page);
      ASSERT_EQ(entries.size(), 1u) << list.method;
      walked.push_back(entries[0]);
      token = TokenOf(*page);
    } while (!token.empty());
    EXPECT_EQ(walked, whole) << list.method;
  }
}

TEST_F(ServiceRulesTest, PageTokensFitTheirCallerAndQueryOnly) {
  MakeLists();
  for (const List& list : kLists) {
    const std::string query = Query(list.query);
    const std::string token =
        TokenOf(*AskText(list.method, query + " page_size: 1", ansel_));
    ASSERT_NE(token, "") << list.method;
    const std::string next = fmt::format(" page_token: '{}'", token);
    std::string damaged = token;
    damaged[damaged.size() / 2] =
        damaged[damaged.size() / 2] == 'A' ? 'B' : 'A';

    EXPECT_EQ(CodeOf(list.method, query + next, dora_), Code::INVALID_ARGUMENT)
        << list.method;
    EXPECT_THAT(last_.message(), HasSubstr("page_token"));
    EXPECT_EQ(
        CodeOf(list.method, fmt::format("{} page_token: '{}'", query, damaged),
               ansel_),
        Code::INVALID_ARGUMENT)
        << list.method;
    if (list.other_query != nullptr) {
      EXPECT_EQ(CodeOf(list.method, Query(list.other_query) + next, ansel_),
                Code::INVALID_ARGUMENT)
          << list.method;
    }
    // The page size can change between pages.
    EXPECT_EQ(CodeOf(list.method, query + next + " page_size: 2", ansel_),
              Code::OK)
        << list.method;
  }
}

TEST_F(ServiceRulesTest, PageSizesAreDefaultedAndCapped) {
  for (int i = 0; i < 101; ++i) {
    AddPhoto add;
    add.owner = ansel_id_;
    add.file_key = fmt::format("{:032x}", i);
    add.content_type = "image/jpeg";
    world_.store->Submit(RecordUpload{add.file_key}, {},
                         [](const absl::StatusOr<CommandResult>&) {});
    world_.store->Submit(std::move(add), {},
                         [](const absl::StatusOr<CommandResult>&) {});
  }
  const auto size = [this](const char* page_size) {
    return Get<v1::ListPhotosResponse>(
               "PhotoService.ListPhotos",
               std::string("parent: 'users/ansel' ") + page_size, ansel_)
        .photos_size();
  };
  // Done by then: the writer runs commands in order.
  world_.AddUser("last");

  EXPECT_EQ(size(""), limits::kDefaultPageSize);
  EXPECT_EQ(size("page_size: 0"), limits::kDefaultPageSize);
  EXPECT_EQ(size("page_size: 1000"), limits::kMaxPageSize);
  for (const List& list : kLists) {
    EXPECT_EQ(
        CodeOf(list.method,
               fmt::format(fmt::runtime(list.query), "photos/1", "photos/2") +
                   " page_size: -1",
               ansel_),
        Code::INVALID_ARGUMENT)
        << list.method;
    EXPECT_THAT(last_.message(), HasSubstr("page_size")) << list.method;
  }
}

TEST_F(ServiceRulesTest, PagesHaveNoHolesWhileRowsComeAndGo) {
  MakeLists();
  const auto page = [this](const std::string& token) {
    return Get<v1::ListPhotosResponse>(
        "PhotoService.ListPhotos",
        fmt::format("parent: 'users/ansel' page_size: 1 page_token: '{}'",
                    token),
        ansel_);
  };
  const auto first = page("");
  EXPECT_EQ(first.photos(0).name(), photos_made_[2]);

  world_.AddPhoto(ansel_id_);
  AskText("PhotoService.DeletePhoto", "name: '" + photos_made_[2] + "'",
          ansel_);
  const auto second = page(first.next_page_token());
  EXPECT_EQ(second.photos(0).name(), photos_made_[1]);
  AskText("PhotoService.DeletePhoto", "name: '" + photos_made_[0] + "'",
          ansel_);
  const auto third = page(second.next_page_token());

  EXPECT_EQ(third.photos_size(), 0);
  EXPECT_EQ(third.next_page_token(), "");
}

TEST_F(ServiceRulesTest, RequestIdsMustBeUuids) {
  const std::string photo =
      fmt::format("photos/{}", world_.AddPhoto(ansel_id_).id.value);
  const std::vector<std::pair<std::string, std::string>> creates = {
      {"UserService.CreateUser",
       "handle: 'paul' password: 'a long password' request_id: '{}'"},
      {"UserService.CreateSession",
       "handle: 'ansel' password: 'a long password' request_id: '{}'"},
      {"SocialService.CreateComment",
       "parent: '" + photo + "' text: 'Hm' request_id: '{}'"}};
  for (const auto& [method, request] : creates) {
    for (const char* id :
         {"x", "0d3c6a8e2b1f4a579c3d6e5f4a3b2c1d",
          "0d3c6a8e-2b1f-4a57-9c3d-6e5f4a3b2c1", "{not-a-uuid}",
          "0d3c6a8e-2b1f-4a57-9c3d-6e5f4a3b2c1g"}) {
      EXPECT_EQ(CodeOf(method, fmt::format(fmt::runtime(request), id), ansel_),
                Code::INVALID_ARGUMENT)
          << method << id;
      EXPECT_THAT(last_.message(), HasSubstr("request_id"));
    }
  }
}

TEST_F(ServiceRulesTest, RepeatedCreatesHaveOneEffectAndOneResult) {
  const std::string photo =
      fmt::format("photos/{}", world_.AddPhoto(ansel_id_).id.value);
  const auto comment = [&](const std::string& text, const std::string& id,
                           const std::string& token) {
    return Get<v1::Comment>(
        "SocialService.CreateComment",
        fmt::format("parent: '{}' text: '{}' request_id: '{}'", photo, text,
                    id),
        token);
  };
  const v1::Comment first = comment("Hm", kOneId, ansel_);

  // Upper case is the same UUID.
  EXPECT_EQ(
      comment("Hm", "0D3C6A8E-2B1F-4A57-9C3D-6E5F4A3B2C1D", ansel_).name(),
      first.name());
  comment("Something else", kOneId, ansel_);
  EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT);
  EXPECT_THAT(last_.message(), HasSubstr("request_id"));
  // Request ids are separate for each caller.
  EXPECT_NE(comment("Hm", kOneId, dora_).name(), first.name());
  EXPECT_NE(comment("Hm", kOtherId, ansel_).name(), first.name());
  EXPECT_EQ(Get<v1::Photo>("PhotoService.GetPhoto", "name: '" + photo + "'")
                .comment_count(),
            3);

  world_.clock.Advance(limits::kRequestIdRetention + absl::Minutes(1));
  EXPECT_NE(comment("Hm", kOneId, ansel_).name(), first.name());
}

TEST_F(ServiceRulesTest, RepeatedRegistrationReturnsTheFirstAccount) {
  const std::string request = fmt::format(
      "handle: 'paul' password: '{}' request_id: '{}'", kPassword, kOneId);
  const auto first = Get<v1::User>("UserService.CreateUser", request);

  const auto again = Get<v1::User>("UserService.CreateUser", request);

  EXPECT_EQ(last_.code(), Code::OK);
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(CodeOf("UserService.CreateUser",
                   fmt::format("handle: 'paul' password: '{}'", kPassword)),
            Code::ALREADY_EXISTS);
}

TEST_F(ServiceRulesTest, RepeatedUploadReturnsTheFirstPhoto) {
  v1::UploadPhotoRequest metadata;
  metadata.mutable_metadata()->set_request_id(kOneId);
  v1::UploadPhotoRequest chunk;
  chunk.set_chunk(testing::Jpeg());
  const v1::Photo first = Upload(ansel_, {metadata, chunk});
  const std::size_t files = world_.CountFiles();

  const v1::Photo again = Upload(ansel_, {metadata, chunk});

  EXPECT_EQ(last_.code(), Code::OK) << last_.message();
  EXPECT_EQ(again.name(), first.name());
  EXPECT_EQ(world_.CountFiles(), files);
  metadata.mutable_metadata()->set_caption("Another photo");
  Upload(ansel_, {metadata, chunk});
  EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT);
}

TEST_F(ServiceRulesTest, MasksSayWhatIsChanged) {
  const auto update = [this](const std::string& mask) {
    return Get<v1::User>(
        "UserService.UpdateUser",
        "user { name: 'users/me' display_name: 'A. A.' } " + mask, ansel_);
  };
  AskText("UserService.UpdateUser",
          "user { name: 'users/me' display_name: 'Ansel' bio: 'Of Yosemite' }",
          ansel_);

  EXPECT_EQ(update("").bio(), "Of Yosemite");  // No mask: what is not empty.
  EXPECT_EQ(update("update_mask { paths: 'display_name' }").bio(),
            "Of Yosemite");
  EXPECT_EQ(update("update_mask { paths: '*' }").bio(), "");  // All of it.
  for (const char* path : {"handle", "no_such", "display_name.x", "", "name"}) {
    update(fmt::format("update_mask {{ paths: '{}' }}", path));
    EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT) << path;
    EXPECT_THAT(last_.message(), HasSubstr("update_mask")) << path;
  }
}

TEST_F(ServiceRulesTest, PhotoMasksKeepWhatTheyDoNotName) {
  const std::string name =
      fmt::format("photos/{}", world_.AddPhoto(ansel_id_).id.value);
  const auto update = [&](const std::string& rest) {
    return Get<v1::Photo>("PhotoService.UpdatePhoto",
                          fmt::format("photo {{ name: '{}' caption: 'New' "
                                      "visibility: VISIBILITY_PRIVATE }} {}",
                                      name, rest),
                          ansel_);
  };

  const v1::Photo captioned = update("update_mask { paths: 'caption' }");
  EXPECT_EQ(captioned.caption(), "New");
  EXPECT_EQ(captioned.visibility(), v1::VISIBILITY_PUBLIC);
  EXPECT_EQ(update("").visibility(), v1::VISIBILITY_PRIVATE);
  EXPECT_EQ(CodeOf("PhotoService.UpdatePhoto",
                   fmt::format("photo {{ name: '{}' }} "
                               "update_mask {{ paths: 'visibility' }}",
                               name),
                   ansel_),
            Code::INVALID_ARGUMENT);
  EXPECT_THAT(last_.message(), HasSubstr("visibility"));
}

// A change is not made after its deadline.
TEST_F(ServiceRulesTest, ExpiredCallsChangeNothing) {
  const std::string photo =
      fmt::format("photos/{}", world_.AddPhoto(ansel_id_).id.value);
  // The writer's clock is past the deadlines of the calls.
  world_.clock.Set(absl::Now() + absl::Hours(24));
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"SocialService.LikePhoto", "name: '" + photo + "'"},
      {"SocialService.CreateComment", "parent: '" + photo + "' text: 'Hm'"},
      {"SocialService.FollowUser", "name: 'users/dora'"},
      {"SocialService.BlockUser", "name: 'users/dora'"},
      {"SocialService.UnfollowUser", "name: 'users/dora'"},
      {"SocialService.UnblockUser", "name: 'users/dora'"},
      {"SocialService.UnlikePhoto", "name: '" + photo + "'"},
      {"SocialService.MarkNotificationsRead", ""},
      {"PhotoService.UpdatePhoto",
       "photo { name: '" + photo + "' caption: 'New' }"},
      {"PhotoService.DeletePhoto", "name: '" + photo + "'"},
      {"UserService.UpdateUser", "user { name: 'users/me' bio: 'New' }"},
      {"UserService.ChangePassword",
       std::string("name: 'users/me' new_password: 'another password' "
                   "old_password: '") +
           kPassword + "'"},
      {"UserService.DeleteUser",
       std::string("name: 'users/me' password: '") + kPassword + "'"},
      {"UserService.CreateUser",
       std::string("handle: 'paul' password: '") + kPassword + "'"},
      {"UserService.CreateSession",
       std::string("handle: 'ansel' password: '") + kPassword + "'"},
  };
  const std::string token = auth::NewToken();
  CreateSession create{
      ansel_id_, auth::HashToken(token), world_.clock.Now() + absl::Hours(900),
      world_.reader.FindCredentials("ansel")->password_hash, RequestKey{}};
  ASSERT_TRUE(world_.Run(world_.store->Execute(std::move(create))).ok());

  for (const auto& [method, request] : changes) {
    EXPECT_EQ(CodeOf(method, request, token), Code::DEADLINE_EXCEEDED)
        << method << ": " << last_.message();
  }
  EXPECT_EQ(UploadJpeg(token).name(), "");
  EXPECT_EQ(last_.code(), Code::DEADLINE_EXCEEDED);
  EXPECT_EQ(
      world_.reader.FindPhoto(UserId{}, PhotoId{std::stoll(photo.substr(7))})
          ->like_count,
      0);
}

TEST_F(ServiceRulesTest, ServerInfoIdentifiesTheInstance) {
  EXPECT_EQ(Get<v1::ServerInfo>("AdminService.GetServerInfo", "").instance_id(),
            "0123456789abcdef0123456789abcdef");
}

TEST_F(ServiceRulesTest, ServerInfoHasTheActualLimits) {
  const auto info = Get<v1::ServerInfo>("AdminService.GetServerInfo", "");

  EXPECT_EQ(info.limits().max_photo_bytes(), limits::kMaxPhotoBytes);
  EXPECT_EQ(info.limits().max_following(), limits::kMaxFollowing);
  EXPECT_EQ(info.limits().max_blocks(), limits::kMaxBlocks);
  EXPECT_EQ(info.limits().max_page_size(), limits::kMaxPageSize);
  EXPECT_EQ(info.limits().max_concurrent_uploads(), 3);  // As configured.
  EXPECT_EQ(info.limits().request_id_retention().seconds(), 24 * 3600);
  const Message& told = info.limits();
  for (int i = 0; i < told.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = told.GetDescriptor()->field(i);
    EXPECT_TRUE(told.GetReflection()->HasField(told, field)) << field->name();
  }
  EXPECT_THAT(
      std::vector<std::string>(info.accepted_content_types().begin(),
                               info.accepted_content_types().end()),
      ElementsAre("image/jpeg", "image/png", "image/webp", "image/heic"));
}

}  // namespace
}  // namespace pinhole::rpc
