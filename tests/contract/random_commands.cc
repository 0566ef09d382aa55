// SPDX-License-Identifier: Apache-2.0

#include "tests/contract/random_commands.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace pinhole::testing {
namespace {

// Few, so that handles are taken again after they were freed, but more than can
// be reserved at a time.
const std::vector<std::string> kHandles = {"ann", "anna", "an_b", "ao",   "bob",
                                           "bo2", "cleo", "cle",  "dora", "do",
                                           "ed2", "ed",   "fay",  "fa_y"};
const std::vector<std::string> kTokens = {"t0", "t1", "t2", "t3", "t4", "t5"};
constexpr UserId kUnknownUser{77};
constexpr PhotoId kUnknownPhoto{78};
constexpr std::size_t kMostPhotos = 14;
constexpr std::size_t kTouched = 4;

template <typename T>
void Touch(std::vector<T>& touched, T thing) {
  touched.push_back(thing);
  if (touched.size() > kTouched) touched.erase(touched.begin());
}

// Moves the elements that meet `condition`.
template <typename T, typename Condition>
void Move(std::vector<T>& from, std::vector<T>& to, Condition condition) {
  std::copy_if(from.begin(), from.end(), std::back_inserter(to), condition);
  std::erase_if(from, condition);
}

// Adds the newest element, unless a repeated request returned a known one.
template <typename T>
void Add(std::vector<T>& known, T item) {
  std::erase_if(known, [&](const T& t) { return t.id == item.id; });
  known.push_back(std::move(item));
}

}  // namespace

RandomCommands::RandomCommands(unsigned seed, const Clock& clock)
    : random_(seed),
      clock_(clock),
      serial_(static_cast<int>(seed) * 1'000'000) {
  // Handles and file keys of an earlier seed can still be in use.
  for (const std::string& handle : kHandles) {
    handles_.push_back(absl::StrCat(handle, seed));
  }
}

Command RandomCommands::Next() {
  if (last_create_ && Chance(4)) return AgainWhatWasCreated();
  const int kind = Pick(100);
  if (kind < 12 || users_.size() < 3) return NextAboutAccounts();
  if (kind < 28) return NextAboutSessions();
  if (kind < 50) return NextAboutPhotos();
  if (kind < 72) return NextAboutPeople();
  return NextAboutLikesAndComments();
}

Command RandomCommands::NextAboutAccounts() {
  if (Chance(40) || users_.size() < 3) {
    CreateUser create{One(handles_), AText(), "hash0", ARequest()};
    if (!create.request.key.empty()) last_create_ = create;
    return create;
  }
  if (Chance(12)) return DeleteUser{AUser(), Chance(50) ? UserId{} : AUser()};
  if (Chance(25)) {
    const SessionId keep = sessions_.empty() ? SessionId{} : One(sessions_).id;
    return ChangePassword{AUser(), Chance(70) ? "hash0" : "hash1", keep};
  }
  if (Chance(20)) return SetAdministrator{AUser(), Chance(60)};
  return UpdateUser{AUser(), Maybe(AText()), Maybe(AText())};
}

Command RandomCommands::NextAboutSessions() {
  const int kind = Pick(16);
  if (kind < 7 || sessions_.empty()) {
    CreateSession create{AUser(), One(kTokens), AnEnd(),
                         Chance(80) ? "hash0" : "hash1", ARequest()};
    if (!create.request.key.empty()) last_create_ = create;
    return create;
  }
  const Session session = One(sessions_);
  if (kind < 10) {
    return DeleteSession{Chance(80) ? session.user : AUser(), session.id};
  }
  if (kind < 14) return TouchSession{session.id, AnEnd()};
  return PurgeExpired{Chance(50) ? 1000 : 1 + Pick(2)};
}

Command RandomCommands::NextAboutPhotos() {
  const int kind = Pick(34);
  if (kind < 9) {
    if (photos_.size() > kMostPhotos) {
      const KnownPhoto old = photos_.front();
      return DeletePhoto{old.owner, old.id};
    }
    AddPhoto add{AUser(),
                 TakeFileKey(),
                 AText(),
                 AText(),
                 static_cast<Visibility>(1 + Pick(3)),
                 1 + Pick(9),
                 1 + Pick(9),
                 1 + Pick(9),
                 "image/png",
                 ARequest(),
                 Pick(4),
                 SomeDigests()};
    if (!add.request.key.empty()) last_create_ = add;
    return add;
  }
  const PhotoId photo = APhoto();
  if (kind < 16) {
    return UpdatePhoto{OwnerOf(photo), photo, Maybe(AText()), Maybe(AText()),
                       Maybe(static_cast<Visibility>(1 + Pick(3)))};
  }
  if (kind < 19) return DeletePhoto{OwnerOf(photo), photo};
  if (kind < 21) return OtherFilesFor(photo);
  if (kind < 22) return OutdateRenditions{};
  if (kind < 31) return RecordUpload{ANewFileKey()};
  if (kind < 33) return GiveUpUpload{TakeFileKey()};
  ForgetGarbage forget{{"never there"}};
  for (const KnownPhoto& gone : gone_photos_) {
    if (Chance(30)) forget.file_keys.push_back(gone.file_key);
  }
  return forget;
}

// Sometimes the photo is gone or has other files.
ReplacePhotoFiles RandomCommands::OtherFilesFor(PhotoId photo) {
  const auto known =
      std::find_if(photos_.begin(), photos_.end(),
                   [&](const KnownPhoto& p) { return p.id == photo; });
  const std::string old_key =
      known == photos_.end() || Chance(15) ? ANewFileKey() : known->file_key;
  return {photo,       old_key,      Chance(20) ? old_key : TakeFileKey(),
          1 + Pick(9), 1 + Pick(9),  "image/webp",
          Pick(4),     SomeDigests()};
}

Command RandomCommands::NextAboutPeople() {
  const UserId actor = AUser();
  const UserId user = AUser();
  const int kind = Pick(22);
  if (kind < 9) return FollowUser{actor, user};
  if (kind < 13) return UnfollowUser{actor, user};
  if (kind < 15) return BlockUser{actor, user};
  if (kind < 19) return UnblockUser{actor, user};
  NotificationId last;
  if (!comments_.empty() && Chance(60)) last.value = One(comments_).id.value;
  if (Chance(10)) last.value = INT64_MAX;
  return MarkNotificationsRead{actor, last};
}

Command RandomCommands::NextAboutLikesAndComments() {
  const int kind = Pick(28);
  if (kind < 10) return LikePhoto{AUser(), APhoto()};
  if (kind < 16) return UnlikePhoto{AUser(), APhoto()};
  if (kind < 23 || comments_.empty()) {
    CreateComment create{AUser(), APhoto(), AText(), ARequest()};
    if (!create.request.key.empty()) last_create_ = create;
    return create;
  }
  const Comment comment = One(comments_);
  const auto author = std::find_if(
      users_.begin(), users_.end(),
      [&](const KnownUser& u) { return u.handle == comment.author_handle; });
  const UserId actor = Chance(40) && author != users_.end()
                           ? author->id
                           : OwnerOf(comment.photo);
  return DeleteComment{actor, Chance(90) ? comment.photo : APhoto(),
                       comment.id};
}

// A client that did not get the answer repeats the request.
Command RandomCommands::AgainWhatWasCreated() {
  Command again = *last_create_;
  // A repeated upload stores its bytes under a new key.
  if (auto* add = std::get_if<AddPhoto>(&again)) add->file_key = TakeFileKey();
  return again;
}

WriteOptions RandomCommands::Options() {
  WriteOptions options;
  const int kind = Pick(50);
  if (kind == 0) options.deadline = clock_.Now();
  if (kind == 1) options.deadline = clock_.Now() - absl::Seconds(1);
  if (kind == 2) options.deadline = clock_.Now() + absl::Seconds(1);
  return options;
}

void RandomCommands::Learn(const Command& command,
                           const CommandResult& result) {
  if (std::holds_alternative<CreateUser>(command)) {
    const User& user = std::get<User>(result);
    Add(users_, KnownUser{user.id, user.handle});
  } else if (std::holds_alternative<AddPhoto>(command)) {
    const Photo& photo = std::get<Photo>(result);
    Touch(touched_photos_, photo.id);
    Add(photos_, KnownPhoto{photo.id, photo.owner, photo.file_key});
  } else if (const auto* upload = std::get_if<RecordUpload>(&command)) {
    uploads_.push_back(upload->file_key);
  } else if (std::holds_alternative<CreateSession>(command)) {
    Add(sessions_, std::get<Session>(result));
  } else if (std::holds_alternative<CreateComment>(command)) {
    Add(comments_, std::get<Comment>(result));
  } else if (const auto* user = std::get_if<DeleteUser>(&command)) {
    Move(users_, gone_users_, [&](auto& u) { return u.id == user->user; });
    Move(photos_, gone_photos_, [&](auto& p) { return p.owner == user->user; });
  } else if (const auto* files = std::get_if<ReplacePhotoFiles>(&command)) {
    for (KnownPhoto& photo : photos_) {
      if (photo.id == files->photo) photo.file_key = files->new_file_key;
    }
  } else if (const auto* photo = std::get_if<DeletePhoto>(&command)) {
    Move(photos_, gone_photos_, [&](auto& p) { return p.id == photo->photo; });
  }
  // Old requests have expired or were repeated often enough.
  if (sessions_.size() > 12) sessions_.erase(sessions_.begin());
  if (comments_.size() > 30) comments_.erase(comments_.begin());
  if (gone_users_.size() > 4) gone_users_.erase(gone_users_.begin());
  while (gone_photos_.size() > 6) gone_photos_.erase(gone_photos_.begin());
}

Topic RandomCommands::ATopic() {
  Topic topic;
  const auto user = [&] {
    return Chance(50) && !touched_users_.empty() ? One(touched_users_)
                                                 : AUser();
  };
  topic.viewer = Chance(15) ? UserId{} : user();
  topic.user = user();
  topic.handle = One(handles_);
  if (Chance(40)) topic.after_handle = One(handles_);
  topic.photo =
      Chance(50) && !touched_photos_.empty() ? One(touched_photos_) : APhoto();
  topic.token_hash = One(kTokens);
  topic.request = RequestKey{absl::StrCat("key", Pick(5)),
                             absl::StrCat("content", Pick(2))};
  if (!photos_.empty()) topic.file_key = One(photos_).file_key;
  if (!gone_photos_.empty() && Chance(30)) {
    topic.file_key = One(gone_photos_).file_key;
  }
  const int limits[] = {1, 2, 3, 5, 20};
  topic.page.limit = limits[Pick(5)];
  // All stores use ids as page keys.
  if (Chance(20)) topic.page.after = APhoto().value;
  return topic;
}

std::vector<Topic> RandomCommands::AllTopics() const {
  std::vector<KnownUser> users = users_;
  users.insert(users.end(), gone_users_.begin(), gone_users_.end());
  std::vector<KnownPhoto> photos = photos_;
  photos.insert(photos.end(), gone_photos_.begin(), gone_photos_.end());
  std::vector<UserId> viewers = {UserId{}};
  for (const KnownUser& user : users) viewers.push_back(user.id);
  std::vector<Topic> topics;
  for (const UserId viewer : viewers) {
    for (std::size_t i = 0; i < std::max(users.size(), photos.size()); ++i) {
      Topic topic;
      topic.viewer = viewer;
      if (i < users.size()) topic.user = users[i].id;
      if (i < photos.size()) topic.photo = photos[i].id;
      if (i < photos.size()) topic.file_key = photos[i].file_key;
      topic.handle = handles_[i % handles_.size()];
      topic.token_hash = kTokens[i % kTokens.size()];
      topic.request = RequestKey{absl::StrCat("key", i % 5), "content0"};
      topic.page.limit = i == 0 ? 3 : 50;
      topics.push_back(std::move(topic));
    }
  }
  return topics;
}

absl::Duration RandomCommands::APause() {
  const int kind = Pick(100);
  if (kind < 60) return absl::ZeroDuration();
  if (kind < 92) return absl::Milliseconds(Pick(5000));
  if (kind < 96) return absl::Hours(Pick(40));
  if (kind < 97) return absl::Hours(24 * Pick(60));
  return -absl::Hours(Pick(30));
}

UserId RandomCommands::AUser() {
  UserId user;
  const int kind = Pick(100);
  if (kind < 92 && !users_.empty()) {
    user = One(users_).id;
  } else if (kind < 97 && !gone_users_.empty()) {
    user = One(gone_users_).id;
  } else if (kind < 99) {
    user = kUnknownUser;
  }
  Touch(touched_users_, user);
  return user;
}

PhotoId RandomCommands::APhoto() {
  PhotoId photo = kUnknownPhoto;
  if (Chance(94) && !photos_.empty()) {
    photo = One(photos_).id;
  } else if (!gone_photos_.empty()) {
    photo = One(gone_photos_).id;
  }
  Touch(touched_photos_, photo);
  return photo;
}

UserId RandomCommands::OwnerOf(PhotoId photo) {
  const auto known =
      std::find_if(photos_.begin(), photos_.end(),
                   [&](const KnownPhoto& p) { return p.id == photo; });
  return known == photos_.end() || Chance(15) ? AUser() : known->owner;
}

RequestKey RandomCommands::ARequest() {
  if (Chance(65)) return {};
  return RequestKey{absl::StrCat("key", Pick(5)),
                    Chance(85) ? "content0" : "content1"};
}

std::string RandomCommands::AText() {
  return Chance(10) ? "" : absl::StrCat("text ", ++serial_);
}

PhotoDigests RandomCommands::SomeDigests() {
  PhotoDigests digests = {};
  if (Chance(30)) return digests;
  for (Digest& digest : digests) digest.fill(static_cast<char>(Pick(256)));
  return digests;
}

std::string RandomCommands::TakeFileKey() {
  if (uploads_.empty()) return ANewFileKey();
  const std::string key = uploads_.front();
  if (Chance(95)) uploads_.erase(uploads_.begin());
  return key;
}

std::string RandomCommands::ANewFileKey() {
  return absl::StrCat("file", ++serial_);
}

absl::Time RandomCommands::AnEnd() {
  const absl::Duration after[] = {-absl::Hours(1),      absl::ZeroDuration(),
                                  absl::Seconds(3),     absl::Hours(2),
                                  absl::Hours(24 * 30), absl::Hours(24 * 100)};
  return clock_.Now() + after[Pick(6)];
}

}  // namespace pinhole::testing
