// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <time.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "server/store/store.h"
#include "tests/bench/rounds.h"
#include "tests/bench/town.h"

namespace pinhole::bench {

// Who may like what.
struct Likers {
  std::vector<UserId> people;
  std::vector<PhotoId> photos;

  LikePhoto At(std::int64_t n) const {
    const auto [user, photo] =
        Pairs(static_cast<int>(people.size()), static_cast<int>(photos.size()))
            .At(n);
    return {people[user], photos[photo]};
  }
  // Likes every photo, then takes every like back, and so on.
  Command CommandAt(std::int64_t n) const {
    const LikePhoto like = At(n);
    const auto all = static_cast<std::int64_t>(people.size() * photos.size());
    if (n / all % 2 == 0) return like;
    return UnlikePhoto{like.actor, like.photo};
  }
};

// Callers that live on one thread, as the server's coroutines live on its loop:
// each sends a like, and the next when it has been told that it is durable.
// `Target` has the method Submit of Store.
template <typename Target>
class LikeCallers {
 public:
  LikeCallers(Target& store, const Likers& likers, std::int64_t& n)
      : store_(store), likers_(likers), n_(n) {}

  // How many likes became durable in `time`.
  std::int64_t Like(int callers, absl::Duration time) {
    const absl::Time begin = absl::Now();
    for (int i = 0; i < callers; ++i) Send();
    int waiting = callers;
    std::int64_t done = 0;
    while (waiting > 0) {
      const int answered = WaitForAnswers();
      done += answered;
      const bool over = absl::Now() - begin >= time;
      for (int i = 0; i < answered; ++i) {
        if (over) {
          --waiting;
        } else {
          Send();
        }
      }
    }
    return done;
  }

 private:
  void Send() {
    store_.Submit(likers_.CommandAt(n_++), {},
                  [this](const absl::StatusOr<CommandResult>& result) {
                    if (!result.ok()) std::abort();
                    const absl::MutexLock lock(&mutex_);
                    ++answered_;
                  });
  }

  int WaitForAnswers() {
    const auto some = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return answered_ > 0;
    };
    const absl::MutexLock lock(&mutex_, absl::Condition(&some));
    return std::exchange(answered_, 0);
  }

  Target& store_;
  const Likers& likers_;
  std::int64_t& n_;
  absl::Mutex mutex_;
  int answered_ ABSL_GUARDED_BY(mutex_) = 0;
};

inline absl::Duration CpuTime() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

// Notes what `like` achieves, and what it costs: the disk is noisier than the
// processor.
inline void Measure(Rounds& rounds, const std::string& name,
                    const std::function<std::int64_t()>& like) {
  const absl::Time begin = absl::Now();
  const absl::Duration cpu = CpuTime();
  const auto likes = static_cast<double>(like());
  rounds.Note(name, "likes/s",
              likes / absl::ToDoubleSeconds(absl::Now() - begin));
  rounds.Note(name + ", CPU", "us/like",
              absl::ToDoubleMicroseconds(CpuTime() - cpu) / likes);
}

}  // namespace pinhole::bench
