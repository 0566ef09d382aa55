// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/summary.h"

#include <algorithm>
#include <map>

#include "client/lab/core/format.h"
#include "client/lab/report/step_choice.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// Beyond this share of the limit, queueing delays become noticeable.
constexpr double kHeadroom = 0.7;

std::string Joined(const std::string& first, const std::string& second) {
  return second.empty() ? first : first + " " + second;
}

void AddLimit(const std::string& label, const report::Limit& limit,
              const char* unit, std::vector<Item>& items) {
  std::string explained = Sentence(limit.summary());
  if (explained.empty() && limit.broke_at() > 0) {
    explained = fmt::format("The service level was missed at {} {}.",
                            FormatNumber(limit.broke_at()), unit);
  }
  items.push_back({label, Joined(LimitText(limit, unit) + ".", explained)});
}

void AddBestStep(const report::Report& report, std::vector<Item>& items) {
  const report::Step* best = BestStep(report.steps());
  if (best == nullptr || report.has_rate_limit()) return;
  const report::Operation& total = best->total();
  const std::string latency =
      total.ok() == 0
          ? "nothing succeeded"
          : fmt::format("p50 {}, p99 {}",
                        FormatMilliseconds(total.response().p50_ms()),
                        FormatMilliseconds(total.response().p99_ms()));
  items.push_back(
      {best->passed() ? "Highest step that passed" : "Last step",
       fmt::format("{} ops/s at {}; {}, errors {} %.",
                   FormatNumber(best->achieved()), LoadText(*best), latency,
                   FormatPercentage(FailureShareOf(total)))});
}

void AddThresholds(const report::Report& report, std::vector<Item>& items) {
  if (report.thresholds().empty()) return;
  const auto crossed =
      std::count_if(report.thresholds().begin(), report.thresholds().end(),
                    [](const auto& threshold) { return threshold.crossed(); });
  items.push_back({"Thresholds", crossed == 0
                                     ? "none was crossed."
                                     : fmt::format("{} of {} crossed.", crossed,
                                                   report.thresholds_size())});
}

// "12.9x"; empty if `before` is 0.
std::string Ratio(double before, double after) {
  return before > 0 ? FormatNumber(after / before) + "x" : "";
}

void AddVariants(const report::Report& report, std::vector<Item>& items) {
  // If the lab was the limit, the variants are not comparable.
  if (report.variants_size() < 2 || !report.inconclusive().empty()) return;
  const report::Variant& first = report.variants(0);
  const report::Variant& last = report.variants(report.variants_size() - 1);
  const auto add = [&](const std::string& label, double before, double after) {
    items.push_back(
        {label, fmt::format("{} to {} ({}), from '{}' to '{}'.",
                            FormatNumber(before), FormatNumber(after),
                            Ratio(before, after), first.name(), last.name())});
  };
  const auto add_limits = [&](const std::string& label,
                              const report::Limit& before,
                              const report::Limit& after) {
    if (RatioText(before, after).empty()) return;
    add(label, before.highest_passing(), after.highest_passing());
  };
  add_limits("Highest rate, ops/s", first.rate_limit(), last.rate_limit());
  add_limits("Most users at once", first.users_limit(), last.users_limit());
  if (first.steps().empty() || last.steps().empty()) return;
  const report::Step& before = first.steps(first.steps_size() - 1);
  const report::Step& after = last.steps(last.steps_size() - 1);
  if (LoadText(before) == LoadText(after)) {
    add(fmt::format("At {}, ops/s", LoadText(after)), before.achieved(),
        after.achieved());
  }
}

void AddBottleneck(const report::Report& report, std::vector<Item>& items) {
  const auto limit = std::find_if(
      report.findings().begin(), report.findings().end(),
      [](const auto& finding) { return finding.severity() == "limit"; });
  std::string advice;
  if (limit != report.findings().end()) {
    items.push_back({"Bottleneck", Joined(ResourceName(limit->id()) + ".",
                                          Sentence(limit->evidence()))});
    advice = Sentence(limit->advice());
  }
  const double highest = report.rate_limit().highest_passing();
  if (highest > 0 && report.rate_limit().outcome() == "found") {
    advice =
        Joined(fmt::format("run at no more than {} ops/s, {:.0f} % of the "
                           "highest rate.",
                           FormatNumber(kHeadroom * highest), 100 * kHeadroom),
               advice);
  }
  if (!advice.empty()) items.push_back({"Advice", advice});
}

// "name value, name value", sorted so that equal reports give equal text.
template <typename Map, typename Print>
std::string Listed(const Map& map, const Print& print) {
  std::vector<std::string> sorted;
  for (const auto& [name, value] : map) {
    sorted.push_back(name + " " + print(value));
  }
  std::sort(sorted.begin(), sorted.end());
  return fmt::format("{}", fmt::join(sorted, ", "));
}

std::string WithDetails(const std::string& text, const std::string& details) {
  if (details.empty()) return text;
  return fmt::format("{}{}({})", text, text.empty() ? "" : " ", details);
}

std::vector<Item> WithText(std::vector<Item> items) {
  std::erase_if(items, [](const Item& item) { return item.text.empty(); });
  return items;
}

std::string Seconds(double seconds) {
  return seconds > 0 ? FormatMilliseconds(1000 * seconds) : "";
}

}  // namespace

std::string TitleOf(const report::Report& report) {
  const std::string& command = report.command();
  std::string title = command == "breaking"   ? "Breaking point"
                      : command == "stress"   ? "Stress test"
                      : command == "ablation" ? "Ablation"
                      : command.empty()       ? "Lab report"
                                              : command;
  if (report.config().targets_size() > 0) {
    title += fmt::format(" of {}", fmt::join(report.config().targets(), ", "));
  }
  if (!report.config().profile().empty()) {
    title += ", profile " + report.config().profile();
  }
  return title;
}

std::vector<Item> ResultItems(const report::Report& report) {
  std::vector<Item> items;
  if (!report.inconclusive().empty()) {
    items.push_back(
        {"Result", Joined("inconclusive.", Sentence(report.inconclusive()))});
  }
  if (report.has_rate_limit()) {
    AddLimit("Highest rate", report.rate_limit(), "ops/s", items);
  }
  if (report.has_users_limit()) {
    AddLimit("Most users at once", report.users_limit(), "users", items);
  }
  const std::string& by_rate = report.rate_limit().broke_by();
  const std::string broke_by =
      by_rate.empty() ? report.users_limit().broke_by() : by_rate;
  if (!broke_by.empty()) items.push_back({"Broke first", broke_by + "."});
  AddBestStep(report, items);
  AddThresholds(report, items);
  AddVariants(report, items);
  AddBottleneck(report, items);
  if (items.empty()) items.push_back({"Result", "nothing was measured."});
  return items;
}

std::vector<Item> WarningItems(const report::Report& report) {
  std::vector<Item> items;
  if (report.partial()) {
    items.push_back(
        {"Interrupted", "steps are missing, or the last step was cut short."});
  }
  for (const std::string& warning : report.environment().warnings()) {
    items.push_back({"Warning", Sentence(warning)});
  }
  if (report.environment().same_host()) {
    items.push_back(
        {"Shared machine",
         "the lab ran on the server's machine and shared its cores."});
  }
  std::string limited;
  for (const report::Step& step : report.steps()) {
    if (!step.generator_limited()) continue;
    limited += (limited.empty() ? "" : ", ") + LoadText(step);
  }
  if (!limited.empty()) {
    items.push_back({"Generator limited",
                     fmt::format("the lab could not generate the load of these "
                                 "steps, which say nothing about the server: "
                                 "{}.",
                                 limited)});
  }
  return items;
}

std::vector<Item> FindingItems(const report::Report& report) {
  std::vector<Item> items;
  for (const report::Finding& finding : report.findings()) {
    items.push_back(
        {fmt::format("{} ({})", ResourceName(finding.id()), finding.severity()),
         Joined(Sentence(finding.evidence()), Sentence(finding.advice()))});
  }
  if (!report.overload().summary().empty()) {
    items.push_back({"Overload", Sentence(report.overload().summary())});
  }
  return items;
}

std::vector<Item> EnvironmentItems(const report::Report& report) {
  const report::Environment& environment = report.environment();
  const auto label = [](const std::string& value) { return value; };
  std::vector<std::string> machine;
  if (environment.cpus() > 0) {
    machine.push_back(fmt::format("{} CPUs", environment.cpus()));
  }
  if (environment.cgroup_cpus() > 0) {
    machine.push_back(FormatNumber(environment.cgroup_cpus()) + " allowed");
  }
  if (environment.memory_gib() > 0) {
    machine.push_back(FormatNumber(environment.memory_gib()) + " GiB");
  }
  const auto amount = [](const report::Rows& rows) {
    std::string text =
        fmt::format("{} users, {} photos", FormatNumber(rows.users()),
                    FormatNumber(rows.photos()));
    if (rows.database_mib() > 0) {  // PostgreSQL does not report it.
      text +=
          fmt::format(", database {} MiB", FormatNumber(rows.database_mib()));
    }
    return text;
  };
  return WithText(
      {{"Start", report.start_time()},
       {"Duration", Seconds(report.seconds())},
       {"Machine of the lab",
        WithDetails(environment.cpu_model(),
                    fmt::format("{}", fmt::join(machine, ", ")))},
       {"Kernel", environment.kernel()},
       {"Server", WithDetails(environment.server_version(),
                              Listed(environment.server_build(), label))},
       {"Database", Listed(environment.database(), label)},
       {"Lab", WithDetails(environment.lab_version(), environment.lab_build())},
       {"Data before",
        report.has_rows_before() ? amount(report.rows_before()) : ""},
       {"Data after",
        report.has_rows_after() ? amount(report.rows_after()) : ""}});
}

std::vector<Item> ConfigItems(const report::Report& report) {
  const report::Config& config = report.config();
  std::string level;
  if (config.slo_p99_ms() > 0) {
    level = fmt::format("p99 below {}, errors below {} %",
                        FormatMilliseconds(config.slo_p99_ms()),
                        FormatNumber(100 * config.slo_errors()));
  }
  return WithText(
      {{"Targets", fmt::format("{}", fmt::join(config.targets(), ", "))},
       {"Profile",
        WithDetails(config.profile(), Listed(config.mix(), FormatNumber))},
       {"Service level", level},
       {"Arrivals", config.arrivals()},
       {"Think time", Seconds(config.think_seconds())},
       {"Warm-up", Seconds(config.warmup_seconds())},
       {"Measured", Seconds(config.measure_seconds())},
       {"Timeout", Seconds(config.timeout_seconds())},
       {"Connections", FormatIfAny(config.connections())},
       {"Workers", FormatIfAny(config.workers())},
       {"Maximum in flight", FormatIfAny(config.max_in_flight())},
       {"People", FormatIfAny(config.people())},
       {"Seed",
        report.has_config() ? fmt::format("{:.0f}", config.seed()) : ""},
       {"Command",
        config.arguments().empty() ? "" : "pinhole " + config.arguments()}});
}

std::string ResourceName(const std::string& finding_id) {
  static const auto* const kNames = new std::map<std::string, std::string>{
      {"write_lock", "write lock"},
      {"busy", "busy database"},
      {"fsync", "fsync"},
      {"commit", "commits"},
      {"hashing", "password hashing"},
      {"other_programs", "other programs on the machine"},
      {"cpu", "CPU"},
      {"pool_wait", "database connection pool"},
      {"queries", "number of queries"},
      {"checkpoint", "checkpoints"},
      {"rejections", "admission limit"},
      {"generator", "load generator"}};
  const auto name = kNames->find(finding_id);
  return name == kNames->end() ? finding_id : name->second;
}

std::string LimitText(const report::Limit& limit, const std::string& unit) {
  if (limit.outcome().empty()) return "–";
  if (!(limit.highest_passing() > 0)) return "none";
  const bool lower_bound = limit.outcome() == "never_broke" ||
                           limit.outcome() == "generator_limited" ||
                           limit.outcome() == "interrupted";
  return fmt::format(
      "{}{}{}{}{}", lower_bound ? "at least " : "",
      FormatNumber(limit.highest_passing()), unit.empty() ? "" : " ", unit,
      limit.outcome() == "not_confirmed" && !unit.empty() ? ", not confirmed"
                                                          : "");
}

std::string RatioText(const report::Limit& before, const report::Limit& after) {
  if (before.outcome() != "found" || after.outcome() != "found") return "";
  return Ratio(before.highest_passing(), after.highest_passing());
}

}  // namespace pinhole::lab
