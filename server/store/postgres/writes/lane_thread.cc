// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/lane_thread.h"

#include <pthread.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

using SteadyClock = std::chrono::steady_clock;

// How often a lane without work tries to connect.
constexpr absl::Duration kReconnect = absl::Seconds(1);
constexpr absl::Duration kGrace = absl::Seconds(5);
// The longest wait for callers that were just answered to send again.
constexpr absl::Duration kGather = absl::Microseconds(200);
constexpr absl::Duration kInterruptEvery = absl::Milliseconds(100);

int BatchSizeBucket(std::size_t size) {
  int bucket = 0;
  while (bucket < LaneThread::kBatchSizes - 1 &&
         size > (std::size_t{1} << bucket)) {
    ++bucket;
  }
  return bucket;
}

// Adds the values of `counts` to `sum`, which has the same bounds or none.
void Add(const HistogramCounts& counts, HistogramCounts& sum) {
  if (sum.counts.empty()) {
    sum = counts;
    return;
  }
  for (std::size_t i = 0; i < counts.counts.size(); ++i) {
    sum.counts[i] += counts.counts[i];
  }
  sum.sum += counts.sum;
}

}  // namespace

LaneThread::LaneThread(Options options)
    : options_(std::move(options)),
      lane_(options_.lane),
      queue_(options_.max_queued_commands, options_.max_queued_bytes),
      thread_([this] { Run(); }) {}

LaneThread::~LaneThread() { Stop(); }

void LaneThread::Submit(store::PendingWrite write) {
  const absl::Status refused =
      queue_.Push(write, options_.lane.clock->Now(), absl::FromChrono(Busy()));
  if (!refused.ok()) write.done(refused);
}

void LaneThread::Stop() {
  queue_.Close(store::StoreClosed());
  if (!ended_.WaitForNotificationWithTimeout(kGrace)) lane_.Stop();
  if (!ended_.WaitForNotificationWithTimeout(kGrace)) {
    while (!ended_.WaitForNotificationWithTimeout(kInterruptEvery)) {
      lane_.Interrupt();
    }
  }
  if (thread_.joinable()) thread_.join();
}

void LaneThread::Run() {
  pthread_setname_np(pthread_self(), options_.name.c_str());
  (void)lane_.Connect();
  std::size_t last_batch = 0;
  // Commands that met the locks of others take turns with new ones.
  Batch blocked;
  bool turn_of_blocked = false;
  while (true) {
    absl::Duration timeout = absl::ZeroDuration();
    if (blocked.empty()) {
      timeout = lane_.state().ok() ? absl::InfiniteDuration() : kReconnect;
    }
    const store::WriteQueue::Wake wake = queue_.Wait(timeout);
    if (blocked.empty()) {
      if (wake == store::WriteQueue::Wake::kClosed) break;
      if (wake == store::WriteQueue::Wake::kTimeout) {
        (void)lane_.Connect();
        continue;
      }
    }
    const auto start = SteadyClock::now();
    busy_since_ = start;
    // Otherwise the first of many callers would have a batch of its own, and
    // all others would wait for that.
    if (last_batch > 1) queue_.WaitFor(last_batch, kGather);
    Batch batch = turn_of_blocked ? std::exchange(blocked, {}) : Take();
    const std::size_t size = batch.size();
    last_batch = size;
    if (!batch.empty()) {
      Batch all = batch;
      all.insert(all.end(), blocked.begin(), blocked.end());
      options_.on_start(all);
      const Batch again = options_.run(lane_, std::move(batch));
      blocked.insert(blocked.end(), again.begin(), again.end());
    }
    turn_of_blocked = !turn_of_blocked && !blocked.empty();
    const std::chrono::nanoseconds time = SteadyClock::now() - start;
    // Waiting for the locks of others says nothing about the next batch.
    if (blocked.empty()) queue_.Learn(size, absl::FromChrono(time));
    busy_since_ = SteadyClock::time_point();
    const absl::MutexLock lock(&mutex_);
    if (size > 0) ++batch_sizes_[BatchSizeBucket(size)];
  }
  lane_.Close();
  ended_.Notify();
}

std::chrono::nanoseconds LaneThread::Busy() const {
  const SteadyClock::time_point since = busy_since_;
  return since == SteadyClock::time_point() ? std::chrono::nanoseconds::zero()
                                            : SteadyClock::now() - since;
}

LaneThread::Batch LaneThread::Take() {
  const auto now = SteadyClock::now();
  Batch batch;
  while (batch.size() < options_.max_batch) {
    std::optional<store::PendingWrite> write = queue_.Pop();
    if (!write) break;
    // A command that was queued since has not waited.
    write_waits_.Observe(
        std::max(now - write->submit_time, SteadyClock::duration::zero()));
    if (CallTiming* parts = write->options.parts)
      parts->Enter(CallPhase::kWrite, now);
    batch.push_back(std::make_shared<Attempt>(*std::move(write), &counts_));
    batch.back()->AnswerIfExpired(options_.lane.clock->Now());
  }
  return batch;
}

void LaneThread::AddTo(StoreStats& stats) const {
  const LaneStats lane = lane_.Stats();
  StoreStats queue = {};
  queue_.AddTo(queue);
  stats.queue_depth += queue.queue_depth;
  stats.queue_bytes += queue.queue_bytes;
  stats.queue_rejections += queue.queue_rejections;
  stats.commits += lane.commits;
  stats.rollbacks += lane.rollbacks;
  Add(write_waits_.Read(), stats.write_waits);
  Add(lane.commit_times, stats.commit_times);
  stats.write_seconds_so_far =
      std::max(stats.write_seconds_so_far,
               std::chrono::duration<double>(Busy()).count());
  stats.commands += counts_.run;
  stats.commands_failed += counts_.failed;
  stats.commands_expired += counts_.expired;
}

std::array<std::int64_t, LaneThread::kBatchSizes> LaneThread::batch_sizes()
    const {
  const absl::MutexLock lock(&mutex_);
  return batch_sizes_;
}

}  // namespace pinhole::postgres
