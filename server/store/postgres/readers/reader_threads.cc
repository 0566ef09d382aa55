// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/readers/reader_threads.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "server/store/postgres/db/backoff.h"
#include "server/store/postgres/db/postgres_error.h"
#include "server/store/postgres/reads/fixed_plans.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

absl::Status TooManyReads() {
  return WithRetryDelay(
      MakeError(Reason::kOverloaded, "the server is overloaded; retry later"),
      absl::Seconds(1));
}

}  // namespace

ReaderThreads::ReaderThreads(Options options) : options_(std::move(options)) {
  threads_.reserve(static_cast<std::size_t>(options_.threads));
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { Run(); });
    pthread_setname_np(threads_.back().native_handle(), "store-reader");
  }
}

ReaderThreads::~ReaderThreads() { Stop(); }

void ReaderThreads::Start() {
  const absl::MutexLock lock(&mutex_);
  started_ = true;
  WakeAll();
}

void ReaderThreads::Submit(Read read, Done done) {
  absl::Status refused;
  {
    const absl::MutexLock lock(&mutex_);
    if (stopped_) {
      refused = store::StoreClosed();
    } else if (jobs_.size() >= options_.max_waiting) {
      ++stats_.rejections;
      refused = TooManyReads();
    } else {
      CallTiming* const timing = CallTiming::Current();
      if (timing != nullptr) timing->Enter(CallPhase::kQuery);
      jobs_.push_back({std::move(read), std::move(done), SteadyClock::now(),
                       timing, false});
      WakeOne();
      return;
    }
  }
  done(std::move(refused));
}

void ReaderThreads::Stop() {
  {
    const absl::MutexLock lock(&mutex_);
    stopped_ = true;
    WakeAll();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  std::deque<Job> left;  // No thread had a connection for them.
  {
    const absl::MutexLock lock(&mutex_);
    left.swap(jobs_);
  }
  for (Job& job : left) job.done(store::StoreClosed());
}

ReaderThreads::Stats ReaderThreads::stats() const {
  const absl::MutexLock lock(&mutex_);
  Stats stats = stats_;
  stats.threads = options_.threads;
  stats.waiting = static_cast<std::int64_t>(jobs_.size());
  stats.waits = waits_.Read();
  return stats;
}

void ReaderThreads::Run() {
  Session session;
  Backoff backoff;
  while (AwaitJob()) {
    // Before it takes a read: otherwise a thread that cannot connect, for
    // example because PostgreSQL has no connection left, would keep a read from
    // the threads that have one.
    if (!Prepare(session).ok()) {
      session = Session();
      LeaveToOthers();
      if (!Wait(backoff.Next())) return;
      continue;
    }
    backoff = Backoff();
    Job job;
    if (Take(job)) RunJob(std::move(job), session);
  }
}

void ReaderThreads::LeaveToOthers() {
  const auto now = SteadyClock::now();
  std::vector<Job> overdue;
  {
    const absl::MutexLock lock(&mutex_);
    while (!jobs_.empty() && IsOverdue(jobs_.front(), now)) {
      overdue.push_back(std::move(jobs_.front()));
      jobs_.pop_front();
      ++stats_.reads;
    }
    if (!jobs_.empty()) WakeOne();
  }
  for (Job& job : overdue) job.done(store::DatabaseUnavailable());
}

void ReaderThreads::WakeOne() {
  if (idle_.empty()) return;
  idle_.back()->Signal();
  idle_.pop_back();
}

void ReaderThreads::WakeAll() {
  for (absl::CondVar* const thread : idle_) thread->Signal();
  idle_.clear();
}

bool ReaderThreads::AwaitJob() {
  absl::CondVar wake;
  const absl::MutexLock lock(&mutex_);
  while (!stopped_ && (!started_ || jobs_.empty())) {
    idle_.push_back(&wake);
    wake.Wait(&mutex_);
    std::erase(idle_, &wake);  // Nobody needs to have woken it.
  }
  return !jobs_.empty();
}

bool ReaderThreads::Take(Job& job) {
  const absl::MutexLock lock(&mutex_);
  if (jobs_.empty()) return false;  // Another thread was faster.
  job = std::move(jobs_.front());
  jobs_.pop_front();
  ++stats_.busy;
  return true;
}

bool ReaderThreads::IsOverdue(const Job& job,
                              SteadyClock::time_point now) const {
  return absl::FromChrono(now - job.submitted) >= options_.patience;
}

absl::Status ReaderThreads::Prepare(Session& session) {
  if (session.connection == nullptr) {
    if (stopped()) return store::StoreClosed();
    RETURN_IF_ERROR(Open(session));
  }
  if (options_.node == nullptr) return absl::OkStatus();
  return session.connection->SetNode(*options_.node);
}

void ReaderThreads::RunJob(Job job, Session& session) {
  const auto start = SteadyClock::now();
  if (!job.repeated) waits_.Observe(start - job.submitted);
  absl::Status status;
  {
    const ScopedCallTiming call(job.timing);
    status = job.read(*session.reader);
  }
  const auto end = SteadyClock::now();
  const std::int64_t queries = session.connection->TakeQueries();
  // `read` can have replaced the error of a lost connection.
  const bool lost =
      !status.ok() && (session.connection->lost() || IsConnectionLost(status));
  if (lost) session = Session();
  {
    const absl::MutexLock lock(&mutex_);
    --stats_.busy;
    stats_.queries += queries;
    stats_.seconds += std::chrono::duration<double>(end - start).count();
    if (lost && !IsOverdue(job, end) && !stopped_) {
      ++stats_.repeats;
      job.repeated = true;
      jobs_.push_front(std::move(job));
      WakeOne();
      return;
    }
    ++stats_.reads;
    if (lost) {
      status = stopped_ ? store::StoreClosed() : store::DatabaseUnavailable();
    }
  }
  job.done(std::move(status));
}

absl::Status ReaderThreads::Open(Session& session) {
  ASSIGN_OR_RETURN(
      std::unique_ptr<Connection> connection,
      Connection::Open({.uri = options_.uri,
                        .kind = ConnectionKind::kReader,
                        .application_name = options_.application_name}));
  RETURN_IF_ERROR(FixPlans(*connection));
  session.reader =
      std::make_unique<PostgresReader>(*connection, *options_.clock);
  session.connection = std::move(connection);
  return absl::OkStatus();
}

bool ReaderThreads::stopped() const {
  const absl::MutexLock lock(&mutex_);
  return stopped_;
}

bool ReaderThreads::Wait(absl::Duration time) {
  const absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopped_), time);
  return !stopped_;
}

}  // namespace pinhole::postgres
