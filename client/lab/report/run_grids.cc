// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/run_grids.h"

#include <algorithm>
#include <utility>

#include "client/lab/report/step_choice.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"
#include "google/protobuf/map.h"

namespace pinhole::lab {
namespace {

constexpr auto kWords = Column::Kind::kWords;

using Labels = google::protobuf::Map<std::string, std::string>;

// In the order of the names, so that equal reports give equal pages.
std::string LabelsLine(const Labels& labels) {
  std::vector<std::string> sorted;
  for (const auto& [name, value] : labels) {
    sorted.push_back(fmt::format("{} {}", name, value));
  }
  std::sort(sorted.begin(), sorted.end());
  return fmt::format("{}", fmt::join(sorted, ", "));
}

std::string MixLine(const report::Config& config) {
  std::vector<std::string> sorted;
  for (const auto& [name, share] : config.mix()) {
    sorted.push_back(fmt::format("{} {}", name, FigureWord(share)));
  }
  std::sort(sorted.begin(), sorted.end());
  return fmt::format("{}", fmt::join(sorted, ", "));
}

std::string SecondsWord(double seconds) {
  return seconds > 0 ? DurationWord(1000 * seconds) : "";
}

std::string CountWord(double count) {
  return count > 0 ? FigureWord(count) : "";
}

std::string MachineLine(const report::Environment& environment) {
  std::string line = environment.cpu_model();
  if (environment.cpus() > 0) {
    line += fmt::format("{}{} CPU{}", line.empty() ? "" : ", ",
                        environment.cpus(), environment.cpus() == 1 ? "" : "s");
  }
  if (environment.cgroup_cpus() > 0) {
    line += fmt::format(" ({} allowed)", FigureWord(environment.cgroup_cpus()));
  }
  if (environment.memory_gib() > 0) {
    line += fmt::format(", {} GiB", FigureWord(environment.memory_gib()));
  }
  return line;
}

std::string ServerLine(const report::Environment& environment) {
  const std::string labels = LabelsLine(environment.server_build());
  if (labels.empty()) return environment.server_version();
  return fmt::format("{} ({})", environment.server_version(), labels);
}

std::string LabLine(const report::Environment& environment) {
  if (environment.lab_build().empty()) return environment.lab_version();
  return fmt::format("{} ({})", environment.lab_version(),
                     environment.lab_build());
}

// Of two columns; takes lines that say something.
class Pairs {
 public:
  Pairs() { grid_.columns = {{"", kWords}, {"", kWords}}; }

  void Add(std::string what, std::string which) {
    if (which.empty()) return;
    grid_.Add({std::move(what), std::move(which)});
  }
  Grid Take() { return std::move(grid_); }

 private:
  Grid grid_;
};

}  // namespace

Grid EnvironmentGrid(const report::Report& report) {
  const report::Environment& environment = report.environment();
  Pairs pairs;
  pairs.Add("began", report.start_time());
  pairs.Add("took", SecondsWord(report.seconds()));
  pairs.Add("machine of the lab", MachineLine(environment));
  pairs.Add("kernel", environment.kernel());
  if (report.has_environment()) {
    pairs.Add("server on",
              environment.same_host() ? "the same machine" : "another machine");
  }
  pairs.Add("server", ServerLine(environment));
  pairs.Add("database", LabelsLine(environment.database()));
  pairs.Add("lab", LabLine(environment));
  return pairs.Take();
}

Grid ConfigGrid(const report::Report& report) {
  const report::Config& config = report.config();
  Pairs pairs;
  pairs.Add("targets", fmt::format("{}", fmt::join(config.targets(), ", ")));
  pairs.Add("profile", config.profile());
  pairs.Add("mix", MixLine(config));
  pairs.Add("arrivals", config.arrivals());
  pairs.Add("think time", SecondsWord(config.think_seconds()));
  pairs.Add("warm-up", SecondsWord(config.warmup_seconds()));
  pairs.Add("measured", SecondsWord(config.measure_seconds()));
  pairs.Add("time limit", SecondsWord(config.timeout_seconds()));
  pairs.Add("connections", CountWord(config.connections()));
  pairs.Add("workers", CountWord(config.workers()));
  pairs.Add("most in flight", CountWord(config.max_in_flight()));
  pairs.Add("people", CountWord(config.people()));
  if (report.has_config()) pairs.Add("seed", fmt::format("{}", config.seed()));
  if (config.slo_p99_ms() > 0) {
    std::string level = "p99 below " + DurationWord(config.slo_p99_ms());
    if (config.slo_errors() > 0) {
      level += fmt::format(", errors below {} %",
                           FigureWord(100 * config.slo_errors()));
    }
    pairs.Add("service level", level);
  }
  return pairs.Take();
}

Grid RowsGrid(const report::Report& report) {
  Grid grid;
  grid.columns = {{"", kWords}, {"users"}, {"photos"}, {"database MiB"}};
  const auto add = [&](const char* when, const report::Rows& rows) {
    grid.Add({when, FigureWord(rows.users()), FigureWord(rows.photos()),
              FigureWord(rows.database_mib())});
  };
  if (report.has_rows_before()) add("before", report.rows_before());
  if (report.has_rows_after()) add("after", report.rows_after());
  return grid;
}

Grid ThresholdGrid(const report::Report& report) {
  Grid grid;
  grid.columns = {
      {"threshold", kWords}, {"result", kWords}, {"evidence", kWords}};
  for (const report::Threshold& threshold : report.thresholds()) {
    grid.Add({threshold.text(), threshold.crossed() ? "crossed" : "kept",
              threshold.evidence()},
             threshold.crossed() ? Row::Mark::kBad : Row::Mark::kGood);
  }
  return grid;
}

std::string EnvironmentLine(const report::Report& report) {
  const report::Environment& environment = report.environment();
  std::vector<std::string> parts;
  for (std::string part :
       {MachineLine(environment), environment.kernel(),
        environment.server_version().empty()
            ? std::string()
            : "server " + ServerLine(environment),
        LabelsLine(environment.database()), report.start_time()}) {
    if (!part.empty()) parts.push_back(std::move(part));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::vector<std::string> WarningsOf(const report::Report& report) {
  std::vector<std::string> warnings;
  if (report.partial()) {
    warnings.push_back(
        "The run was interrupted: steps are missing, or the last one is "
        "short.");
  }
  for (const std::string& warning : report.environment().warnings()) {
    warnings.push_back(Sentence(warning));
  }
  if (report.environment().same_host()) {
    warnings.push_back(
        "The lab ran on the server's machine: the two shared its cores.");
  }
  for (const report::Step& step : report.steps()) {
    if (!step.generator_limited()) continue;
    std::string warning = fmt::format(
        "At {} the lab itself was the limit: that step says nothing about the "
        "server.",
        LoadWord(step));
    // A load may have been tried twice.
    if (warnings.empty() || warnings.back() != warning) {
      warnings.push_back(std::move(warning));
    }
  }
  return warnings;
}

}  // namespace pinhole::lab
