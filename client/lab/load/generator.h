// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <vector>

#include "absl/time/time.h"
#include "client/lab/core/mix.h"
#include "client/lab/core/timetable.h"
#include "client/lab/core/verdict.h"
#include "client/lab/load/request_factory.h"
#include "client/lab/load/tally.h"
#include "client/lab/load/transport.h"
#include "client/lab/load/world.h"

namespace pinhole::lab {

// One step of load.
struct LoadPlan {
  // Closed loop: the number of users, each with one call at a time.  0 means an
  // open loop.
  int users = 0;
  // Open loop: operations a second, whatever becomes of earlier ones.  A story
  // of n operations begins `rate`/n times a second.
  double rate = 0;
  Arrivals arrivals = Arrivals::kPoisson;
  absl::Duration think;   // Mean of the exponential pause of a user.
  absl::Duration warmup;  // Not counted.
  absl::Duration measure;
  absl::Duration timeout;    // Of a call.
  int max_in_flight = 4096;  // Open loop: more are dropped.
  // Ends the step after the first second that is hopeless at this service
  // level.
  std::optional<Slo> hopeless_beyond = {};
  std::uint64_t seed = 1;
};

// Makes the load of one thread: starts calls by the timetable and counts their
// results.  Not thread-safe.
class Generator {
 public:
  // Called at the end of each second, with its number.
  using OnSecond = std::function<void(std::size_t, const SecondTally&)>;

  // The arguments must outlive this object; `stop` ends a step early.
  Generator(const World& world, const Profile& profile, Dialect dialect,
            Transport& transport, const std::atomic<bool>& stop,
            std::uint64_t seed);
  ~Generator();

  // Blocks until all calls of the step are over.
  Tally Run(const LoadPlan& plan, const OnSecond& on_second);

 private:
  struct User;
  struct Call {
    Operation operation;
    absl::Time intended;
    absl::Time sent;
  };
  struct Due {
    absl::Time time;
    User* user;
    bool operator>(const Due& other) const { return time > other.time; }
  };

  void Begin(const LoadPlan& plan);
  void StartDue(absl::Time now);
  void StartArrival(absl::Time intended);
  void NoteOffered(absl::Time intended);
  void Drop(absl::Time intended);
  void NoteUnsent(absl::Time now);
  void StartNext(User& user, absl::Time intended);
  void Ended(User& user, const Call& call, Outcome outcome);
  void Continue(User& user, const Call& call, bool ok, absl::Time now);
  void Note(const Call& call, const Outcome& outcome, absl::Time now);
  void NoteDropped(Operation operation, absl::Time intended);
  void NoteTime(absl::Time now);
  bool IsHopeless(const SecondTally& second) const;
  bool Measured(absl::Time time) const;
  User& NewUser();
  void Leave(User& user);
  absl::Duration Think();

  const Profile& profile_;
  Transport& transport_;
  const std::atomic<bool>& stop_;
  RequestFactory requests_;
  Random random_;
  // The users of a mix; their state is kept between steps.
  std::vector<Person> people_;

  // The state of the current step.
  LoadPlan plan_;
  absl::Time begin_;  // Beginning of the measured time.
  absl::Time end_;
  Tally tally_;
  SecondTally second_;
  std::size_t seconds_ = 0;
  OnSecond on_second_;
  std::int64_t in_flight_ = 0;
  double cpu_at_begin_ = 0;
  bool mid_noted_ = false;
  bool over_ = false;
  std::size_t next_ = 0;
  std::unique_ptr<Timetable> timetable_;
  absl::Time next_arrival_;
  std::vector<std::unique_ptr<User>> users_;
  std::vector<User*> away_;  // Members of `users_` without a call; open loop.
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace pinhole::lab
