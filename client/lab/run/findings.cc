// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/findings.h"

#include <algorithm>
#include <string>
#include <utility>

#include "client/lab/run/step.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// From these shares of the time on, a resource is worth a note.
constexpr double kLockBusy = 0.8;
constexpr double kCommitBusy = 0.5;
constexpr double kCheckpointBusy = 0.1;
// The smallest parts of the server's CPU time and of its cores that make
// hashing its main work.
constexpr double kHashOfCpu = 0.4;
constexpr double kHashOfCores = 0.1;
// Shares of the machine from which other programs are noted, and are blamed.
constexpr double kOthersNoted = 0.1;
constexpr double kOthersBlamed = 0.25;
// Waits from which they are felt.
constexpr double kSlowCommitMs = 10;
constexpr double kPoolWaitMs = 5;
// A wait has no upper bound, and a saturated resource has the weight 1, so the
// weight of a wait is capped below that of a resource worth a note.
constexpr double kMostOfAWait = 0.85;
constexpr double kBusyErrors = 0.01;
constexpr double kManyQueries = 3;
constexpr double kLargeWalMib = 64;

class Attribution {
 public:
  Attribution(const report::Step& step, double cpus, double own_cores)
      : step_(step),
        server_(step.resources()),
        machine_(step.machine()),
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
    OtherPrograms();
    if (server_.error().empty()) NothingSaturated();
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
  // A `weight` of 1 or more says that the resource was saturated.
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
        fmt::format("the lab sent calls {:.1f} ms late (p99) and used {:.0f} % "
                    "of a core in its busiest thread",
                    step_.generator().send_lag_p99_ms(),
                    100 * step_.generator().cpu_share()),
        "the lab was the limit: run it on another machine, or with more "
        "--workers");
  }

  static double WaitWeight(double times) {
    return std::min(0.5 * times, kMostOfAWait);
  }

  // All calls of the step, including those that failed.
  double AllCalls() const {
    double all = step_.total().ok();
    for (const auto& [kind, count] : step_.total().errors()) all += count;
    return std::max(all, 1.0);
  }

  // Cores of the machine that neither the server nor the lab used, and that
  // were not idle.
  double OtherCores() const {
    return std::max(machine_.busy_cores() - server_.cpu_cores() - own_cores_,
                    0.0) +
           machine_.steal_cores();
  }

  bool OthersHave(double share) const {
    return machine_.cpus() > 0 && server_.error().empty() &&
           OtherCores() >= share * machine_.cpus();
  }

  bool MachineIsFull() const {
    return machine_.cpus() > 0 &&
           machine_.busy_cores() + machine_.steal_cores() >=
               kSaturated * machine_.cpus();
  }

  void Hashing() {
    const double hash = server_.hash_cores();
    if (cpus_ <= 0 || hash < kHashOfCpu * server_.cpu_cores() ||
        hash <= kHashOfCores * cpus_) {
      return;
    }
    const double rest = server_.cpu_cores() - hash + own_cores_;
    double usable = std::max(cpus_ - rest, 0.0);
    if (server_.hash_threads() > 0) {
      usable = std::min(usable, server_.hash_threads());
    }
    hashing_is_saturated_ = hash >= kSaturated * usable;
    Add(hashing_is_saturated_ ? 1 + hash / cpus_ : 0.5, "hashing",
        fmt::format("password hashing used {:.2f} of the {:.2f} cores that it "
                    "could use, {:.0f} % of the server's CPU time",
                    hash, usable, 100 * hash / server_.cpu_cores()),
        "hashing a password at a registration or a login is expensive by "
        "design; more cores or sessions that live longer help");
  }

  void WriteLock() {
    if (server_.write_lock_share() < kLockBusy) return;
    Add(server_.write_lock_share() / kSaturated, "write_lock",
        fmt::format("a write transaction was open {:.0f} % of the time; writes "
                    "waited {:.1f} ms for it (p99)",
                    100 * server_.write_lock_share(),
                    server_.write_wait_p99_ms()),
        "SQLite has one writer at a time: queue and batch writes, as the "
        "default profile does, shorten transactions, or use a database with "
        "several writers");
  }

  void Commit() {
    if (server_.commit_share() < kCommitBusy &&
        server_.commit_p99_ms() < kSlowCommitMs) {
      return;
    }
    // A commit is the end of a write transaction, so it can only be the limit
    // if one was open all the time.
    const double lock =
        std::max(server_.write_lock_share(), server_.commit_share());
    const bool saturated =
        lock >= kSaturated && server_.commit_share() >= kCommitBusy;
    const double weight =
        saturated
            ? lock / kSaturated + 0.1 * server_.commit_share()
            : std::max(std::min(server_.commit_share(), kMostOfAWait),
                       WaitWeight(server_.commit_p99_ms() / kSlowCommitMs));
    const bool disk = server_.fsync_share() >= 0.5 * server_.commit_share();
    std::string syncing;
    const char* advice =
        "a write is acknowledged once it is on the disks of PostgreSQL and of "
        "its synchronous standby: use faster ones, or have more writers share "
        "each commit";
    if (server_.fsync_share() > 0) {  // PostgreSQL does not report it.
      syncing =
          fmt::format(", of which syncing the log was {:.0f} percentage points",
                      100 * server_.fsync_share());
      advice = disk ? "a write is acknowledged once it is on the disk: use a "
                      "faster volume, or have more writers share each commit"
                    : "writing the changes to the log takes longer than "
                      "syncing it: more writers that share a commit, or a "
                      "faster core, help";
    }
    Add(weight, disk ? "fsync" : "commit",
        fmt::format("commits took {:.0f} % of the time{}; a commit took {:.2f} "
                    "ms (mean) and {:.1f} ms (p99) and held {:.1f} writes",
                    100 * server_.commit_share(), syncing,
                    server_.commit_mean_ms(), server_.commit_p99_ms(),
                    server_.commands_per_commit()),
        advice);
  }

  void Cpu() {
    if (cpus_ <= 0) return;
    const double used = server_.cpu_cores() + own_cores_;
    const bool saturated = used >= kSaturated * cpus_ ||
                           (MachineIsFull() && !OthersHave(kOthersBlamed));
    if (!saturated) return;
    Add(1 + 0.1 * used / cpus_, "cpu",
        fmt::format("the server used {:.2f} and the lab {:.2f} of {:.0f} cores",
                    server_.cpu_cores(), own_cores_, cpus_),
        own_cores_ > 0.2 * cpus_
            ? "run the lab on another machine; after that, more cores help"
            : "add cores, or profile the server");
  }

  void OtherPrograms() {
    if (!OthersHave(kOthersNoted)) return;
    std::string evidence =
        fmt::format("other programs used {:.2f} of {:.0f} cores", OtherCores(),
                    machine_.cpus());
    if (machine_.steal_cores() >= 0.01 * machine_.cpus()) {
      evidence += fmt::format(
          ", {:.2f} of them by other virtual machines on the same hardware",
          machine_.steal_cores());
    }
    if (machine_.pressure_share() > 0) {
      evidence += fmt::format("; {:.0f} % of the time a task waited for a CPU",
                              100 * machine_.pressure_share());
    }
    const bool blamed = MachineIsFull() && OthersHave(kOthersBlamed);
    // Hashing that has all the cores it can use is not kept from them.
    const double weight = !blamed ? 0.7 : hashing_is_saturated_ ? 1 : 3;
    Add(weight, "other_programs", std::move(evidence),
        "stop the other programs, or use a machine of its own for the server; "
        "figures from a busy machine say little about the server");
  }

  void Busy() {
    if (server_.busy_errors() <= 0) return;
    // A few are noise; more than the usual service level allows break it.
    const double share = server_.busy_errors() / AllCalls();
    Add(share >= kBusyErrors ? 2 : kMostOfAWait, "busy",
        fmt::format("{:.0f} calls failed because another connection held the "
                    "database's lock",
                    server_.busy_errors()),
        "start the server with --busy wait or --writes queued");
  }

  void PoolWait() {
    if (server_.pool_wait_p99_ms() < kPoolWaitMs) return;
    Add(WaitWeight(server_.pool_wait_p99_ms() / kPoolWaitMs), "pool_wait",
        fmt::format("reads waited {:.1f} ms for a connection to the database "
                    "(p99)",
                    server_.pool_wait_p99_ms()),
        "use more connections for reads");
  }

  void Rejections() {
    if (server_.rejected() <= 0) return;
    Add(0.9, "rejections",
        fmt::format("the server rejected {:.0f} calls to keep the others fast",
                    server_.rejected()),
        "a server should reject calls beyond its limit; callers should retry "
        "after the delay that the error names");
  }

  void Queries() {
    if (server_.queries_per_operation() <= kManyQueries) return;
    Add(0.5, "queries",
        fmt::format("a call made {:.1f} queries on average; the cache answered "
                    "{:.0f} % of the look-ups",
                    server_.queries_per_operation(),
                    100 * server_.cache_hit_ratio()),
        "give the server a larger cache (--cache-mib)");
  }

  void Checkpoint() {
    if (server_.checkpoint_share() < kCheckpointBusy &&
        server_.wal_mib() < kLargeWalMib) {
      return;
    }
    Add(0.6, "checkpoint",
        fmt::format("checkpoints took {:.0f} % of the time; the write-ahead "
                    "log has {:.0f} MiB",
                    100 * server_.checkpoint_share(), server_.wal_mib()),
        "look for long-running reads and for a slow volume");
  }

  void NothingSaturated() {
    if (std::any_of(found_.begin(), found_.end(),
                    [](const auto& found) { return found.first >= 1; })) {
      return;
    }
    // Before the notes, since it is the answer to the question.
    Add(0.99, "none",
        fmt::format("no saturated resource was found: the server used {:.2f} "
                    "{}cores, and a write transaction was open {:.0f} % of "
                    "the time",
                    server_.cpu_cores(),
                    cpus_ > 0 ? fmt::format("of {:.0f} ", cpus_) : "",
                    100 * server_.write_lock_share()),
        step_.passed()
            ? "the load was below the server's limit; more load can show it"
            : "the calls waited for something that these figures do not show, "
              "such as the network or a limit of the server's configuration");
  }

  const report::Step& step_;
  const report::Resources& server_;
  const report::Machine& machine_;
  const double cpus_;
  const double own_cores_;
  bool hashing_is_saturated_ = false;
  std::vector<std::pair<double, report::Finding>> found_;
};

}  // namespace

std::vector<report::Finding> FindingsOf(const report::Step& step, double cpus,
                                        double own_cores) {
  return Attribution(step, cpus, own_cores).Find();
}

}  // namespace pinhole::lab
