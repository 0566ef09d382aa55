// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/headline.h"

#include <algorithm>

#include "client/lab/report/step_choice.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// Beyond this share of the limit queues grow long enough to be felt.
constexpr double kHeadRoom = 0.7;

std::string Explained(const report::Limit& limit, const char* unit) {
  if (!limit.summary().empty()) return Sentence(limit.summary());
  std::string text;
  if (limit.broke_at() > 0) {
    text = fmt::format("It broke at {} {}", FigureWord(limit.broke_at()), unit);
    if (!limit.broke_by().empty()) text += ", by " + limit.broke_by();
    text += ".";
  }
  if (limit.confirmed()) text += " Confirmed by a longer step.";
  return text;
}

std::string HighestAnswer(const report::Report& report) {
  const report::Limit& limit = report.rate_limit();
  return LimitWord(limit, "ops/s") +
         (limit.outcome() == "not_confirmed" ? ", not confirmed" : "");
}

std::string FirstBroken(const report::Report& report) {
  const std::string& by_rate = report.rate_limit().broke_by();
  return by_rate.empty() ? report.users_limit().broke_by() : by_rate;
}

const report::Finding* Binding(const report::Report& report) {
  const auto found = std::find_if(
      report.findings().begin(), report.findings().end(),
      [](const auto& finding) { return finding.severity() == "limit"; });
  return found == report.findings().end() ? nullptr : &*found;
}

void AddLimits(const report::Report& report, std::vector<Fact>& facts) {
  if (report.has_rate_limit()) {
    facts.push_back({"Highest rate", HighestAnswer(report),
                     Explained(report.rate_limit(), "ops/s")});
  }
  if (report.has_users_limit()) {
    facts.push_back({"Most users at once",
                     LimitWord(report.users_limit(), "users"),
                     Explained(report.users_limit(), "users")});
  }
  if (const std::string broken = FirstBroken(report); !broken.empty()) {
    facts.push_back({"Broke first", broken, ""});
  }
}

void AddHighestStep(const report::Report& report, std::vector<Fact>& facts) {
  const report::Step* best = BestStep(report.steps());
  if (best == nullptr || report.has_rate_limit()) return;
  const bool judged = AreJudged(All(report.steps()));
  const char* what = !judged          ? "Last step"
                     : best->passed() ? "Highest step that passed"
                                      : "No step passed; the last";
  facts.push_back(
      {what,
       fmt::format("{} ops/s {} {}", FigureWord(best->achieved()),
                   best->kind() == "open" ? "of" : "at", LoadWord(*best)),
       fmt::format("p50 {}, p99 {}, errors {} %.",
                   DurationWord(best->total().response().p50_ms()),
                   DurationWord(best->total().response().p99_ms()),
                   PercentFigure(FailureShareOf(best->total())))});
}

void AddThresholds(const report::Report& report, std::vector<Fact>& facts) {
  if (report.thresholds().empty()) return;
  const auto crossed =
      std::count_if(report.thresholds().begin(), report.thresholds().end(),
                    [](const auto& threshold) { return threshold.crossed(); });
  facts.push_back({"Thresholds",
                   crossed == 0 ? "all kept"
                                : fmt::format("{} of {} crossed", crossed,
                                              report.thresholds_size()),
                   ""});
}

// Where no limit was searched for, the greatest load both settings had says it.
void AddVariantSteps(const report::Variant& first, const report::Variant& last,
                     std::vector<Fact>& facts) {
  if (first.steps().empty() || last.steps().empty()) return;
  const report::Step& before = first.steps(first.steps_size() - 1);
  const report::Step& after = last.steps(last.steps_size() - 1);
  if (LoadWord(before) != LoadWord(after)) return;
  facts.push_back(
      {fmt::format("At {}, ops/s", LoadWord(after)),
       fmt::format("{} to {}", FigureWord(before.achieved()),
                   FigureWord(after.achieved())),
       fmt::format("From '{}' to '{}': {}; errors from {} % to {} %.",
                   first.name(), last.name(),
                   RatioWord(before.achieved(), after.achieved()),
                   PercentFigure(FailureShareOf(before.total())),
                   PercentFigure(FailureShareOf(after.total())))});
}

void AddVariants(const report::Report& report, std::vector<Fact>& facts) {
  if (report.variants_size() < 2) return;
  const report::Variant& first = report.variants(0);
  const report::Variant& last = report.variants(report.variants_size() - 1);
  const auto add = [&](const char* what, const report::Limit& before,
                       const report::Limit& after) {
    if (!(before.highest_passing() > 0)) return;
    facts.push_back(
        {what,
         fmt::format("{} to {}", FigureWord(before.highest_passing()),
                     FigureWord(after.highest_passing())),
         fmt::format(
             "From '{}' to '{}': {}.", first.name(), last.name(),
             RatioWord(before.highest_passing(), after.highest_passing()))});
  };
  add("Highest rate, ops/s", first.rate_limit(), last.rate_limit());
  add("Most users at once", first.users_limit(), last.users_limit());
  if (!(first.rate_limit().highest_passing() > 0 &&
        last.rate_limit().highest_passing() > 0)) {
    AddVariantSteps(first, last, facts);
  }
}

void AddCause(const report::Report& report, std::vector<Fact>& facts) {
  const report::Finding* binding = Binding(report);
  if (binding != nullptr) {
    facts.push_back({"Bound by", ResourceWord(binding->id()),
                     Sentence(binding->evidence())});
  }
  const std::string advice =
      binding == nullptr ? "" : Sentence(binding->advice());
  const double limit = report.rate_limit().highest_passing();
  if (limit > 0) {
    facts.push_back(
        {"Advice",
         fmt::format("run at no more than {} ops/s",
                     FigureWord(kHeadRoom * limit)),
         fmt::format("That is {:.0f} % of the limit.{}{}", 100 * kHeadRoom,
                     advice.empty() ? "" : " ", advice)});
  } else if (!advice.empty()) {
    facts.push_back({"Advice", advice, ""});
  }
}

}  // namespace

std::vector<Fact> HeadlineOf(const report::Report& report) {
  std::vector<Fact> facts;
  AddLimits(report, facts);
  AddHighestStep(report, facts);
  AddThresholds(report, facts);
  AddVariants(report, facts);
  AddCause(report, facts);
  if (facts.empty()) {
    facts.push_back({"Result", "nothing was measured", ""});
  }
  return facts;
}

std::vector<std::string> RemarksOf(const report::Report& report) {
  std::vector<std::string> remarks;
  if (!report.overload().summary().empty()) {
    remarks.push_back(Sentence(report.overload().summary()));
  }
  return remarks;
}

std::string TitleOf(const report::Report& report) {
  const std::string& command = report.command();
  std::string title = command == "breaking"   ? "Breaking point"
                      : command == "stress"   ? "Stress test"
                      : command == "ablation" ? "What each improvement buys"
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

}  // namespace pinhole::lab
