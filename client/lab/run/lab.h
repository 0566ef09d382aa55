// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_RUN_LAB_H_
#define PINHOLE_CLIENT_LAB_RUN_LAB_H_

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
#include "client/lab/report/report.pb.h"
#include "client/lab/run/metrics_page.h"

namespace pinhole::lab {

struct LabOptions {
  Target target;
  // Where the server's metrics are, http://HOST:PORT/metrics; empty: nobody
  // asks for them.
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

// A second of the load, for people who watch.
struct LiveSecond {
  std::string purpose;  // Of the step.
  int step = 0;         // From 1.
  int users = 0;
  double rate = 0;  // Asked for; 0 in a closed loop.
  int second = 0;   // From 1.
  int seconds = 0;  // Of the step.
  std::int64_t ok = 0;
  std::int64_t errors = 0;
  std::int64_t in_flight = 0;
  absl::Duration p99 = {};
};

// A server under load, step after step, and the report about it.  Not
// thread-safe.
class Lab {
 public:
  using OnSecond = std::function<void(const LiveSecond&)>;

  // Looks at the server and signs people in.  `stop` ends a step early and must
  // outlive the lab; `on_second` runs on another thread.
  // Errors: FAILED_PRECONDITION (nothing to measure: says what to do),
  // UNAVAILABLE (no server), and those of the calls.
  static absl::StatusOr<std::unique_ptr<Lab>> Open(
      LabOptions options, const std::string& command,
      const std::atomic<bool>& stop, OnSecond on_second);
  // Deletes the users that `Open` had to make.
  ~Lab();

  // Of one step.
  struct Load {
    std::string purpose;
    int users = 0;    // Or:
    double rate = 0;  // Operations a second.
    absl::Duration measure;
    bool give_up = false;    // Ends early when it is hopeless.
    bool stay = false;       // What is left of it is the next step's.
    bool keep_pace = false;  // Counts from the first moment, without a warm-up.
  };
  struct Result {
    report::Step* step;  // In the report.
    StepFigures figures;
    Verdict verdict;
  };
  // Runs a step, judges it, adds it to the report, and waits until the server
  // has worked off what is left, unless that is to stay.
  Result Run(const Load& load);

  // Of all steps so far.
  const std::vector<StepFigures>& figures() const { return figures_; }

  bool stopped() const { return stop_; }
  const LabOptions& options() const { return options_; }
  report::Report& report() { return report_; }
  // Notes the end; the report is complete then.
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
  std::unique_ptr<Transport> own_;  // For what is not load.
  std::optional<World> world_;
  std::unique_ptr<Fleet> fleet_;
  std::vector<StepFigures> figures_;
  LiveSecond live_;
};

// The metrics of the server behind `target`, where it says by default.
std::string MetricsUrlOf(const Target& target);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_RUN_LAB_H_
