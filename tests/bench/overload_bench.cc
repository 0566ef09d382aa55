// SPDX-License-Identifier: Apache-2.0

// Four times as many calls as the server can answer, started whether earlier
// ones have been answered or not: what still gets done, how soon the rest is
// refused, and how soon afterwards all is as before.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "tests/bench/folder.h"
#include "tests/bench/load.h"
#include "tests/bench/process.h"
#include "tests/bench/rounds.h"
#include "tests/bench/town.h"

namespace pinhole::bench {
namespace {

constexpr char kPassword[] = "correct horse battery";
constexpr absl::Duration kDeadline = absl::Seconds(2);

const std::string kLikePhoto = "/pinhole.v1.SocialService/LikePhoto";
const std::string kCreateUser = "/pinhole.v1.UserService/CreateUser";
const std::string kCreateSession = "/pinhole.v1.UserService/CreateSession";

struct Requests {
  std::vector<std::string> authorizations;
  std::vector<grpc::ByteBuffer> like_photo;
  grpc::ByteBuffer create_user;
  grpc::ByteBuffer login;
};

Requests FillTown(const Rounds& rounds, const std::filesystem::path& folder) {
  const std::unique_ptr<SqliteStore> store = OpenStore(folder);
  const std::vector<UserId> people = AddPeople(*store, "person", 200);
  Requests requests;
  for (const std::string& token : SignIn(*store, people)) {
    requests.authorizations.push_back("Bearer " + token);
  }
  for (const PhotoId photo :
       AddPhotos(*store, people, rounds.Sized(20'000, 500))) {
    v1::LikePhotoRequest request;
    request.set_name(fmt::format("photos/{}", photo.value));
    requests.like_photo.push_back(Serialize(request));
  }
  v1::CreateUserRequest user;
  user.set_handle("regular");
  user.set_password(kPassword);
  requests.create_user = Serialize(user);
  v1::CreateSessionRequest login;
  login.set_handle("regular");
  login.set_password(kPassword);
  requests.login = Serialize(login);
  return requests;
}

std::string NameOf(grpc::StatusCode code) {
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
}

// How long it takes until ten calls in a row are answered no slower than three
// times what is usual.
absl::Duration TimeToRecover(Load& load, const Aim& aim, double usual_us) {
  const absl::Time begin = absl::Now();
  for (int good = 0; good < 10;) {
    const Hits hits = load.Closed(1, absl::ZeroDuration(), aim);
    const bool fine = hits.ok == 1 && hits.ok_us[0] <= 3 * usual_us;
    good = fine ? good + 1 : 0;
    if (absl::Now() - begin > absl::Seconds(30)) break;
  }
  return absl::Now() - begin;
}

// `name` is what is called, `peak_in_flight` how many at a time keep the server
// busy without filling its queues.
void Measure(Rounds& rounds, const std::string& name, Load& load,
             int peak_in_flight, const Aim& aim) {
  const Hits idle = load.Closed(1, rounds.visit() / 2, aim);
  const double usual = Percentile(idle.ok_us, 0.9);
  const double peak =
      load.Closed(peak_in_flight, rounds.visit(), aim).PerSecond();
  // Long enough to fill the server's queues.
  const absl::Duration time =
      rounds.quick() ? rounds.visit() : absl::Seconds(6);
  const Hits flood = load.Open(4 * peak, time, kDeadline, aim);
  const absl::Duration recovery = TimeToRecover(load, aim, usual);

  for (const auto& [code, count] : flood.errors) {
    rounds.Note(fmt::format("{}, overload, {}", name, NameOf(code)), "calls/s",
                static_cast<double>(count) / absl::ToDoubleSeconds(flood.time));
  }
  rounds.Note(name + ", peak", "calls/s", peak);
  rounds.Note(
      name + ", overload, offered", "calls/s",
      static_cast<double>(flood.started) / absl::ToDoubleSeconds(flood.time));
  rounds.Note(name + ", overload, answered", "calls/s", flood.PerSecond());
  rounds.Note(name + ", overload, answered, p50", "us",
              Percentile(flood.ok_us, 0.5));
  if (!flood.refused_us.empty()) {
    rounds.Note(name + ", refusal, p50", "us",
                Percentile(flood.refused_us, 0.5));
    rounds.Note(name + ", refusal, p99", "us",
                Percentile(flood.refused_us, 0.99));
    rounds.Note(name + ", refusals with a delay", "share",
                static_cast<double>(flood.refused_with_delay) /
                    static_cast<double>(flood.refused_us.size()));
  }
  rounds.Note(name + ", recovery", "s", absl::ToDoubleSeconds(recovery));
}

std::vector<Claim> ClaimsOf(const std::string& name) {
  return {
      {.path = name + ", 4 times overload: what gets done",
       .figure = name + ", overload, answered",
       .bound = name + ", peak",
       .at_least = 0.9},
      {.path = name + ", refused within (us), p99",
       .figure = name + ", refusal, p99",
       .at_most = 5000},
      {.path = name + ", refusals that say when to retry",
       .figure = name + ", refusals with a delay",
       .at_least = 1},
      {.path = name + ", as before within (s)",
       .figure = name + ", recovery",
       .at_most = 5},
  };
}

int Run(Rounds rounds) {
  const Folder folder(rounds.folder());
  const Requests requests = FillTown(rounds, folder.path() / "data");
  // All log in as one, and more of them at once than one may be wrong.
  const ServerProcess server(rounds, folder.path() / "data",
                             {"--login-throttle", "off"});
  // Over each connection the server takes 128 calls at a time: with a few,
  // calls would wait in the client and not where the server can refuse them.
  Load load(server.grpc(), 32);
  load.Closed(1, absl::ZeroDuration(), [&](std::int64_t) {
    return Request{&kCreateUser, &requests.create_user, nullptr};
  });
  const Pairs pairs(static_cast<int>(requests.authorizations.size()),
                    static_cast<int>(requests.like_photo.size()));
  std::int64_t likes = 0;
  const Aim like = [&](std::int64_t) {
    const auto [user, photo] = pairs.At(likes++);
    return Request{&kLikePhoto, &requests.like_photo[photo],
                   &requests.authorizations[user]};
  };
  const Aim login = [&](std::int64_t) {
    return Request{&kCreateSession, &requests.login, nullptr};
  };
  for (int round = 0; round < rounds.count(); ++round) {
    if (rounds.Wants("LikePhoto")) {
      Measure(rounds, "LikePhoto", load, 256, like);
    }
    if (rounds.Wants("CreateSession")) {
      Measure(rounds, "CreateSession", load, 32, login);
    }
  }
  std::vector<Claim> claims = ClaimsOf("LikePhoto");
  for (Claim& claim : ClaimsOf("CreateSession")) {
    claims.push_back(std::move(claim));
  }
  return rounds.Finish(claims);
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  return pinhole::bench::Run({"overload", argc, argv});
}
