// SPDX-License-Identifier: Apache-2.0

// Concurrent actors: each finds its answered changes in every list that shows
// them, while others write and read the same photos and users.  The final
// answers are those of the store after it is opened again.

#include <atomic>
#include <optional>
#include <random>
#include <thread>

#include "base/errors.h"
#include "tests/contract/questions.h"
#include "tests/contract/store_contract.h"

namespace pinhole::testing {
namespace {

constexpr int kActors = 4;
constexpr int kSteps = 60;
constexpr int kReaders = 2;
constexpr PageRequest kWhole{0, 10'000};

// A user with data that no other actor changes: an account, another user to
// block, and likes, comments and follows.
class Actor {
 public:
  Actor(Store& store, const Clock& clock, std::string handle, Photo shared)
      : store_(store),
        clock_(clock),
        handle_(std::move(handle)),
        shared_(std::move(shared)),
        me_(Register(handle_)),
        rival_(Register(Rival())),
        rivals_photo_(Publish(rival_, Visibility::kPublic)) {
    Must(LikePhoto{rival_, shared_.id});
    Must(CreateComment{rival_, shared_.id, "rivalry", {}});
  }

  UserId me() const { return me_; }
  PhotoId rivals_photo() const { return rivals_photo_.id; }

  void Step(int kind) {
    switch (kind % 8) {
      case 0:
        return ToggleLike();
      case 1:
        return ToggleFollow();
      case 2:
        return ToggleBlock();
      case 3:
        return PublishAndDelete();
      case 4:
        return CommentAndDelete();
      case 5:
        return Rename();
      case 6:
        return LogInAndOut();
      case 7:
        return BeFollowed();
    }
  }

 private:
  std::string Rival() const { return handle_ + "_rival"; }

  template <typename C>
  typename C::Result Must(C command) {
    while (true) {
      auto result = Do(store_, command);
      // Without the queue, five seconds can be too short for the lock if other
      // tests keep the disk busy.
      if (!result.ok() && ReasonOf(result.status()) == Reason::kDatabaseBusy)
        continue;
      return std::move(result).value();
    }
  }
  UserId Register(const std::string& handle) {
    return Must(CreateUser{handle, "Name of " + handle, "hash", {}}).id;
  }
  Photo Publish(UserId owner, Visibility visibility) {
    const std::string key = handle_ + std::to_string(++serial_);
    Must(RecordUpload{key});
    return Must(
        AddPhoto{owner, key, "", "", visibility, 1, 1, 1, "image/png", {}});
  }

  template <typename T, typename Condition>
  static bool Has(const absl::StatusOr<Page<T>>& page, Condition condition) {
    return std::any_of(page->items.begin(), page->items.end(), condition);
  }
  static bool HasPhoto(const absl::StatusOr<Page<Photo>>& page, PhotoId photo) {
    return Has(page, [&](const Photo& p) { return p.id == photo; });
  }
  static bool HasUser(const absl::StatusOr<Page<User>>& page, UserId user) {
    return Has(page, [&](const User& u) { return u.id == user; });
  }
  bool Told(UserId user, Notification::Kind kind, std::string_view actor) {
    return Has(reader_.ListNotifications(user, kWhole),
               [&](const Notification& n) {
                 return n.kind == kind && n.actor_handle == actor;
               });
  }
  // Checks the photo in every read that shows it to the actor.
  std::vector<Photo> Everywhere(const Photo& photo) {
    std::vector<Photo> found = {reader_.FindPhoto(me_, photo.id).value()};
    const auto add = [&](const std::vector<Photo>& photos) {
      for (const Photo& p : photos) {
        if (p.id == photo.id) found.push_back(p);
      }
    };
    add(reader_.ListPhotos(me_, photo.owner, kWhole)->items);
    add(reader_.ListRecentPhotos(me_, kWhole)->items);
    add(reader_.ListFeed(me_, kWhole)->items);
    add(reader_.ListFeedSince(me_, PhotoId{photo.id.value - 1}, 10'000)
            .value());
    return found;
  }

  void ToggleLike() {
    liked_ = !liked_;
    const LikeState state = liked_ ? Must(LikePhoto{me_, shared_.id})
                                   : Must(UnlikePhoto{me_, shared_.id});
    EXPECT_EQ(state.liked, liked_);
    for (const Photo& photo : Everywhere(shared_)) {
      EXPECT_EQ(photo.liked, liked_);
      EXPECT_GE(photo.like_count, liked_ ? 1 : 0);
    }
    EXPECT_EQ(
        Has(reader_.ListLikes(me_, shared_.id, kWhole),
            [&](const Like& like) { return like.user_handle == handle_; }),
        liked_);
    EXPECT_EQ(Told(shared_.owner, Notification::Kind::kLike, handle_), liked_);
  }

  void ToggleFollow() {
    follows_ = !follows_;
    if (follows_) {
      Must(FollowUser{me_, shared_.owner});
    } else {
      Must(UnfollowUser{me_, shared_.owner});
    }
    EXPECT_EQ(reader_.FindUser(me_, shared_.owner)->following, follows_);
    EXPECT_EQ(reader_.FindUser(shared_.owner, me_)->followed_by, follows_);
    EXPECT_EQ(reader_.FindUser(UserId{}, handle_)->following_count,
              follows_ ? 1 : 0);
    EXPECT_EQ(HasUser(reader_.ListFollowers(me_, shared_.owner, kWhole), me_),
              follows_);
    EXPECT_EQ(
        HasUser(reader_.ListFollowing(UserId{}, me_, kWhole), shared_.owner),
        follows_);
    EXPECT_EQ(HasPhoto(reader_.ListFeed(me_, kWhole), shared_.id), follows_);
    EXPECT_EQ(Everywhere(shared_).size(), follows_ ? 5u : 3u);
    EXPECT_EQ(Told(shared_.owner, Notification::Kind::kFollow, handle_),
              follows_);
  }

  void ToggleBlock() {
    blocks_ = !blocks_;
    if (blocks_) {
      Must(BlockUser{me_, rival_});
      followed_ = false;
    } else {
      Must(UnblockUser{me_, rival_});
    }
    const bool apart = blocks_;
    EXPECT_EQ(reader_.FindUser(me_, rival_).ok(), !apart);
    EXPECT_EQ(reader_.FindUser(rival_, handle_).ok(), !apart);
    EXPECT_EQ(reader_.SearchUsers(me_, Rival(), "", 9)->size(),
              apart ? 0u : 1u);
    EXPECT_EQ(reader_.FindPhoto(me_, rivals_photo_.id).ok(), !apart);
    EXPECT_EQ(HasPhoto(reader_.ListRecentPhotos(me_, kWhole), rivals_photo_.id),
              !apart);
    EXPECT_EQ(
        Has(reader_.ListLikes(me_, shared_.id, kWhole),
            [&](const Like& like) { return like.user_handle == Rival(); }),
        !apart);
    EXPECT_EQ(Has(reader_.ListComments(me_, shared_.id, kWhole),
                  [&](const Comment& c) { return c.author_handle == Rival(); }),
              !apart);
    EXPECT_EQ(reader_.ListBlocks(me_, kWhole)->items.size(), apart ? 1u : 0u);
  }

  void PublishAndDelete() {
    const Photo photo = Publish(me_, Visibility::kPublic);
    EXPECT_EQ(Everywhere(photo).size(), 5u);
    EXPECT_GE(reader_.LatestPhoto().value(), photo.id);
    EXPECT_EQ(reader_.FindUser(UserId{}, me_)->photo_count, 1);
    Must(UpdatePhoto{me_, photo.id, "changed", {}, {}});
    for (const Photo& p : Everywhere(photo)) EXPECT_EQ(p.caption, "changed");

    Must(UpdatePhoto{me_, photo.id, {}, {}, Visibility::kPrivate});
    EXPECT_EQ(Everywhere(photo).size(), 4u);
    EXPECT_FALSE(reader_.FindPhoto(UserId{}, photo.id).ok());
    EXPECT_FALSE(
        HasPhoto(reader_.ListPhotos(shared_.owner, me_, kWhole), photo.id));
    EXPECT_EQ(reader_.FindUser(UserId{}, me_)->photo_count, 0);
    EXPECT_EQ(reader_.FindUser(me_, me_)->photo_count, 1);

    Must(DeletePhoto{me_, photo.id});
    EXPECT_FALSE(reader_.FindPhoto(me_, photo.id).ok());
    EXPECT_FALSE(HasPhoto(reader_.ListFeed(me_, kWhole), photo.id));
    EXPECT_FALSE(HasPhoto(reader_.ListPhotos(me_, me_, kWhole), photo.id));
    EXPECT_FALSE(reader_.HasFileKey(photo.file_key).value());
    EXPECT_THAT(reader_.ListGarbage(10'000).value(),
                ::testing::Contains(photo.file_key));
    EXPECT_EQ(reader_.FindUser(me_, me_)->photo_count, 0);
  }

  void CommentAndDelete() {
    const Comment comment =
        Must(CreateComment{me_, shared_.id, handle_ + " says", {}});
    const auto shown = [&] {
      return Has(reader_.ListComments(me_, shared_.id, kWhole),
                 [&](const Comment& c) { return c.id == comment.id; });
    };
    EXPECT_TRUE(shown());
    for (const Photo& p : Everywhere(shared_)) EXPECT_GE(p.comment_count, 1);
    EXPECT_TRUE(Told(shared_.owner, Notification::Kind::kComment, handle_));

    Must(DeleteComment{me_, shared_.id, comment.id});
    EXPECT_FALSE(shown());
    EXPECT_FALSE(Told(shared_.owner, Notification::Kind::kComment, handle_));
  }

  void Rename() {
    const std::string name = "Name " + std::to_string(++serial_);
    Must(UpdateUser{me_, name, name});
    EXPECT_EQ(reader_.FindUser(UserId{}, me_)->display_name, name);
    EXPECT_EQ(reader_.FindUser(shared_.owner, handle_)->bio, name);
    EXPECT_EQ(reader_.SearchUsers(UserId{}, handle_, "", 1)->at(0).bio, name);
    const auto likes = reader_.ListLikes(UserId{}, shared_.id, kWhole);
    for (const Like& like : likes->items) {
      if (like.user_handle == handle_) {
        EXPECT_EQ(like.user_display_name, name);
      }
    }
  }

  void LogInAndOut() {
    const std::string hash = reader_.FindCredentials(me_)->password_hash;
    const auto log_in = [&] {
      return Must(CreateSession{me_,
                                handle_ + std::to_string(++serial_),
                                clock_.Now() + absl::Hours(1),
                                hash,
                                {}});
    };
    const Session kept = log_in();
    const Session ended = log_in();
    EXPECT_EQ(reader_.FindSession(ended.token_hash)->id, ended.id);
    EXPECT_EQ(reader_.ListSessions(me_, kWhole)->items.size(), 2u);
    Must(TouchSession{kept.id, clock_.Now() + absl::Hours(2)});
    EXPECT_EQ(reader_.FindSession(kept.token_hash)->expire_time,
              clock_.Now() + absl::Hours(2));

    Must(ChangePassword{me_, hash + "+", kept.id});
    EXPECT_EQ(reader_.FindCredentials(handle_)->password_hash, hash + "+");
    EXPECT_FALSE(reader_.FindSession(ended.token_hash).ok());
    Must(DeleteSession{me_, kept.id});
    EXPECT_FALSE(reader_.FindSession(kept.token_hash).ok());
    EXPECT_TRUE(reader_.ListSessions(me_, kWhole)->items.empty());
  }

  void BeFollowed() {
    if (blocks_) ToggleBlock();
    followed_ = !followed_;
    if (followed_) {
      Must(FollowUser{rival_, me_});
    } else {
      Must(UnfollowUser{rival_, me_});
    }
    EXPECT_EQ(reader_.FindUser(me_, rival_)->followed_by, followed_);
    EXPECT_EQ(reader_.FindUser(UserId{}, me_)->follower_count,
              followed_ ? 1 : 0);
    EXPECT_EQ(Told(me_, Notification::Kind::kFollow, Rival()), followed_);
    Must(MarkNotificationsRead{me_, NotificationId{}});
    EXPECT_FALSE(Has(reader_.ListNotifications(me_, kWhole),
                     [](const Notification& n) { return !n.read; }));
  }

  Store& store_;
  const BlockingReader reader_{store_};
  const Clock& clock_;
  const std::string handle_;
  const Photo shared_;
  int serial_ = 0;
  const UserId me_;
  const UserId rival_;
  const Photo rivals_photo_;
  bool liked_ = false;
  bool follows_ = false;
  bool followed_ = false;  // By the rival.
  bool blocks_ = false;
};

class ConcurrentHistory : public StoreContract {
 protected:
  // The answers about the actors and the shared photo.
  std::vector<Topic> Topics() const {
    std::vector<UserId> users = {UserId{}, shared_.owner};
    for (const auto& actor : actors_) users.push_back(actor->me());
    std::vector<Topic> topics;
    for (const UserId viewer : users) {
      for (std::size_t i = 0; i < users.size(); ++i) {
        Topic topic;
        topic.viewer = viewer;
        topic.user = users[i];
        topic.handle = "actor" + std::to_string(i);
        topic.photo =
            i < actors_.size() ? actors_[i]->rivals_photo() : shared_.id;
        topic.page.limit = 3;
        topics.push_back(topic);
      }
    }
    return topics;
  }

  std::vector<std::string> AllAnswers() {
    std::vector<std::string> answers;
    for (const Topic& topic : Topics()) {
      for (std::string& answer : AskAll(store(), topic)) {
        answers.push_back(std::move(answer));
      }
    }
    return answers;
  }

  const Photo shared_ = Publish(Register("shared"), Visibility::kPublic);
  std::vector<std::unique_ptr<Actor>> actors_;
};

TEST_P(ConcurrentHistory, EveryActorFindsItsChanges) {
  for (int i = 0; i < kActors; ++i) {
    actors_.push_back(std::make_unique<Actor>(
        store(), clock_, "actor" + std::to_string(i), shared_));
  }
  std::atomic<bool> done = false;
  const auto read = [&, topics = Topics()](unsigned seed) {
    std::mt19937 random(seed);
    while (!done) {
      const Topic& topic = topics[random() % topics.size()];
      (void)Ask(store(), static_cast<int>(random() % kMethods), topic);
    }
  };
  const auto act = [&](int i) {
    std::mt19937 random(static_cast<unsigned>(i));
    for (int step = 0; step < kSteps; ++step) {
      actors_[i]->Step(static_cast<int>(random() % 8));
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i) readers.emplace_back(read, i);
  std::vector<std::thread> actors;
  for (int i = 0; i < kActors; ++i) actors.emplace_back(act, i);
  for (std::thread& actor : actors) actor.join();
  done = true;
  for (std::thread& reader : readers) reader.join();

  const std::vector<std::string> before = AllAnswers();
  Reopen();

  EXPECT_EQ(AllAnswers(), before);
}

PINHOLE_ON_DURABLE_STORES(ConcurrentHistory);

}  // namespace
}  // namespace pinhole::testing
