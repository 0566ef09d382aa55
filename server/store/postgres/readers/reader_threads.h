// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/call_timing.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/reads/postgres_reader.h"

namespace pinhole::postgres {

// Threads that run reads in the order of submission, each on a connection of
// its own.  A thread without a connection leaves reads to the others.  A read
// that loses its connection is repeated on another one, so that a restart or
// failover of PostgreSQL delays reads and does not fail them.
// Thread-safe.
class ReaderThreads {
 public:
  struct Options {
    std::string uri;
    std::string application_name = "pinhole";
    // The node for the names of connections, or -1 if it is not known yet.  May
    // be null; otherwise it must outlive this object.
    const std::atomic<int>* node = nullptr;
    const Clock* clock = nullptr;  // Must outlive the threads.
    int threads = 8;
    std::size_t max_waiting = 1024;  // More reads are refused.
    // How long after its submission a read is repeated.
    absl::Duration patience = absl::Seconds(30);
  };

  // The work of the threads since they were started.
  struct Stats {
    std::int64_t threads = 0;
    std::int64_t busy = 0;        // Threads that run a read.
    std::int64_t waiting = 0;     // Reads that wait for a thread.
    std::int64_t reads = 0;       // Reads answered.
    std::int64_t rejections = 0;  // Reads refused: too many were waiting.
    std::int64_t repeats = 0;     // Repetitions after a lost connection.
    std::int64_t queries = 0;     // Statements.
    HistogramCounts waits;        // Seconds reads waited for a thread.
    double seconds = 0;           // Time in which threads ran reads.
  };

  // Can be called again after it has returned the error of a lost connection
  // (db/postgres_error.h).
  using Read = absl::AnyInvocable<absl::Status(const PostgresReader&)>;
  using Done = absl::AnyInvocable<void(absl::Status)>;

  // No read is run before `Start`.
  explicit ReaderThreads(Options options);
  ~ReaderThreads();

  ReaderThreads(const ReaderThreads&) = delete;
  ReaderThreads& operator=(const ReaderThreads&) = delete;

  // The tables are up to date: reads can be run.
  void Start();

  // Queues `read`.  `done` is called exactly once, on any thread, possibly
  // within this call, with the last status of `read` or with one of these
  // errors: RESOURCE_EXHAUSTED with a retry delay (too many reads are waiting);
  // UNAVAILABLE (stopped, or the database was not reachable for as long as the
  // patience).
  void Submit(Read read, Done done);

  // Finishes the waiting reads, as far as they need no new connection, and
  // refuses later ones.
  void Stop();

  Stats stats() const;

 private:
  using SteadyClock = std::chrono::steady_clock;

  struct Job {
    Read read;
    Done done;
    SteadyClock::time_point submitted;
    CallTiming* timing;  // Of the call that waits; null if none does.
    bool repeated;       // After a lost connection.
  };

  // A connection with its reader.
  struct Session {
    std::unique_ptr<Connection> connection;
    std::unique_ptr<PostgresReader> reader;
  };

  void Run();
  void WakeAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeOne() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits until there is a job; false if there will be none.
  bool AwaitJob();
  // Takes the first job, if there is one.
  bool Take(Job& job);
  // Whether the job has waited for as long as the patience.
  bool IsOverdue(const Job& job, SteadyClock::time_point now) const;
  // Connects unless there is a connection.
  absl::Status Prepare(Session& session);
  // Wakes another thread for the next job, and refuses those that have waited
  // for longer than the patience.
  void LeaveToOthers();
  // Runs the job, or puts it back if the connection is lost.
  void RunJob(Job job, Session& session);
  absl::Status Open(Session& session);
  bool stopped() const;
  // Waits before the next attempt; false if stopped.
  bool Wait(absl::Duration time);

  const Options options_;
  Histogram waits_{kDatabaseSeconds};

  mutable absl::Mutex mutex_;
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  // Threads without a job.  The last one is woken first: what it reads with,
  // and the process of PostgreSQL behind that, are the likeliest to be in the
  // caches of the processors.
  std::vector<absl::CondVar*> idle_ ABSL_GUARDED_BY(mutex_);
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  Stats stats_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;  // Last: they use the other members.
};

}  // namespace pinhole::postgres
