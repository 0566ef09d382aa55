// SPDX-License-Identifier: Apache-2.0

// Newcomers: each registers, logs in, follows two people, looks at the feed
// three times and likes two photos, then the next one comes.  Two of the nine
// operations are password hashes, so hashing bounds all of it.  And what it
// means for the others: GetFeed while everybody logs in without pause.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "pinhole/client.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "tests/bench/folder.h"
#include "tests/bench/hashing.h"
#include "tests/bench/load.h"
#include "tests/bench/process.h"
#include "tests/bench/rounds.h"
#include "tests/bench/town.h"

namespace pinhole::bench {
namespace {

constexpr char kPassword[] = "correct horse battery";
constexpr int kOperations = 9;
constexpr int kPeople = 50;

const std::string kGetFeed = "/pinhole.v1.SocialService/GetFeed";
const std::string kCreateSession = "/pinhole.v1.UserService/CreateSession";

struct Sessions {
  std::atomic<int> operations = 0;
  std::atomic<int> errors = 0;
  absl::Mutex mutex;
  absl::Status first_error ABSL_GUARDED_BY(mutex);

  // Whether the operation succeeded.
  bool Count(const absl::Status& status) {
    ++(status.ok() ? operations : errors);
    const absl::MutexLock lock(&mutex);
    first_error.Update(status);
    return status.ok();
  }
};

// One newcomer's nine operations.
void Newcomer(const std::string& target, int number, Sessions& sessions) {
  client::Options options;
  options.retry.max_attempts = 1;  // An error is to be seen.
  client::Client client(target, options);
  const std::string handle = fmt::format("newcomer{}", number);
  if (!sessions.Count(client.Register(handle, kPassword).status())) return;
  if (!sessions.Count(client.Login(handle, kPassword).status())) return;
  for (int i = 0; i < 2; ++i) {
    sessions.Count(
        client.Follow(fmt::format("person{}", (number + i) % kPeople))
            .status());
  }
  std::vector<v1::Photo> photos;
  for (int i = 0; i < 3; ++i) {
    auto feed = client.Feed(20);
    if (sessions.Count(feed.status())) photos = *std::move(feed);
  }
  for (std::size_t i = 0; i < 2 && i < photos.size(); ++i) {
    sessions.Count(client.Like(photos[i].name()).status());
  }
}

// `users` at once, for `time`; whoever has begun by then finishes.
double OperationsPerSecond(const std::string& target, int users,
                           absl::Duration time, std::atomic<int>& next,
                           Sessions& sessions) {
  const absl::Time begin = absl::Now();
  std::vector<std::thread> crowd;
  for (int i = 0; i < users; ++i) {
    crowd.emplace_back([&] {
      while (absl::Now() - begin < time) {
        Newcomer(target, next++, sessions);
      }
    });
  }
  for (std::thread& user : crowd) user.join();
  return sessions.operations / absl::ToDoubleSeconds(absl::Now() - begin);
}

// People who follow the photographers, and the requests that are sent.
struct Readers {
  std::vector<std::string> authorizations;
  grpc::ByteBuffer get_feed;
  grpc::ByteBuffer login;
};

Readers FillTown(const std::filesystem::path& folder) {
  const std::unique_ptr<SqliteStore> store = OpenStore(folder);
  const std::vector<UserId> people = AddPeople(*store, "person", kPeople);
  AddPhotos(*store, people, 1000);
  const std::vector<UserId> readers = AddPeople(*store, "reader", 16);
  for (const UserId reader : readers) Follow(*store, reader, people, kPeople);
  Readers made;
  for (const std::string& token : SignIn(*store, readers)) {
    made.authorizations.push_back("Bearer " + token);
  }
  v1::GetFeedRequest feed;
  feed.set_page_size(20);
  made.get_feed = Serialize(feed);
  v1::CreateSessionRequest login;
  login.set_handle("storm");
  login.set_password(kPassword);
  made.login = Serialize(login);
  return made;
}

// GetFeed, one after the other, alone and while 64 others log in.
void MeasureStorm(Rounds& rounds, const std::string& target,
                  const Readers& readers) {
  Load load(target, 1);
  const Aim feed = [&](std::int64_t n) {
    return Request{&kGetFeed, &readers.get_feed,
                   &readers.authorizations[static_cast<std::size_t>(n) %
                                           readers.authorizations.size()]};
  };
  const Hits idle = load.Closed(1, rounds.visit(), feed);
  Hits logins;
  std::thread storm([&] {
    Load others(target);
    logins = others.Closed(64, rounds.visit() * 1.5, [&](std::int64_t) {
      return Request{&kCreateSession, &readers.login, nullptr};
    });
  });
  absl::SleepFor(rounds.visit() / 4);  // Until all 64 are under way.
  const Hits busy = load.Closed(1, rounds.visit(), feed);
  storm.join();
  rounds.Note("GetFeed, idle, p50", "us", Percentile(idle.ok_us, 0.5));
  rounds.Note("GetFeed, idle, p99", "us", Percentile(idle.ok_us, 0.99));
  rounds.Note("GetFeed, 64 log in, p50", "us", Percentile(busy.ok_us, 0.5));
  rounds.Note("GetFeed, 64 log in, p99", "us", Percentile(busy.ok_us, 0.99));
  rounds.Note("logins meanwhile", "logins/s", logins.PerSecond());
  rounds.Note("logins meanwhile, errors", "calls",
              static_cast<double>(logins.all() - logins.ok));
}

int Run(Rounds rounds) {
  const Folder folder(rounds.folder());
  const Readers readers = FillTown(folder.path() / "data");
  const ServerProcess server(rounds, folder.path() / "data");
  if (!client::Client(server.grpc()).Register("storm", kPassword).ok()) {
    std::abort();
  }
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  std::atomic<int> next = 0;
  std::vector<Claim> claims;
  for (int round = 0; round < rounds.count(); ++round) {
    for (const int users : {20, 50, 100}) {
      // The bound before each, since it moves most.
      const std::string bound =
          fmt::format("hashing alone allows, before {} users", users);
      rounds.Note(bound, "operations/s",
                  HashesPerSecond(cores, rounds.visit()) / 2 * kOperations);
      const std::string name = fmt::format("newcomers, {} at once", users);
      Sessions sessions;
      rounds.Note(name, "operations/s",
                  OperationsPerSecond(server.grpc(), users, 3 * rounds.visit(),
                                      next, sessions));
      rounds.Note(name + ", errors", "operations", sessions.errors);
      if (sessions.errors > 0) {
        const absl::MutexLock lock(&sessions.mutex);
        rounds.Remark(sessions.first_error.ToString());
      }
      if (round > 0) continue;
      claims.push_back(
          {.path = name, .figure = name, .bound = bound, .at_least = 0.8});
      claims.push_back({.path = name + ", errors",
                        .figure = name + ", errors",
                        .at_most = 0});
    }
    MeasureStorm(rounds, server.grpc(), readers);
  }
  claims.push_back({.path = "p99 of GetFeed while 64 log in",
                    .figure = "GetFeed, 64 log in, p99",
                    .bound = "GetFeed, idle, p99",
                    .at_most = 3});
  return rounds.Finish(claims);
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  return pinhole::bench::Run({"session", argc, argv});
}
