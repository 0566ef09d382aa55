// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/findings.h"

#include <algorithm>
#include <string>
#include <utility>

#include "client/lab/run/step.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// Shares of the time from which a resource counts as used up.
constexpr double kLockBusy = 0.8;
constexpr double kCommitBusy = 0.5;
constexpr double kHashOfCpu = 0.4;
constexpr double kCpuBusy = 0.85;
constexpr double kCheckpointBusy = 0.1;
// And waits from which they are felt.
constexpr double kSlowCommitMs = 10;
constexpr double kPoolWaitMs = 5;
// A wait has no most, a resource is used up at 1: a wait that is felt never
// outweighs one that is.
constexpr double kMostOfAWait = 0.95;
constexpr double kBusyErrors = 0.01;
constexpr double kManyQueries = 3;
constexpr double kLargeWalMib = 64;

class Attribution {
 public:
  Attribution(const report::Step& step, double cpus, double own_cores)
      : step_(step),
        server_(step.resources()),
        cpus_(cpus),
        own_cores_(own_cores) {}

  std::vector<report::Finding> Find() {
    Generator();
    if (server_.error().empty()) {
      Hashing();
      WriteLock();
      Commit();
      Cpu();
      Busy();
      PoolWait();
      Rejections();
      Queries();
      Checkpoint();
    }
    // Equal weights keep the order above.
    std::stable_sort(
        found_.begin(), found_.end(),
        [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<report::Finding> findings;
    for (auto& [weight, finding] : found_) {
      finding.set_severity(weight >= 1 && findings.empty() ? "limit"
                           : weight >= 1                   ? "warning"
                                                           : "note");
      findings.push_back(std::move(finding));
    }
    return findings;
  }

 private:
  // `weight` is how far beyond its bound the figure is: 1 is just there.
  void Add(double weight, const char* id, std::string evidence,
           const char* advice) {
    report::Finding finding;
    finding.set_id(id);
    finding.set_evidence(std::move(evidence));
    finding.set_advice(advice);
    found_.emplace_back(weight, std::move(finding));
  }

  void Generator() {
    if (!step_.generator_limited()) return;
    Add(10, "generator",
        fmt::format("calls were sent {:.1f} ms late (p99), with {:.0f} % of a "
                    "core for each of the lab's threads",
                    step_.generator().send_lag_p99_ms(),
                    100 * step_.generator().cpu_share()),
        "the lab was the limit: give it a machine of its own, or more "
        "--workers");
  }

  static double WaitWeight(double times) {
    return std::min(0.5 * times, kMostOfAWait);
  }

  // Of the step, failed ones included.
  double AllCalls() const {
    double all = step_.total().ok();
    for (const auto& [kind, count] : step_.total().errors()) all += count;
    return std::max(all, 1.0);
  }

  // Cores that were at work, the lab's own included.
  double CoresBusy() const { return server_.cpu_cores() + own_cores_; }

  void Hashing() {
    if (cpus_ <= 0 || server_.hash_cores() < kHashOfCpu * server_.cpu_cores() ||
        server_.hash_cores() <= 0.1 * cpus_) {
      return;
    }
    // Hashing that takes what is left of the machine is what the CPU is for.
    Add(1 + server_.hash_cores() / cpus_, "hashing",
        fmt::format("password hashing used {:.2f} of {:.0f} cores, {:.0f} % of "
                    "the server's CPU time",
                    server_.hash_cores(), cpus_,
                    100 * server_.hash_cores() / server_.cpu_cores()),
        "registering and logging in cost CPU on purpose; more cores, or "
        "sessions that live longer, help");
  }

  void WriteLock() {
    if (server_.write_lock_share() < kLockBusy) return;
    Add(server_.write_lock_share() / kLockBusy, "write_lock",
        fmt::format("a write transaction was open {:.0f} % of the time; writes "
                    "waited {:.1f} ms for theirs (p99)",
                    100 * server_.write_lock_share(),
                    server_.write_wait_p99_ms()),
        "one writer is what SQLite has: queue and batch writes (the default "
        "profile does), shorten transactions, then a database with more "
        "writers");
  }

  void Commit() {
    if (server_.commit_share() < kCommitBusy &&
        server_.commit_p99_ms() < kSlowCommitMs) {
      return;
    }
    const double weight =
        std::max(server_.commit_share() / kCommitBusy * 0.8,
                 WaitWeight(server_.commit_p99_ms() / kSlowCommitMs));
    const bool disk = server_.fsync_share() >= 0.5 * server_.commit_share();
    Add(weight, disk ? "fsync" : "commit",
        fmt::format("commits took {:.0f} % of the time, syncing the log {:.0f} "
                    "%; {:.2f} ms each and {:.1f} ms at the 99th percentile, "
                    "for {:.1f} writes each",
                    100 * server_.commit_share(), 100 * server_.fsync_share(),
                    server_.commit_mean_ms(), server_.commit_p99_ms(),
                    server_.commands_per_commit()),
        disk ? "an acknowledged write is on the disk: a faster volume, or more "
               "writers at once for each commit"
             : "what takes the time is not the disk but writing what changed "
               "to the log: more writers at once share it, and a faster core "
               "helps");
  }

  void Cpu() {
    const double share = CoresBusy() / cpus_;
    if (cpus_ <= 0 || share < kCpuBusy) return;
    Add(share / kCpuBusy, "cpu",
        fmt::format("the server used {:.2f} and the lab {:.2f} of {:.0f} cores",
                    server_.cpu_cores(), own_cores_, cpus_),
        own_cores_ > 0.2 * cpus_
            ? "run the lab on another machine; more cores help after that"
            : "more cores, or a profile of where they go");
  }

  void Busy() {
    if (server_.busy_errors() <= 0) return;
    // A few are noise; more than the usual level allows are what breaks it.
    const double share = server_.busy_errors() / AllCalls();
    Add(share >= kBusyErrors ? 2 : kMostOfAWait, "busy",
        fmt::format("{:.0f} calls failed because another connection held the "
                    "lock",
                    server_.busy_errors()),
        "wait for the lock (--busy wait), or queue writes (--writes queued)");
  }

  void PoolWait() {
    if (server_.pool_wait_p99_ms() < kPoolWaitMs) return;
    Add(WaitWeight(server_.pool_wait_p99_ms() / kPoolWaitMs), "pool_wait",
        fmt::format("reads waited {:.1f} ms for a connection (p99)",
                    server_.pool_wait_p99_ms()),
        "more read connections");
  }

  void Rejections() {
    if (server_.rejected() <= 0) return;
    Add(0.9, "rejections",
        fmt::format("the server refused {:.0f} calls to keep the others fast",
                    server_.rejected()),
        "that is what it should do beyond its limit; callers should come back "
        "after the delay it names");
  }

  void Queries() {
    if (server_.queries_per_operation() <= kManyQueries) return;
    Add(0.5, "queries",
        fmt::format("{:.1f} queries for each call, {:.0f} % of look-ups found "
                    "in memory",
                    server_.queries_per_operation(),
                    100 * server_.cache_hit_ratio()),
        "a larger cache (--cache-mib)");
  }

  void Checkpoint() {
    if (server_.checkpoint_share() < kCheckpointBusy &&
        server_.wal_mib() < kLargeWalMib) {
      return;
    }
    Add(0.6, "checkpoint",
        fmt::format("checkpoints took {:.0f} % of the time; the log has {:.0f} "
                    "MiB",
                    100 * server_.checkpoint_share(), server_.wal_mib()),
        "look for readers that stay long, and for a slow volume");
  }

  const report::Step& step_;
  const report::Resources& server_;
  const double cpus_;
  const double own_cores_;
  std::vector<std::pair<double, report::Finding>> found_;
};

}  // namespace

std::vector<report::Finding> FindingsOf(const report::Step& step, double cpus,
                                        double own_cores) {
  return Attribution(step, cpus, own_cores).Find();
}

}  // namespace pinhole::lab
