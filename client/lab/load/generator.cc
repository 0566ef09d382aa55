// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/generator.h"

#include <ctime>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"

namespace pinhole::lab {
namespace {

// Calls to start before answers are handled again, so that neither delays the
// other.
constexpr int kStartsInARow = 32;

double ThreadCpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

struct Generator::User {
  Person newcomer;  // The person of a story.
  Person* person = &newcomer;
  std::size_t number = 0;    // Users with the same one share a connection.
  std::size_t position = 0;  // In the story.
};

Generator::Generator(const World& world, const Profile& profile,
                     Dialect dialect, Transport& transport,
                     const std::atomic<bool>& stop, std::uint64_t seed)
    : profile_(profile),
      transport_(transport),
      stop_(stop),
      requests_(world, dialect, profile.skewed, seed),
      random_(seed, "generator", 0),
      people_(world.people) {}

Generator::~Generator() = default;

Generator::User& Generator::NewUser() {
  if (!away_.empty()) {
    User& user = *away_.back();
    away_.pop_back();
    return user;
  }
  users_.push_back(std::make_unique<User>());
  User& user = *users_.back();
  user.number = next_++;
  return user;
}

// The user is used again for another newcomer.
void Generator::Leave(User& user) {
  user.position = 0;
  away_.push_back(&user);
}

absl::Duration Generator::Think() {
  return random_.Exponential() * plan_.think;
}

void Generator::Begin(const LoadPlan& plan) {
  plan_ = plan;
  tally_ = {};
  second_ = {};
  seconds_ = 0;
  mid_noted_ = false;
  over_ = false;
  next_ = 0;
  users_.clear();
  away_.clear();
  due_ = {};
  const absl::Time now = absl::Now();
  begin_ = now + plan.warmup;
  end_ = begin_ + plan.measure;
  next_arrival_ = absl::InfiniteFuture();
  if (plan.users == 0) {
    const double share =
        profile_.is_story() ? static_cast<double>(profile_.story.size()) : 1;
    timetable_ = std::make_unique<Timetable>(plan.arrivals, plan.rate / share,
                                             plan.seed);
    next_arrival_ = now + timetable_->Next();
  }
  // A mix at a rate acts as each person in turn.  The users of a closed loop
  // start one after the other during the first half of the warm-up.
  std::size_t users = static_cast<std::size_t>(plan.users);
  if (users == 0 && !profile_.is_story()) users = people_.size();
  for (std::size_t i = 0; i < users; ++i) {
    User& user = NewUser();
    if (!profile_.is_story()) user.person = &people_[i % people_.size()];
    if (plan.users > 0) {
      due_.push({now + plan.warmup / 2 * static_cast<double>(i) /
                           static_cast<double>(users),
                 &user});
    }
  }
}

bool Generator::Measured(absl::Time time) const {
  return time >= begin_ && time < end_;
}

void Generator::NoteDropped(Operation operation, absl::Time intended) {
  if (!Measured(intended)) return;
  ++tally_.dropped;
  ++second_.errors;
  ++tally_.operations[static_cast<std::size_t>(operation)].errors["DROPPED"];
}

void Generator::NoteOffered(absl::Time intended) {
  if (!Measured(intended)) return;
  tally_.offered += static_cast<std::int64_t>(
      std::max<std::size_t>(profile_.story.size(), 1));
}

void Generator::Drop(absl::Time intended) {
  if (profile_.is_story()) {
    for (const Operation operation : profile_.story) {
      NoteDropped(operation, intended);
    }
  } else {
    NoteDropped(profile_.Draw(random_), intended);
  }
}

// Counts the calls that were due but not started by the end, because the lab
// was too slow.
void Generator::NoteUnsent(absl::Time now) {
  while (next_arrival_ < std::min(now, end_)) {
    NoteOffered(next_arrival_);
    if (Measured(next_arrival_)) tally_.send_lag.Record(now - next_arrival_);
    Drop(next_arrival_);
    next_arrival_ = begin_ - plan_.warmup + timetable_->Next();
  }
}

void Generator::StartArrival(absl::Time intended) {
  NoteOffered(intended);
  if (in_flight_ >= plan_.max_in_flight) return Drop(intended);
  if (!profile_.is_story()) {
    StartNext(*users_[next_++ % users_.size()], intended);
  } else {
    StartNext(NewUser(), intended);
  }
}

void Generator::StartNext(User& user, absl::Time intended) {
  Call call{.operation = !profile_.is_story() ? profile_.Draw(random_)
                                              : profile_.story[user.position],
            .intended = intended,
            .sent = {}};
  if (profile_.is_story() && user.position == 0) {
    user.newcomer = requests_.Newcomer();
  }
  Request request = requests_.Write(call.operation, *user.person);
  call.sent = absl::Now();
  if (Measured(intended)) {
    tally_.offered += plan_.users > 0 ? 1 : 0;
    tally_.send_lag.Record(call.sent - intended);
  }
  ++in_flight_;
  // People in a story have a connection each; the calls of a mix at a rate take
  // the connections in turn.
  const bool own = plan_.users > 0 || profile_.is_story();
  const std::size_t connection = own ? user.number : next_;
  transport_.Start(connection, std::move(request), plan_.timeout,
                   [this, &user, call](Outcome outcome) {
                     Ended(user, call, std::move(outcome));
                   });
}

void Generator::Note(const Call& call, const Outcome& outcome, absl::Time now) {
  const absl::Duration response = now - call.intended;
  const bool late = outcome.ok() && response > plan_.timeout;
  const bool ok = outcome.ok() && !late;
  if (Measured(now)) {
    tally_.completed += ok ? 1 : 0;
    ++(ok ? second_.ok : second_.errors);
    if (ok) second_.response.Record(response);
  }
  if (!Measured(call.intended)) return;
  OperationTally& operation =
      tally_.operations[static_cast<std::size_t>(call.operation)];
  if (ok) {
    ++operation.ok;
    operation.response.Record(response);
    operation.service.Record(now - call.sent - outcome.waited);
  } else {
    ++operation.errors[late ? "LATE" : outcome.failure];
    tally_.late += late ? 1 : 0;
  }
}

void Generator::Ended(User& user, const Call& call, Outcome outcome) {
  --in_flight_;
  const absl::Time now = absl::Now();
  // The account exists, which is the purpose of the call.
  if (outcome.code == absl::StatusCode::kAlreadyExists) outcome = {};
  bool ok = outcome.ok();
  if (ok && profile_.is_story() &&
      !requests_.Read(call.operation, outcome, *user.person)) {
    ok = false;
    outcome.code = absl::StatusCode::kInternal;
    outcome.failure = "UNREADABLE ANSWER";
  }
  if (ok && call.operation == Operation::kRegister) ++tally_.registered;
  Note(call, outcome, now);
  if (!over_) Continue(user, call, ok, now);
}

void Generator::Continue(User& user, const Call& call, bool ok,
                         absl::Time now) {
  if (profile_.is_story()) {
    // The rest of the story needs an account and a session.
    const bool vital = call.operation == Operation::kRegister ||
                       call.operation == Operation::kLogin;
    if (++user.position == profile_.story.size() || (vital && !ok)) {
      user.position = 0;
      if (plan_.users == 0) return Leave(user);
    }
  } else if (plan_.users == 0) {
    return;
  }
  due_.push({now + Think(), &user});
}

void Generator::StartDue(absl::Time now) {
  for (int i = 0; i < kStartsInARow && !due_.empty() && due_.top().time <= now;
       ++i) {
    const Due due = due_.top();
    due_.pop();
    StartNext(*due.user, due.time);
  }
  for (int i = 0; i < kStartsInARow && next_arrival_ <= now; ++i) {
    const absl::Time intended = next_arrival_;
    next_arrival_ = begin_ - plan_.warmup + timetable_->Next();
    StartArrival(intended);
  }
}

bool Generator::IsHopeless(const SecondTally& second) const {
  if (!plan_.hopeless_beyond) return false;
  return Hopeless({.ended = second.ok + second.errors,
                   .failed = second.errors,
                   .in_flight = in_flight_,
                   .rate = plan_.rate},
                  *plan_.hopeless_beyond);
}

// Records the figures of the middle of the step and of the end of each second.
void Generator::NoteTime(absl::Time now) {
  if (now < begin_) return;
  if (cpu_at_begin_ < 0) cpu_at_begin_ = ThreadCpuSeconds();
  if (!mid_noted_ && now >= begin_ + plan_.measure / 2) {
    mid_noted_ = true;
    tally_.in_flight_mid = in_flight_;
  }
  const auto passed =
      static_cast<std::size_t>(absl::ToInt64Seconds(now - begin_));
  while (seconds_ < passed) {
    second_.in_flight = in_flight_;
    if (on_second_) on_second_(seconds_, second_);
    if (now < end_ && IsHopeless(second_)) {
      tally_.hopeless = true;
      end_ = now;
    }
    tally_.seconds.push_back(std::exchange(second_, {}));
    ++seconds_;
  }
}

Tally Generator::Run(const LoadPlan& plan, const OnSecond& on_second) {
  Begin(plan);
  on_second_ = on_second;
  cpu_at_begin_ = -1;
  absl::Time now = absl::Now();
  while (now < end_ && !stop_) {
    NoteTime(now);
    StartDue(now);
    absl::Time next =
        std::min({next_arrival_, end_, now + absl::Milliseconds(100)});
    if (!due_.empty()) next = std::min(next, due_.top().time);
    transport_.Poll(next);
    now = absl::Now();
  }
  if (stop_) tally_.interrupted = true;
  if (!stop_) NoteUnsent(now);
  NoteTime(std::min(now, end_));
  over_ = true;
  tally_.measured =
      std::max(std::min(now, end_) - begin_, absl::ZeroDuration());
  tally_.cpu_seconds =
      cpu_at_begin_ < 0 ? 0 : ThreadCpuSeconds() - cpu_at_begin_;
  tally_.busiest_cpu_seconds = tally_.cpu_seconds;
  tally_.in_flight_end = in_flight_;
  // Every call should end by its timeout; if not, it is cancelled.
  const absl::Time patience = now + plan.timeout + absl::Seconds(1);
  if (stop_) transport_.Cancel();
  while (in_flight_ > 0 && absl::Now() < patience) {
    transport_.Poll(patience);
  }
  if (in_flight_ > 0) transport_.Cancel();
  while (in_flight_ > 0) transport_.Poll(absl::Now() + absl::Seconds(1));
  return std::exchange(tally_, {});
}

}  // namespace pinhole::lab
