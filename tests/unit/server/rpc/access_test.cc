// SPDX-License-Identifier: Apache-2.0

// Access to photos, by method and relationship.

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "server/auth/token.h"
#include "tests/unit/server/rpc/services_fixture.h"

namespace pinhole::rpc {
namespace {

using ::google::rpc::Code;
using ::testing::HasSubstr;

enum Person { kNobody, kStranger, kBlocked, kFollower, kOwner };
constexpr std::array<const char*, 5> kPersonNames = {
    "nobody", "a stranger", "somebody blocked", "a follower", "the owner"};

constexpr int kOk = Code::OK;
constexpr int kHidden = Code::NOT_FOUND;
constexpr int kDenied = Code::PERMISSION_DENIED;
constexpr int kSignIn = Code::UNAUTHENTICATED;

// The results for each person, in the order of `Person`.
using Answers = std::array<int, 5>;

struct Rule {
  const char* request;  // Of {photo}, {owner} and {comment}.
  Answers on_public;
  Answers on_followers;
  Answers on_private;
};

constexpr Answers kAdministrators = {kSignIn, kDenied, kDenied, kDenied,
                                     kDenied};
constexpr Answers kEverybody = {kOk, kOk, kOk, kOk, kOk};
constexpr Answers kSignedIn = {kSignIn, kOk, kOk, kOk, kOk};
constexpr Answers kNotBlocked = {kOk, kOk, kHidden, kOk, kOk};
constexpr Answers kSignedInNotBlocked = {kSignIn, kOk, kHidden, kOk, kOk};
constexpr Answers kFollowers = {kHidden, kHidden, kHidden, kOk, kOk};
constexpr Answers kSignedInFollowers = {kSignIn, kHidden, kHidden, kOk, kOk};
constexpr Answers kOwnerOnly = {kHidden, kHidden, kHidden, kHidden, kOk};
constexpr Answers kSignedInOwner = {kSignIn, kHidden, kHidden, kHidden, kOk};
// Changes of visible objects are denied; hidden objects are not found.
constexpr Answers kChangePublic = {kSignIn, kDenied, kHidden, kDenied, kOk};
constexpr Answers kChangeFollowers = {kSignIn, kHidden, kHidden, kDenied, kOk};

// Every method that names a photo or its owner.  Other methods name no object
// or only the caller; both kinds are counted below.
const std::map<std::string, Rule>& Rules() {
  static const auto& rules = *new std::map<std::string, Rule>{
      {"PhotoService.GetPhoto",
       {"name: '{photo}'", kNotBlocked, kFollowers, kOwnerOnly}},
      {"PhotoService.UpdatePhoto",
       {"photo {{ name: '{photo}' caption: 'New' }}", kChangePublic,
        kChangeFollowers, kSignedInOwner}},
      {"PhotoService.DeletePhoto",
       {"name: '{photo}'", kChangePublic, kChangeFollowers, kSignedInOwner}},
      {"PhotoService.ListPhotos",
       {"parent: '{owner}'", kNotBlocked, kNotBlocked, kNotBlocked}},
      {"SocialService.LikePhoto",
       {"name: '{photo}'", kSignedInNotBlocked, kSignedInFollowers,
        kSignedInOwner}},
      {"SocialService.UnlikePhoto",
       {"name: '{photo}'", kSignedInNotBlocked, kSignedInFollowers,
        kSignedInOwner}},
      {"SocialService.ListLikes",
       {"parent: '{photo}'", kNotBlocked, kFollowers, kOwnerOnly}},
      {"SocialService.CreateComment",
       {"parent: '{photo}' text: 'Hm'", kSignedInNotBlocked, kSignedInFollowers,
        kSignedInOwner}},
      {"SocialService.ListComments",
       {"parent: '{photo}'", kNotBlocked, kFollowers, kOwnerOnly}},
      {"SocialService.DeleteComment",
       {"name: '{comment}'", kChangePublic, kChangeFollowers, kSignedInOwner}},
      {"SocialService.ListFollowers",
       {"parent: '{owner}'", kNotBlocked, kNotBlocked, kNotBlocked}},
      {"SocialService.ListFollowing",
       {"parent: '{owner}'", kNotBlocked, kNotBlocked, kNotBlocked}},
      {"UserService.GetUser",
       {"name: '{owner}'", kNotBlocked, kNotBlocked, kNotBlocked}},
      {"UserService.UpdateUser",
       {"user {{ name: '{owner}' bio: 'Mine' }}", kChangePublic, kChangePublic,
        kChangePublic}},
      {"UserService.DeleteUser",
       {"name: '{owner}' password: 'wrong password'",
        {kSignIn, kDenied, kHidden, kDenied, kDenied},
        {kSignIn, kDenied, kHidden, kDenied, kDenied},
        {kSignIn, kDenied, kHidden, kDenied, kDenied}}},
      {"UserService.ChangePassword",
       {"name: '{owner}' old_password: 'wrong password' "
        "new_password: 'another password'",
        {kSignIn, kDenied, kHidden, kDenied, kDenied},
        {kSignIn, kDenied, kHidden, kDenied, kDenied},
        {kSignIn, kDenied, kHidden, kDenied, kDenied}}},
      {"UserService.ListSessions",
       {"parent: '{owner}'", kChangePublic, kChangePublic, kChangePublic}},
      {"UserService.DeleteSession",
       {"name: '{owner}/sessions/1'",
        {kSignIn, kHidden, kHidden, kHidden, kHidden},
        {kSignIn, kHidden, kHidden, kHidden, kHidden},
        {kSignIn, kHidden, kHidden, kHidden, kHidden}}},
      {"SocialService.GetFeed", {"", kSignedIn, kSignedIn, kSignedIn}},
      {"SocialService.ListNotifications",
       {"", kSignedIn, kSignedIn, kSignedIn}},
      {"SocialService.MarkNotificationsRead",
       {"", kSignedIn, kSignedIn, kSignedIn}},
      {"SocialService.ListBlocks", {"", kSignedIn, kSignedIn, kSignedIn}},
      {"PhotoService.ListRecentPhotos",
       {"", kEverybody, kEverybody, kEverybody}},
      {"UserService.SearchUsers",
       {"query: 'own'", kEverybody, kEverybody, kEverybody}},
      {"AdminService.GetServerInfo", {"", kEverybody, kEverybody, kEverybody}},
      {"AdminService.CreateBackup",
       {"", kAdministrators, kAdministrators, kAdministrators}},
      {"AdminService.ImportUsers",
       {"", kAdministrators, kAdministrators, kAdministrators}},
  };
  return rules;
}

class AccessTest : public ServicesTest {
 protected:
  AccessTest() {
    world_.Follow(follower_, "owner");
    // Blocked first by the owner, so neither sees the other.
    world_.Block(owner_, "blocked");
    tokens_ = {"", LogIn("stranger"), LogIn("blocked"), LogIn("follower"),
               LogIn("owner")};
  }

  // Creates a session without hashing a password.
  std::string LogIn(const std::string& handle) {
    const auto user = world_.reader.FindCredentials(handle).value();
    const std::string token = auth::NewToken();
    CreateSession create{user.id, auth::HashToken(token),
                         world_.clock.Now() + absl::Hours(1),
                         user.password_hash, RequestKey{}};
    EXPECT_TRUE(world_.Run(world_.store->Execute(std::move(create))).ok());
    return token;
  }

  int Ask(const std::string& method, const char* request, Visibility visibility,
          Person who) {
    const Photo photo = world_.AddPhoto(owner_, visibility);
    const auto comment =
        world_.Run(world_.social.CreateComment(owner_, photo.id, "Mine", {}));
    const std::string photo_name = fmt::format("photos/{}", photo.id.value);
    const std::string comment_name =
        fmt::format("{}/comments/{}", photo_name, comment->id.value);
    return CodeOf(
        method,
        fmt::format(fmt::runtime(request), fmt::arg("photo", photo_name),
                    fmt::arg("owner", "users/owner"),
                    fmt::arg("comment", comment_name)),
        tokens_[who]);
  }

  int Download(const v1::DownloadPhotoRequest& request, Person who) {
    ListWriter writer;
    const auto call = NewCall(tokens_[who]);
    return world_
        .Run(dispatch_.ServerStreaming(
            *registry_.Find("pinhole.v1.PhotoService.DownloadPhoto"), *call,
            request, writer))
        .code();
  }

  void Check(const std::string& method, const Rule& rule) {
    const std::array<std::pair<Visibility, const Answers*>, 3> cases = {
        {{Visibility::kPublic, &rule.on_public},
         {Visibility::kFollowers, &rule.on_followers},
         {Visibility::kPrivate, &rule.on_private}}};
    for (const auto& [visibility, answers] : cases) {
      for (const Person who :
           {kNobody, kStranger, kBlocked, kFollower, kOwner}) {
        EXPECT_EQ(Ask(method, rule.request, visibility, who), (*answers)[who])
            << method << " by " << kPersonNames[who] << " with visibility "
            << static_cast<int>(visibility) << ": " << last_.message();
      }
    }
  }

  const UserId owner_ = world_.AddUser("owner");
  const UserId follower_ = world_.AddUser("follower");
  const UserId blocked_ = world_.AddUser("blocked");
  const UserId stranger_ = world_.AddUser("stranger");
  std::array<std::string, 5> tokens_;
};

TEST_F(AccessTest, AccessMatchesTheTable) {
  for (const auto& [method, rule] : Rules()) Check(method, rule);
}

TEST_F(AccessTest, EveryMethodHasARule) {
  // These have separate tests.
  const std::vector<std::string> elsewhere = {
      "PhotoService.DownloadPhoto", "PhotoService.UploadPhoto",
      "SocialService.BlockUser",    "SocialService.FollowUser",
      "SocialService.UnblockUser",  "SocialService.UnfollowUser",
      "SocialService.WatchFeed",    "UserService.CreateSession",
      "UserService.CreateUser"};
  for (const auto& [name, method] : registry_.methods()) {
    const std::string short_name =
        name.substr(std::string("pinhole.v1.").size());
    const bool known = Rules().contains(short_name) ||
                       std::find(elsewhere.begin(), elsewhere.end(),
                                 short_name) != elsewhere.end();
    EXPECT_TRUE(known) << "say above who may call " << name;
  }
}

TEST_F(AccessTest, AdministratorRoleIsCheckedAtEveryCall) {
  const auto name = [&](bool administrator) {
    SetAdministrator command{stranger_, administrator};
    EXPECT_TRUE(world_.Run(world_.store->Execute(std::move(command))).ok());
  };
  const std::string& token = tokens_[kStranger];

  name(true);
  EXPECT_EQ(CodeOf("AdminService.CreateBackup", "", token), kOk);
  EXPECT_EQ(CodeOf("AdminService.CreateBackup", "", tokens_[kOwner]), kDenied);
  name(false);
  EXPECT_EQ(CodeOf("AdminService.CreateBackup", "", token), kDenied);
}

TEST_F(AccessTest, AdministratorsRemovePhotosThatTheyCannotSee) {
  SetAdministrator name{blocked_, true};
  EXPECT_TRUE(world_.Run(world_.store->Execute(std::move(name))).ok());
  for (const Visibility visibility :
       {Visibility::kPublic, Visibility::kFollowers, Visibility::kPrivate}) {
    for (const char* method :
         {"SocialService.DeleteComment", "PhotoService.DeletePhoto"}) {
      const Rule& rule = Rules().at(method);
      EXPECT_EQ(Ask(method, rule.request, visibility, kBlocked), kOk) << method;
    }
    EXPECT_EQ(Ask("PhotoService.UpdatePhoto",
                  Rules().at("PhotoService.UpdatePhoto").request, visibility,
                  kBlocked),
              kHidden);
  }
  EXPECT_EQ(Ask("UserService.DeleteUser",
                "name: '{owner}' password: 'wrong password'",
                Visibility::kPublic, kBlocked),
            kDenied);
  EXPECT_EQ(world_.reader.ListRemovals({})->items.size(), 6u);
}

TEST_F(AccessTest, BytesFollowThePhoto) {
  const std::map<Visibility, Answers> renditions = {
      {Visibility::kPublic, kNotBlocked},
      {Visibility::kFollowers, kFollowers},
      {Visibility::kPrivate, kOwnerOnly}};
  for (const auto& [visibility, answers] : renditions) {
    const Photo photo = world_.AddPhoto(owner_, visibility);
    v1::DownloadPhotoRequest request;
    request.set_name(fmt::format("photos/{}", photo.id.value));
    for (const Person who : {kNobody, kStranger, kBlocked, kFollower, kOwner}) {
      request.set_rendition(v1::RENDITION_THUMBNAIL);
      EXPECT_EQ(Download(request, who), answers[who]) << kPersonNames[who];
      request.set_rendition(v1::RENDITION_ORIGINAL);
      const int original =
          answers[who] == kOk && who != kOwner ? kDenied : answers[who];
      EXPECT_EQ(Download(request, who), original) << kPersonNames[who];
    }
  }
}

TEST_F(AccessTest, BlockPreventsFollowsInBothDirections) {
  EXPECT_EQ(CodeOf("SocialService.FollowUser", "name: 'users/owner'",
                   tokens_[kBlocked]),
            kHidden);
  EXPECT_EQ(CodeOf("SocialService.FollowUser", "name: 'users/blocked'",
                   tokens_[kOwner]),
            kHidden);
  EXPECT_EQ(CodeOf("SocialService.FollowUser", "name: 'users/owner'",
                   tokens_[kStranger]),
            kOk);
  EXPECT_EQ(CodeOf("SocialService.FollowUser", "name: 'users/owner'"), kSignIn);
}

TEST_F(AccessTest, BlockedUserCanBlockButNotLiftTheBlock) {
  for (const char* method :
       {"SocialService.BlockUser", "SocialService.UnblockUser"}) {
    EXPECT_EQ(CodeOf(method, "name: 'users/owner'", tokens_[kBlocked]), kOk);
    EXPECT_EQ(CodeOf(method, "name: 'users/nobody'", tokens_[kBlocked]),
              kHidden);
  }
  EXPECT_EQ(
      CodeOf("UserService.GetUser", "name: 'users/owner'", tokens_[kBlocked]),
      kHidden);
}

TEST_F(AccessTest, HiddenContentIsInNoListAndNoCount) {
  const Photo photo = world_.AddPhoto(stranger_);
  const std::string name = fmt::format("photos/{}", photo.id.value);
  for (const Person who : {kBlocked, kFollower}) {
    AskText("SocialService.LikePhoto", "name: '" + name + "'", tokens_[who]);
    AskText("SocialService.CreateComment", "parent: '" + name + "' text: 'Hm'",
            tokens_[who]);
    AskText("SocialService.FollowUser", "name: 'users/stranger'", tokens_[who]);
  }

  // A block separates the owner from one of the two.
  const auto shown = Get<v1::Photo>("PhotoService.GetPhoto",
                                    "name: '" + name + "'", tokens_[kOwner]);
  EXPECT_EQ(shown.like_count(), 1);
  EXPECT_EQ(shown.comment_count(), 1);
  EXPECT_EQ(
      Get<v1::ListLikesResponse>("SocialService.ListLikes",
                                 "parent: '" + name + "'", tokens_[kOwner])
          .likes_size(),
      1);
  EXPECT_EQ(
      Get<v1::ListCommentsResponse>("SocialService.ListComments",
                                    "parent: '" + name + "'", tokens_[kOwner])
          .comments_size(),
      1);
  EXPECT_EQ(Get<v1::ListFollowersResponse>("SocialService.ListFollowers",
                                           "parent: 'users/stranger'",
                                           tokens_[kOwner])
                .users_size(),
            1);
  EXPECT_EQ(Get<v1::User>("UserService.GetUser", "name: 'users/stranger'",
                          tokens_[kOwner])
                .follower_count(),
            1);
  EXPECT_EQ(Get<v1::SearchUsersResponse>("UserService.SearchUsers",
                                         "query: 'blo'", tokens_[kOwner])
                .users_size(),
            0);
  EXPECT_EQ(Get<v1::User>("UserService.GetUser", "name: 'users/stranger'")
                .follower_count(),
            2);
}

TEST_F(AccessTest, BlockHidesNotifications) {
  world_.AddPhoto(owner_);
  AskText("SocialService.FollowUser", "name: 'users/owner'",
          tokens_[kStranger]);
  const auto count = [&] {
    return Get<v1::ListNotificationsResponse>("SocialService.ListNotifications",
                                              "", tokens_[kOwner])
        .notifications_size();
  };
  const int before = count();

  AskText("SocialService.BlockUser", "name: 'users/stranger'", tokens_[kOwner]);

  EXPECT_EQ(count(), before - 1);
}

// An expired token must not prevent its owner from signing in.
TEST_F(AccessTest, StaleTokenDoesNotPreventSigningIn) {
  EXPECT_EQ(
      CodeOf("UserService.CreateUser",
             "handle: 'newcomer' password: 'moonrise over hernandez'", "stale"),
      kOk);
  EXPECT_EQ(
      CodeOf("UserService.CreateSession",
             "handle: 'newcomer' password: 'moonrise over hernandez'", "stale"),
      kOk);
  // Reads that depend on the viewer are refused, not answered for strangers.
  EXPECT_EQ(CodeOf("PhotoService.ListRecentPhotos", "", "stale"), kSignIn);
  EXPECT_THAT(last_.message(), HasSubstr("session"));
}

}  // namespace
}  // namespace pinhole::rpc
