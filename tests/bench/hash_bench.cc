// SPDX-License-Identifier: Apache-2.0

// Registering and logging in over gRPC, beside the password hash alone on all
// cores, which is nearly all that they do.  And signing in while other programs
// keep all cores busy.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "pinhole/v1/user_service.pb.h"
#include "server/auth/token.h"
#include "tests/bench/folder.h"
#include "tests/bench/hashing.h"
#include "tests/bench/load.h"
#include "tests/bench/neighbours.h"
#include "tests/bench/process.h"
#include "tests/bench/rounds.h"

namespace pinhole::bench {
namespace {

constexpr int kInFlight = 16;

const std::string kCreateUser = "/pinhole.v1.UserService/CreateUser";
const std::string kCreateSession = "/pinhole.v1.UserService/CreateSession";

// Newcomers: every even request registers one, every odd one logs in somebody
// who has registered long enough before.
class Newcomers {
 public:
  explicit Newcomers(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string handle = fmt::format("newcomer{}", i);
      v1::CreateUserRequest user;
      user.set_handle(handle);
      user.set_password("correct horse battery");
      register_.push_back(Serialize(user));
      v1::CreateSessionRequest session;
      session.set_handle(handle);
      session.set_password("correct horse battery");
      login_.push_back(Serialize(session));
    }
  }

  Request Next() {
    const auto n = requests_++;
    const std::size_t pair = n / 2;
    if (n % 2 == 0) return {&kCreateUser, &register_.at(pair), nullptr};
    constexpr std::size_t kAgo = kInFlight;
    return {&kCreateSession, &login_.at(pair < kAgo ? 0 : pair - kAgo),
            nullptr};
  }

 private:
  std::size_t requests_ = 0;
  std::vector<grpc::ByteBuffer> register_;
  std::vector<grpc::ByteBuffer> login_;
};

// Signing in alone and beside busy programs, and what hashing without a server
// gets beside the same programs.
void MeasureNeighbours(Rounds& rounds, Load& load, int cores) {
  v1::CreateSessionRequest request;
  request.set_handle("newcomer0");
  request.set_password("correct horse battery");
  const grpc::ByteBuffer login = Serialize(request);
  const auto sign_in = [&] {
    const Hits hits = load.Closed(kInFlight, rounds.visit(), [&](auto) {
      return Request{&kCreateSession, &login, nullptr};
    });
    return hits.PerSecond();
  };
  rounds.Note("sign-in", "calls/s", sign_in());
  const Neighbours neighbours(2 * cores + 2);
  rounds.Note("sign-in next to busy neighbours", "calls/s", sign_in());
  rounds.Note("Argon2id alone next to busy neighbours", "hashes/s",
              HashesPerSecond(cores, rounds.visit()));
}

// Half of what `cores` threads get of all cores beside busy neighbours if all
// are treated alike.
double HalfOfTheFairShare(int cores) {
  return 0.5 * cores / (cores + 2 * cores + 2);
}

int Run(Rounds rounds) {
  const Folder folder(rounds.folder());
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const ServerProcess as_shipped(rounds, folder.path() / "shipped");
  const ServerProcess on_all_cores(rounds, folder.path() / "all",
                                   {fmt::format("--hash-threads={}", cores)});
  Load shipped_load(as_shipped.grpc());
  Load all_load(on_all_cores.grpc());
  Newcomers shipped_people(20'000);
  Newcomers all_people(20'000);
  // The first login needs somebody.
  shipped_load.Closed(1, absl::ZeroDuration(),
                      [&](auto) { return shipped_people.Next(); });
  all_load.Closed(1, absl::ZeroDuration(),
                  [&](auto) { return all_people.Next(); });

  for (int round = 0; round < rounds.count(); ++round) {
    rounds.Note("Argon2id alone, 1 thread", "hashes/s",
                HashesPerSecond(1, rounds.visit()));
    rounds.Note("Argon2id alone, all cores", "hashes/s",
                HashesPerSecond(cores, rounds.visit()));
    const auto measure = [&](const std::string& name, Load& load,
                             Newcomers& people) {
      const Hits hits = load.Closed(kInFlight, rounds.visit(),
                                    [&](auto) { return people.Next(); });
      rounds.Note(name, "calls/s", hits.PerSecond());
      rounds.Note(name + ", errors", "calls",
                  static_cast<double>(hits.all() - hits.ok));
    };
    measure("register + login", shipped_load, shipped_people);
    measure("register + login, hash threads on all cores", all_load,
            all_people);
    MeasureNeighbours(rounds, shipped_load, cores);
    constexpr int kTokens = 20'000;
    const std::string token = auth::NewToken();
    const absl::Time begin = absl::Now();
    for (int i = 0; i < kTokens; ++i) auth::HashToken(token);
    rounds.Note("token hash", "us",
                absl::ToDoubleMicroseconds(absl::Now() - begin) / kTokens);
  }
  return rounds.Finish({
      {.path = "register + login, as shipped",
       .figure = "register + login",
       .bound = "Argon2id alone, all cores",
       .at_least = 0.85},
      {.path = "register + login, --hash-threads of all cores",
       .figure = "register + login, hash threads on all cores",
       .bound = "Argon2id alone, all cores",
       .at_least = 0.85},
      {.path = "sign-in next to busy neighbours, of its rate without them",
       .figure = "sign-in next to busy neighbours",
       .bound = "sign-in",
       .at_least = HalfOfTheFairShare(cores)},
      {.path = "sign-in next to busy neighbours, of hashing alone there",
       .figure = "sign-in next to busy neighbours",
       .bound = "Argon2id alone next to busy neighbours",
       .at_least = 0.7},
  });
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  return pinhole::bench::Run({"hash", argc, argv});
}
