// SPDX-License-Identifier: Apache-2.0

// Calls over gRPC to the real server, beside a bare echo (echo_server.cc): 64
// at a time over four connections, each with token and deadline, on loopback.

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "fmt/format.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "tests/bench/folder.h"
#include "tests/bench/load.h"
#include "tests/bench/process.h"
#include "tests/bench/rounds.h"
#include "tests/bench/town.h"

namespace pinhole::bench {
namespace {

constexpr int kInFlight = 64;
constexpr int kFollowed = 200;

const std::string kGetPhoto = "/pinhole.v1.PhotoService/GetPhoto";
const std::string kGetUser = "/pinhole.v1.UserService/GetUser";
const std::string kGetFeed = "/pinhole.v1.SocialService/GetFeed";
const std::string kLikePhoto = "/pinhole.v1.SocialService/LikePhoto";

// All requests that will be sent, made beforehand.
struct Requests {
  std::vector<std::string> authorizations;
  std::vector<grpc::ByteBuffer> get_photo;
  std::vector<grpc::ByteBuffer> like_photo;
  std::vector<grpc::ByteBuffer> get_user;
  grpc::ByteBuffer get_feed;
  grpc::ByteBuffer echo;

  // Everybody in turn.
  const std::string* Who(std::int64_t n) const {
    return &authorizations[static_cast<std::size_t>(n) % authorizations.size()];
  }
};

template <typename Request>
grpc::ByteBuffer Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return Serialize(request);
}

// 64 signed-in people who follow 200 others each.
Requests FillTown(const Rounds& rounds, const std::filesystem::path& folder) {
  const std::unique_ptr<SqliteStore> store = OpenStore(folder);
  const std::vector<UserId> people =
      AddPeople(*store, "person", rounds.Sized(1000, kFollowed + 10));
  const std::vector<PhotoId> photos =
      AddPhotos(*store, people, rounds.Sized(20'000, 2000));
  const std::vector<UserId> viewers = AddPeople(*store, "viewer", kInFlight);
  for (const UserId viewer : viewers) {
    Follow(*store, viewer, people, kFollowed);
  }
  Requests requests;
  for (const std::string& token : SignIn(*store, viewers)) {
    requests.authorizations.push_back("Bearer " + token);
  }
  for (const PhotoId photo : photos) {
    const std::string name = fmt::format("photos/{}", photo.value);
    requests.get_photo.push_back(Named<v1::GetPhotoRequest>(name));
    requests.like_photo.push_back(Named<v1::LikePhotoRequest>(name));
  }
  for (std::size_t i = 0; i < people.size(); ++i) {
    requests.get_user.push_back(
        Named<v1::GetUserRequest>(fmt::format("users/person{}", i)));
  }
  v1::GetFeedRequest feed;
  feed.set_page_size(20);
  requests.get_feed = Serialize(feed);
  // 101 bytes, two of them before the text.
  requests.echo = Named<v1::GetPhotoRequest>(std::string(99, '-'));
  return requests;
}

// One way to load a server.
struct Variant {
  std::string name;
  Load& load;
  const Process& process;
  Aim aim;
};

// A server with the calls to be measured on it.  `suffix` goes to their names.
class Target {
 public:
  Target(const Rounds& rounds, const std::filesystem::path& program,
         const std::filesystem::path& data_dir, const Requests& requests,
         std::string suffix)
      : requests_(requests),
        pairs_(static_cast<int>(requests.authorizations.size()),
               static_cast<int>(requests.like_photo.size())),
        suffix_(std::move(suffix)),
        server_(rounds, program, data_dir, {}),
        load_(server_.grpc()) {
    Add("GetPhoto", [this](std::int64_t n) {
      return Request{&kGetPhoto, Any(requests_.get_photo, n), requests_.Who(n)};
    });
    Add("GetUser", [this](std::int64_t n) {
      return Request{&kGetUser, Any(requests_.get_user, n), requests_.Who(n)};
    });
    Add("GetFeed", [this](std::int64_t n) {
      return Request{&kGetFeed, &requests_.get_feed, requests_.Who(n)};
    });
    Add("LikePhoto", [this](std::int64_t) {
      const auto [user, photo] = pairs_.At(likes_++);
      return Request{&kLikePhoto, &requests_.like_photo[photo],
                     &requests_.authorizations[user]};
    });
  }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  const std::vector<Variant>& variants() const { return variants_; }

  // What the server itself says of a feed, when it has nothing else to do.
  void MeasureFeedAlone(Rounds& rounds) {
    const Handled before = ReadHandled(server_.metrics(), "GetFeed");
    const Hits alone = load_.Closed(1, rounds.visit() / 2, variants_[2].aim);
    const Handled after = ReadHandled(server_.metrics(), "GetFeed");
    rounds.Note("GetFeed, 1 in flight, p50" + suffix_, "us",
                Percentile(alone.ok_us, 0.5));
    rounds.Note(
        "GetFeed, 1 in flight, in the server, mean" + suffix_, "us",
        (after.seconds - before.seconds) / (after.calls - before.calls) * 1e6);
  }

 private:
  void Add(const std::string& name, Aim aim) {
    variants_.push_back({name + suffix_, load_, server_, std::move(aim)});
  }
  // Neighbours in time ask for different things.
  static const grpc::ByteBuffer* Any(const std::vector<grpc::ByteBuffer>& all,
                                     std::int64_t n) {
    return &all[static_cast<std::size_t>(n) * 7919 % all.size()];
  }

  const Requests& requests_;
  const Pairs pairs_;
  std::int64_t likes_ = 0;
  const std::string suffix_;
  ServerProcess server_;
  Load load_;
  std::vector<Variant> variants_;
};

// Notes rate, latency and the server's CPU time a call.
void Measure(Rounds& rounds, const Variant& variant) {
  variant.load.Closed(kInFlight, rounds.visit() / 4, variant.aim);
  const absl::Duration before = variant.process.CpuTime();
  const Hits hits = variant.load.Closed(kInFlight, rounds.visit(), variant.aim);
  const absl::Duration cpu = variant.process.CpuTime() - before;
  rounds.Note(variant.name, "calls/s", hits.PerSecond());
  rounds.Note(variant.name + ", p50", "us", Percentile(hits.ok_us, 0.5));
  rounds.Note(variant.name + ", p99", "us", Percentile(hits.ok_us, 0.99));
  rounds.Note(
      variant.name + ", server CPU", "us/call",
      absl::ToDoubleMicroseconds(cpu) / static_cast<double>(hits.all()));
  rounds.Note(variant.name + ", errors", "calls",
              static_cast<double>(hits.all() - hits.ok));
}

int Run(Rounds rounds, const std::filesystem::path& echo_path) {
  const Folder folder(rounds.folder());
  const Requests requests = FillTown(rounds, folder.path() / "data");
  std::vector<std::unique_ptr<Target>> targets;
  if (!rounds.baseline().empty()) {
    std::filesystem::copy(folder.path() / "data", folder.path() / "baseline");
    targets.push_back(std::make_unique<Target>(rounds, rounds.baseline(),
                                               folder.path() / "baseline",
                                               requests, " (baseline)"));
  }
  targets.push_back(std::make_unique<Target>(
      rounds, rounds.server(), folder.path() / "data", requests, ""));
  const Process echo({echo_path}, folder.path() / "echo.log");
  Load echo_load(echo.After("gRPC listening on "));
  const Variant bare = {
      "echo", echo_load, echo, [&](std::int64_t n) {
        return Request{&kGetPhoto, &requests.echo, requests.Who(n)};
      }};
  for (int round = 0; round < rounds.count(); ++round) {
    Measure(rounds, bare);
    for (std::size_t i = 0; i < targets[0]->variants().size(); ++i) {
      for (const auto& target : targets) {
        const Variant& variant = target->variants()[i];
        if (rounds.Wants(variant.name)) Measure(rounds, variant);
      }
    }
    for (const auto& target : targets) {
      if (rounds.Wants("GetFeed")) target->MeasureFeedAlone(rounds);
    }
    const Hits alone = echo_load.Closed(1, rounds.visit() / 4, bare.aim);
    rounds.Note("echo, 1 in flight, p50", "us", Percentile(alone.ok_us, 0.5));
  }
  for (const char* name : {"GetPhoto", "GetUser"}) {
    // As a difference, so noted round by round.
    rounds.NoteDifference(fmt::format("{}, server CPU over the echo's", name),
                          fmt::format("{}, server CPU", name),
                          "echo, server CPU");
  }
  return rounds.Finish({
      {.path = "GetPhoto, 64 in flight",
       .figure = "GetPhoto",
       .bound = "echo",
       .at_least = 0.75},
      {.path = "GetPhoto, server CPU over the echo's (us)",
       .figure = "GetPhoto, server CPU over the echo's",
       .at_most = 15},
      {.path = "GetUser, 64 in flight",
       .figure = "GetUser",
       .bound = "echo",
       .at_least = 0.75},
      {.path = "GetUser, server CPU over the echo's (us)",
       .figure = "GetUser, server CPU over the echo's",
       .at_most = 15},
      {.path = "GetFeed of 20, 200 followed, 64 in flight",
       .figure = "GetFeed",
       .bound = "echo",
       .at_least = 0.2},
      {.path = "GetFeed, in the server alone, mean (us)",
       .figure = "GetFeed, 1 in flight, in the server, mean",
       .at_most = 60},
      {.path = "GetPhoto, 64 in flight, over the baseline",
       .figure = "GetPhoto",
       .bound = "GetPhoto (baseline)",
       .at_least = 1},
      {.path = "GetUser, 64 in flight, over the baseline",
       .figure = "GetUser",
       .bound = "GetUser (baseline)",
       .at_least = 1},
      {.path = "GetFeed, 64 in flight, over the baseline",
       .figure = "GetFeed",
       .bound = "GetFeed (baseline)",
       .at_least = 1},
      {.path = "LikePhoto, 64 in flight, over the baseline",
       .figure = "LikePhoto",
       .bound = "LikePhoto (baseline)",
       .at_least = 1},
      {.path = "LikePhoto, 64 in flight, synced",
       .figure = "LikePhoto",
       .bound = "echo",
       .at_least = 0.25},
  });
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  const auto bin = std::filesystem::path(argv[0]).parent_path();
  return pinhole::bench::Run({"rpc", argc, argv}, bin / "echo_server");
}
