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
      jobs_.push_back(
          {std::move(read), std::move(done), SteadyClock::now(), timing});
      if (!idle_.empty()) {
        idle_.back()->Signal();
        idle_.pop_back();
      }
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
  Job job;
  while (Take(job)) {
    const auto start = SteadyClock::now();
    waits_.Observe(start - job.submitted);
    absl::Status status;
    {
      const ScopedCallTiming call(job.timing);
      status = RunJob(job, session);
    }
    const std::int64_t queries =
        session.connection == nullptr ? 0 : session.connection->TakeQueries();
    {
      const absl::MutexLock lock(&mutex_);
      --stats_.busy;
      ++stats_.reads;
      stats_.queries += queries;
      stats_.seconds +=
          std::chrono::duration<double>(SteadyClock::now() - start).count();
    }
    job.done(std::move(status));
    job = Job();  // Frees what the read refers to.
  }
}

void ReaderThreads::WakeAll() {
  for (absl::CondVar* const thread : idle_) thread->Signal();
  idle_.clear();
}

bool ReaderThreads::Take(Job& job) {
  absl::CondVar wake;
  const absl::MutexLock lock(&mutex_);
  while (!stopped_ && (!started_ || jobs_.empty())) {
    idle_.push_back(&wake);
    wake.Wait(&mutex_);
    std::erase(idle_, &wake);  // Nobody needs to have woken it.
  }
  if (jobs_.empty()) return false;
  job = std::move(jobs_.front());
  jobs_.pop_front();
  ++stats_.busy;
  return true;
}

absl::Status ReaderThreads::RunJob(Job& job, Session& session) {
  const auto give_up =
      job.submitted + absl::ToChronoMilliseconds(options_.patience);
  Backoff backoff;
  while (true) {
    absl::Status status;
    if (session.connection == nullptr) {
      if (stopped()) return store::StoreClosed();
      status = Open(session);
    }
    if (status.ok() && options_.node != nullptr) {
      status = session.connection->SetNode(*options_.node);
    }
    if (status.ok()) {
      status = job.read(*session.reader);
      // `read` can have replaced the error of a lost connection.
      if (status.ok() ||
          !(session.connection->lost() || IsConnectionLost(status))) {
        return status;
      }
    }
    session = Session();
    if (SteadyClock::now() >= give_up) return store::DatabaseUnavailable();
    if (!Wait(backoff.Next())) return store::StoreClosed();
    const absl::MutexLock lock(&mutex_);
    ++stats_.repeats;
  }
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
