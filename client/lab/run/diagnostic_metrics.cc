// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/diagnostic_metrics.h"

#include <algorithm>
#include <utility>

#include "client/lab/load/http_transport.h"
#include "client/lab/observe/environment.h"
#include "client/lab/observe/instance.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

using Result = Check::Result;

constexpr absl::Duration kTimeout = absl::Seconds(2);
constexpr double kMiB = 1 << 20;
// Bounds beyond which a check warns.
constexpr double kLittleDisk = 1024 * kMiB;
constexpr double kLargeWal = 64 * kMiB;
constexpr double kManyFiles = 0.8;
constexpr double kSlowCommitMs = 10;

// The metrics that the lab and the dashboards need of every server.
constexpr const char* kRequired[] = {"grpc_server_handled_total",
                                     "grpc_server_handling_seconds_count",
                                     "pinhole_rpc_part_seconds_total",
                                     "pinhole_db_writable",
                                     "pinhole_password_hash_cpu_seconds_total",
                                     "process_cpu_seconds_total"};
// Those that only a server on SQLite has.
constexpr const char* kRequiredOfSqlite[] = {
    "pinhole_db_commit_duration_seconds_count",
    "pinhole_db_write_lock_held_seconds_total", "pinhole_cache_requests_total"};

absl::StatusOr<MetricsPage> Read(const std::string& url) {
  const auto text = HttpGet(url, kTimeout);
  if (!text.ok()) return text.status();
  return MetricsPage::Parse(*text);
}

Check Expect(bool well, Result otherwise, std::string name, std::string figure,
             std::string hint) {
  if (well)
    return {.name = std::move(name), .figure = std::move(figure), .hint = {}};
  return {.name = std::move(name),
          .result = otherwise,
          .figure = std::move(figure),
          .hint = std::move(hint)};
}

std::string LabelOf(const MetricsPage& page, const std::string& name,
                    const std::string& label) {
  for (const MetricsPage::Sample& sample : page.Of(name)) {
    const auto found = sample.labels.find(label);
    if (found != sample.labels.end()) return found->second;
  }
  return "";
}

bool IsOnPostgres(const MetricsPage& page) {
  return LabelOf(page, "pinhole_db_info", "engine") == kPostgresEngine;
}

void CheckNames(const MetricsPage& page, std::vector<Check>& checks) {
  std::vector<std::string> missing;
  const auto require = [&](const auto& names) {
    for (const char* name : names) {
      if (!page.Has(name)) missing.emplace_back(name);
    }
  };
  require(kRequired);
  if (!IsOnPostgres(page)) require(kRequiredOfSqlite);
  checks.push_back(Expect(
      missing.empty(), Result::kFail, "metrics",
      missing.empty() ? fmt::format("{} series names", page.size())
                      : fmt::format("{} missing", fmt::join(missing, ", ")),
      "use a server and a lab of the same version"));
}

void CheckWritable(const MetricsPage& page, std::vector<Check>& checks) {
  const bool writable = page.Sum("pinhole_db_writable") > 0;
  checks.push_back(Expect(
      writable, Result::kFail, "database takes writes", writable ? "yes" : "no",
      IsOnPostgres(page)
          ? "PostgreSQL is not reachable or read-only; see the server's "
            "log"
          : "a write to the disk failed; see the server's log, then "
            "restart the server"));
}

void CheckSqlite(const MetricsPage& page, std::vector<Check>& checks) {
  const std::string mode = LabelOf(page, "pinhole_db_info", "journal_mode");
  const std::string sync = LabelOf(page, "pinhole_db_info", "synchronous");
  if (!mode.empty()) {
    checks.push_back(Expect(
        mode == "wal", Result::kWarn, "journal mode",
        fmt::format("{}, synchronous {}, schema version {}, foreign keys {}",
                    mode, sync,
                    LabelOf(page, "pinhole_db_info", "schema_version"),
                    LabelOf(page, "pinhole_db_info", "foreign_keys")),
        "the server runs in a mode for measuring; start it without --profile "
        "naive and --writes direct"));
  }
  const double wal = page.Sum("pinhole_db_wal_size_bytes");
  checks.push_back(
      Expect(wal < kLargeWal, Result::kWarn, "write-ahead log",
             fmt::format("{:.1f} MiB", wal / kMiB),
             "checkpoints do not keep up: look for long-running reads"));
  const double busy =
      page.Sum("pinhole_db_busy_total", {{"outcome", "failed"}});
  checks.push_back(Expect(busy == 0, Result::kWarn, "lock errors",
                          fmt::format("{:.0f} since the start", busy),
                          "start the server without --busy fail"));
}

void CheckMachine(const MetricsPage& page, std::vector<Check>& checks) {
  for (const auto& sample : page.Of("pinhole_storage_available_bytes")) {
    const auto volume = sample.labels.find("volume");
    checks.push_back(Expect(
        sample.value > kLittleDisk, Result::kWarn,
        volume == sample.labels.end() ? "disk space"
                                      : "disk space for " + volume->second,
        fmt::format("{:.1f} GiB free", sample.value / kMiB / 1024),
        "free some space: a full disk makes the server read-only"));
  }
  const double open = page.Sum("process_open_fds");
  const double most = page.Sum("process_max_fds");
  checks.push_back(
      Expect(open < kManyFiles * most, Result::kWarn, "file descriptors",
             fmt::format("{:.0f} of {:.0f}", open, most),
             "raise the limit of open files (ulimit -n, LimitNOFILE)"));
}

}  // namespace

std::optional<MetricsPage> CheckMetrics(const Target& target,
                                        const std::string& url,
                                        std::vector<Check>& checks) {
  auto page = Read(url);
  if (!page.ok()) {
    checks.push_back(
        {.name = "metrics",
         .result = Result::kFail,
         .figure = fmt::format("{} cannot be read: {}", url,
                               std::string(page.status().message())),
         .hint = "give their address with --metrics URL, or --metrics off to "
                 "leave them out"});
    return std::nullopt;
  }
  const auto doubt = CheckInstance(target, *page, url);
  if (!doubt.ok()) {
    checks.push_back({.name = "metrics",
                      .result = Result::kFail,
                      .figure = std::string(doubt.status().message()),
                      .hint = {}});
    return std::nullopt;
  }
  checks.push_back(
      {.name = "metrics page",
       .result = doubt->empty() ? Result::kOk : Result::kWarn,
       .figure = doubt->empty() ? url : *doubt,
       .hint = doubt->empty() ? "" : "use a server and a lab of one version"});
  CheckPage(*page, checks);
  return *std::move(page);
}

void CheckPage(const MetricsPage& page, std::vector<Check>& checks) {
  CheckNames(page, checks);
  CheckWritable(page, checks);
  if (IsOnPostgres(page)) {
    checks.push_back({.name = "PostgreSQL",
                      .figure = fmt::format(
                          "version {}, schema version {}",
                          LabelOf(page, "pinhole_db_info", "version"),
                          LabelOf(page, "pinhole_db_info", "schema_version")),
                      .hint = {}});
  } else {
    CheckSqlite(page, checks);
  }
  CheckMachine(page, checks);
}

void CheckCommits(const std::string& url, const MetricsPage& before,
                  std::vector<Check>& checks) {
  const auto after = Read(url);
  if (!after.ok()) return;
  const std::string name = "pinhole_db_commit_duration_seconds";
  const double commits =
      after->Sum(name + "_count") - before.Sum(name + "_count");
  if (commits <= 0) return;
  const double mean =
      1000 * (after->Sum(name + "_sum") - before.Sum(name + "_sum")) / commits;
  const double p99 = 1000 * HistogramQuantile(0.99, name, before, *after);
  checks.push_back(
      Expect(p99 < kSlowCommitMs, Result::kWarn, "commit, in the server",
             fmt::format("mean {:.2f} ms, p99 {:.2f} ms of {:.0f}", mean, p99,
                         commits),
             IsOnPostgres(before)
                 ? "the disk of PostgreSQL or of its standby is slow, which "
                   "limits every write"
                 : "syncing the volume is slow, which limits every write"));
}

}  // namespace pinhole::lab
