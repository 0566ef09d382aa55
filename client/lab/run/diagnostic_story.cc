// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/diagnostic_story.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "client/lab/core/histogram.h"
#include "fmt/format.h"
#include "google/protobuf/util/time_util.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"

namespace pinhole::lab {
namespace {

using Result = Check::Result;

constexpr int kReads = 20;
constexpr int kCommits = 100;
constexpr absl::Duration kSlowRead = absl::Milliseconds(50);
constexpr absl::Duration kSlowWrite = absl::Milliseconds(50);
constexpr absl::Duration kSlowHash = absl::Seconds(1);
constexpr absl::Duration kSlowUpload = absl::Seconds(2);
constexpr char kHashHint[] =
    "hashing a password takes this long here, so logins will queue";
constexpr absl::Duration kSkew = absl::Seconds(1);

double Ms(absl::Duration duration) {
  return absl::ToDoubleMilliseconds(duration);
}

// The checks of one user.  If a check fails that others depend on, those are
// left out.
class Story {
 public:
  Story(Caller& caller, const std::string& seed_command,
        const std::atomic<bool>& stop, std::vector<Check>& checks)
      : caller_(caller),
        seed_command_(seed_command),
        stop_(stop),
        checks_(checks),
        handle_(fmt::format("diag{:x}",
                            absl::ToUnixMillis(absl::Now()) & 0xffffffff)),
        password_(handle_ + "-password") {}

  void Tell() {
    if (!FindPhoto() || !Register()) return;
    // Deleting the user needs a session, so the login is tried twice.
    if (!LogIn() && !LogIn()) {
      checks_.push_back({.name = "delete the user",
                         .result = Result::kFail,
                         .figure = "@" + handle_ + " was not deleted",
                         .hint = "logging in failed, which deleting needs"});
      return;
    }
    for (const auto part : {&Story::Look, &Story::Follow, &Story::Upload,
                            &Story::LikeAndComment, &Story::Commit}) {
      if (!stop_) (this->*part)();
    }
    Leave();
  }

 private:
  // Calls `work` `times` times and adds a check of how long a call takes.
  // `work` returns what is wrong, if anything.
  bool Time(const std::string& name, int times, absl::Duration slow,
            const std::string& hint,
            const std::function<absl::Status()>& work) {
    Histogram took;
    for (int i = 0; i < times; ++i) {
      const absl::Time begin = absl::Now();
      if (auto status = work(); !status.ok()) {
        checks_.push_back({.name = name,
                           .result = Result::kFail,
                           .figure = std::string(status.message()),
                           .hint = "see the server's log"});
        return false;
      }
      took.Record(absl::Now() - begin);
    }
    Check check{
        .name = name,
        .figure = times == 1 ? fmt::format("{:.1f} ms", Ms(took.Max()))
                             : fmt::format("p50 {:.2f} ms, p99 {:.2f} ms of {}",
                                           Ms(took.Quantile(0.5)),
                                           Ms(took.Quantile(0.99)), times),
        .hint = {}};
    if (took.Quantile(0.5) > slow) {
      check.result = Result::kWarn;
      check.hint = hint;
    }
    checks_.push_back(std::move(check));
    return true;
  }

  template <typename Message>
  absl::Status Ask(Request request,
                   const std::function<bool(const Message&)>& right,
                   const std::string& otherwise) {
    const auto answer = caller_.Get<Message>(std::move(request));
    if (!answer.ok()) return answer.status();
    return right(*answer) ? absl::OkStatus() : absl::DataLossError(otherwise);
  }

  bool FindPhoto() {
    const auto page = caller_.Get<v1::ListRecentPhotosResponse>(
        RecentPhotos(caller_.dialect(), ""));
    if (!page.ok() || page->photos().empty()) {
      checks_.push_back(
          {.name = "photos",
           .result = Result::kFail,
           .figure = page.ok() ? "there are none"
                               : std::string(page.status().message()),
           .hint = page.ok()
                       ? fmt::format("fill the server with `{}`", seed_command_)
                       : "see the server's log"});
      return false;
    }
    photo_ = page->photos(0);
    checks_.push_back({.name = "photos",
                       .figure = fmt::format(
                           "{}{}", page->photos_size(),
                           page->next_page_token().empty() ? "" : " and more"),
                       .hint = {}});
    return true;
  }

  bool Register() {
    return Time("register", 1, kSlowHash, kHashHint, [&] {
      return Ask<v1::User>(
          lab::Register(caller_.dialect(), handle_, password_),
          [&](const v1::User& user) {
            return user.name() == "users/" + handle_;
          },
          "the answer is not the user that was created");
    });
  }

  bool LogIn() {
    return Time("login", 1, kSlowHash, kHashHint, [&] {
      return Ask<v1::Session>(
          lab::LogIn(caller_.dialect(), handle_, password_),
          [&](const v1::Session& session) {
            caller_.set_authorization("Bearer " + session.token());
            CheckClock(session.create_time());
            return !session.token().empty();
          },
          "the answer has no token");
    });
  }

  void CheckClock(const google::protobuf::Timestamp& time) {
    const absl::Duration skew =
        absl::Now() -
        absl::FromUnixMillis(
            google::protobuf::util::TimeUtil::TimestampToMilliseconds(time));
    Check check{.name = "clocks",
                .figure = fmt::format("{:.0f} ms apart", std::abs(Ms(skew))),
                .hint = {}};
    if (skew > kSkew || skew < -kSkew) {
      check.result = Result::kWarn;
      check.hint =
          "synchronize the clocks of both machines, for example by NTP";
    }
    checks_.push_back(std::move(check));
  }

  void Look() {
    const Dialect dialect = caller_.dialect();
    const std::string slow = "the machine is busy, or the database is cold";
    Time("photo", kReads, kSlowRead, slow, [&] {
      return Ask<v1::Photo>(
          GetPhoto(dialect, photo_.name()),
          [&](const v1::Photo& photo) { return photo.name() == photo_.name(); },
          "the answer is another photo");
    });
    Time("profile", kReads, kSlowRead, slow, [&] {
      return Ask<v1::ListPhotosResponse>(
          PhotosOf(dialect, photo_.owner()),
          [](const v1::ListPhotosResponse& page) {
            return !page.photos().empty();
          },
          "the list of the owner's photos is empty");
    });
    Time("thumbnail", kReads, kSlowRead, slow, [&] {
      const auto bytes = caller_.Download(Thumbnail(dialect, photo_.name()));
      if (!bytes.ok()) return bytes.status();
      return bytes->starts_with("\xff\xd8\xff")
                 ? absl::OkStatus()
                 : absl::DataLossError("the answer is not a JPEG file");
    });
  }

  void Follow() {
    const Dialect dialect = caller_.dialect();
    Time("follow", 1, kSlowWrite, "see `commit, in the server`", [&] {
      return caller_.Do(SetFollow(dialect, photo_.owner(), true)).status();
    });
    Time("feed", kReads, kSlowRead, "the machine is busy", [&] {
      return Ask<v1::GetFeedResponse>(
          Feed(dialect),
          [](const v1::GetFeedResponse& feed) {
            return !feed.photos().empty();
          },
          "the feed lacks the photos of the user who is followed");
    });
  }

  // Uploads an existing picture again; it is deleted with the user.
  void Upload() {
    const Dialect dialect = caller_.dialect();
    const auto picture = caller_.Download(LargePicture(dialect, photo_.name()));
    if (!picture.ok()) {
      checks_.push_back({.name = "upload",
                         .result = Result::kFail,
                         .figure = std::string(picture.status().message()),
                         .hint =
                             "the files of the photo cannot be read; see the "
                             "server's log"});
      return;
    }
    Time("upload", 1, kSlowUpload,
         "decoding a picture takes CPU time: look for other load", [&] {
           return Ask<v1::Photo>(
               lab::Upload(dialect, *picture),
               [&](const v1::Photo& photo) {
                 return photo.owner() == "users/" + handle_ &&
                        photo.width() > 0;
               },
               "the answer is not the photo that was sent");
         });
  }

  void LikeAndComment() {
    const Dialect dialect = caller_.dialect();
    Time("like", 1, kSlowWrite, "see `commit, in the server`",
         [&]() -> absl::Status {
           const auto liked = caller_.Do(SetLike(dialect, photo_.name(), true));
           if (!liked.ok()) return liked.status();
           return Ask<v1::Photo>(
               GetPhoto(dialect, photo_.name()),
               [](const v1::Photo& photo) {
                 return photo.liked() && photo.like_count() > 0;
               },
               "the photo does not show the like");
         });
    Time("comment", 1, kSlowWrite, "see `commit, in the server`",
         [&]() -> absl::Status {
           return Ask<v1::Comment>(
               Comment(dialect, photo_.name(), "Pinhole diagnostic"),
               [&](const v1::Comment& comment) {
                 return comment.text() == "Pinhole diagnostic";
               },
               "the answer is another comment");
         });
  }

  // Likes and unlikes in turn: each is a durable write, and nothing is left.
  void Commit() {
    const Dialect dialect = caller_.dialect();
    bool liked = true;
    Time("small write", kCommits, kSlowWrite,
         "every write waits for the disk: look for other users of the volume",
         [&] {
           liked = !liked;
           return caller_.Do(SetLike(dialect, photo_.name(), liked)).status();
         });
  }

  void Leave() {
    const Dialect dialect = caller_.dialect();
    Time("delete the user", 1, kSlowHash, "see `commit, in the server`", [&] {
      return caller_.Do(DeleteUser(dialect, handle_, password_)).status();
    });
    caller_.set_authorization("");
    Time("the user is gone", 1, kSlowRead, "see `commit, in the server`", [&] {
      const auto user =
          caller_.Do(GetUser(dialect, "users/" + handle_)).status();
      return absl::IsNotFound(user)
                 ? absl::OkStatus()
                 : absl::DataLossError("the user still exists");
    });
  }

  Caller& caller_;
  const std::string& seed_command_;
  const std::atomic<bool>& stop_;
  std::vector<Check>& checks_;
  const std::string handle_;
  const std::string password_;
  v1::Photo photo_;
};

}  // namespace

void TellStory(Caller& caller, const std::string& seed_command,
               const std::atomic<bool>& stop, std::vector<Check>& checks) {
  Story(caller, seed_command, stop, checks).Tell();
}

}  // namespace pinhole::lab
