// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/lab/core/figures.h"
#include "client/lab/core/verdict.h"
#include "client/lab/load/fleet.h"
#include "client/lab/load/target.h"
#include "client/lab/load/world.h"
#include "client/lab/observe/metrics_page.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

struct LabOptions {
  Target target;
  // URL of the server's metrics, http://HOST:PORT/metrics; empty to measure
  // without them.
  std::string metrics;
  Profile profile;
  SurveyOptions survey;
  FleetOptions fleet;
  Arrivals arrivals = Arrivals::kPoisson;
  absl::Duration think;
  absl::Duration warmup = absl::Seconds(3);
  absl::Duration measure = absl::Seconds(10);
  absl::Duration timeout = absl::Seconds(10);
  int max_in_flight = 4096;
  Slo slo;
  std::string arguments;  // The command line, for the report.
};

// One second of the load, for a live display.
struct LiveSecond {
  std::string purpose;  // Of the step.
  int step = 0;         // From 1.
  int users = 0;
  double rate = 0;  // As requested; 0 in a closed loop.
  int second = 0;   // From 1.
  int seconds = 0;  // Of the step.
  std::int64_t ok = 0;
  std::int64_t errors = 0;
  std::int64_t in_flight = 0;
  absl::Duration p99 = {};
};

// Puts load on a server, step by step, and writes the report.  Not thread-safe.
class Lab {
 public:
  using OnSecond = std::function<void(const LiveSecond&)>;

  // Examines the server and signs users in.  `stop` ends a step early and must
  // outlive the lab; `on_second` is called on another thread.
  // Errors: FAILED_PRECONDITION (nothing to measure; says what to do),
  // INVALID_ARGUMENT (the metrics are those of another server), UNAVAILABLE
  // (the server cannot be reached), and the errors of the calls.
  static absl::StatusOr<std::unique_ptr<Lab>> Open(
      LabOptions options, const std::string& command,
      const std::atomic<bool>& stop, OnSecond on_second);
  // Deletes the users that `Open` had to create.
  ~Lab();

  // The load of one step.
  struct Load {
    std::string purpose;
    int users = 0;    // Or:
    double rate = 0;  // Operations a second.
    absl::Duration measure;
    bool give_up = false;    // End early once the step is hopeless.
    bool stay = false;       // Leave the queues to the next step.
    bool keep_pace = false;  // Count from the start, without a warm-up.
  };
  struct Result {
    report::Step* step;  // In the report.
    StepFigures figures;
    Verdict verdict;
  };
  // Runs a step, judges it and adds it to the report.  Then waits until the
  // server's queues are empty, unless `stay` is set.
  Result Run(const Load& load);

  // The figures of all steps so far.
  const std::vector<StepFigures>& figures() const { return figures_; }

  // The accounts that the run created and that stay when the lab is destroyed:
  // the prefix of their handles, and how many there are.
  const std::string& run() const { return world_->run; }
  std::int64_t accounts_left() const { return accounts_left_; }

  bool stopped() const { return stop_; }
  const LabOptions& options() const { return options_; }
  report::Report& report() { return report_; }
  // Completes the report.
  report::Report& Finish();

 private:
  Lab(LabOptions options, const std::atomic<bool>& stop, OnSecond on_second);

  absl::Status SetUp(const std::string& command);
  absl::StatusOr<MetricsPage> Scrape() const;
  // Runs the step.  Sets the resources and the machine in `step` from readings
  // at both ends of the measured time.
  Tally Measure(const LoadPlan& plan, report::Step& step);
  void Settle() const;

  const LabOptions options_;
  const std::atomic<bool>& stop_;
  const OnSecond on_second_;
  report::Report report_;
  absl::Time begin_;
  std::unique_ptr<Transport> own_;  // For calls that are not load.
  std::optional<World> world_;
  std::unique_ptr<Fleet> fleet_;
  std::vector<StepFigures> figures_;
  std::int64_t accounts_left_ = 0;
  LiveSecond live_;
};

// The default URL of the metrics of the server at `target`.
std::string MetricsUrlOf(const Target& target);

}  // namespace pinhole::lab
