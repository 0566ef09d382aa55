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
};

template <typename Request>
grpc::ByteBuffer Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return Serialize(request);
}

// 64 signed-in people who follow 200 others each.
Requests FillTown(const Rounds& rounds, const std::filesystem::path& folder) {
  const std::unique_ptr<Store> store = OpenStore(folder);
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
  const Process echo({echo_path}, folder.path() / "echo.log");
  const ServerProcess server(rounds, folder.path() / "data");
  Load echo_load(echo.After("gRPC listening on "));
  Load load(server.grpc());

  const auto who = [&](std::int64_t n) {
    return &requests.authorizations[static_cast<std::size_t>(n) %
                                    requests.authorizations.size()];
  };
  // Neighbours in time ask for different things.
  const auto any = [](const std::vector<grpc::ByteBuffer>& all,
                      std::int64_t n) {
    return &all[static_cast<std::size_t>(n) * 7919 % all.size()];
  };
  const Pairs pairs(static_cast<int>(requests.authorizations.size()),
                    static_cast<int>(requests.like_photo.size()));
  std::int64_t likes = 0;
  const std::vector<Variant> variants = {
      {"echo", echo_load, echo,
       [&](std::int64_t n) {
         return Shot{&kGetPhoto, &requests.echo, who(n)};
       }},
      {"GetPhoto", load, server,
       [&](std::int64_t n) {
         return Shot{&kGetPhoto, any(requests.get_photo, n), who(n)};
       }},
      {"GetUser", load, server,
       [&](std::int64_t n) {
         return Shot{&kGetUser, any(requests.get_user, n), who(n)};
       }},
      {"GetFeed", load, server,
       [&](std::int64_t n) {
         return Shot{&kGetFeed, &requests.get_feed, who(n)};
       }},
      {"LikePhoto", load, server,
       [&](std::int64_t) {
         const auto [user, photo] = pairs.At(likes++);
         return Shot{&kLikePhoto, &requests.like_photo[photo],
                     &requests.authorizations[user]};
       }},
  };
  for (int round = 0; round < rounds.count(); ++round) {
    for (const Variant& variant : variants) {
      if (&variant.load == &echo_load || rounds.Wants(variant.name)) {
        Measure(rounds, variant);
      }
    }
    if (!rounds.Wants("GetFeed")) continue;
    // What the server itself says of a feed, when it has nothing else to do.
    const Handled before = ReadHandled(server.metrics(), "GetFeed");
    const Hits alone = load.Closed(1, rounds.visit() / 2, variants[3].aim);
    const Handled after = ReadHandled(server.metrics(), "GetFeed");
    rounds.Note("GetFeed, 1 in flight, p50", "us",
                Percentile(alone.ok_us, 0.5));
    rounds.Note(
        "GetFeed, 1 in flight, in the server, mean", "us",
        (after.seconds - before.seconds) / (after.calls - before.calls) * 1e6);
    const std::vector<double> echo_alone =
        echo_load.Closed(1, rounds.visit() / 4, variants[0].aim).ok_us;
    rounds.Note("echo, 1 in flight, p50", "us", Percentile(echo_alone, 0.5));
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
