// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/stages.h"

#include <algorithm>
#include <map>

#include "client/lab/core/format.h"
#include "client/lab/core/tutorial.h"
#include "client/lab/observe/environment.h"
#include "client/lab/report/document.h"
#include "client/lab/report/step_choice.h"
#include "client/lab/run/compare.h"
#include "client/lab/run/step.h"
#include "fmt/format.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace pinhole::lab {
namespace {

constexpr char kSqlite[] = "SQLite";
constexpr char kPostgres[] = "PostgreSQL";

// Registering and logging in hash a password, and an upload makes renditions;
// both take longer than their writes.
constexpr Operation kWrites[] = {Operation::kLike, Operation::kFollow,
                                 Operation::kComment};

// The store of the server, from the labels of `pinhole_db_info`; empty if the
// report does not hold them.
std::string StoreOf(const report::Report& report) {
  const auto& labels = report.environment().database();
  if (const auto engine = labels.find("engine"); engine != labels.end()) {
    if (engine->second == kSqliteEngine) return kSqlite;
    if (engine->second == kPostgresEngine) return kPostgres;
    return engine->second;
  }
  // Servers without other stores had no such label.
  return labels.contains("journal_mode") ? kSqlite : "";
}

absl::Status CheckStore(const NamedReport& named, const std::string& store,
                        const std::string& position,
                        std::vector<std::string>& notes) {
  const std::string found = StoreOf(named.report);
  if (found.empty()) {
    notes.push_back(fmt::format(
        "the report {} does not name the store of its server, because the run "
        "did not read the server's metrics; it is taken for {}",
        named.name, store));
    return absl::OkStatus();
  }
  if (found == store) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "{} was measured on {}; with --stages, the {} file must be a report of a "
      "server on {}",
      named.name, found, position, store));
}

// The step whose figures stand for the run; null if there is none.
const report::Step* TellingStep(const report::Report& report) {
  // The last step of each number of users: a search repeats the limit.
  std::map<std::uint32_t, const report::Step*> steps;
  for (const report::Step& step : report.steps()) {
    if (step.kind() == "closed" && IsOrdinary(step)) {
      steps[step.users()] = &step;
    }
  }
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (step->second->passed()) return step->second;
  }
  return steps.empty() ? nullptr : steps.begin()->second;
}

std::optional<WriteTimes> WriteTimesOf(const report::Step& step) {
  std::optional<WriteTimes> times;
  for (const Operation write : kWrites) {
    const report::Operation* operation =
        FindOperation(step, std::string(NameOf(write)));
    if (operation == nullptr || operation->ok() == 0) continue;
    const double ms = operation->response().p50_ms();
    if (!times) times = WriteTimes{.low_ms = ms, .high_ms = ms};
    times->low_ms = std::min(times->low_ms, ms);
    times->high_ms = std::max(times->high_ms, ms);
  }
  return times;
}

absl::StatusOr<Stage> StageOf(const NamedReport& named) {
  const report::Step* step = TellingStep(named.report);
  if (step == nullptr) {
    return absl::InvalidArgumentError(fmt::format(
        "{} has no completed step with concurrent users whose load the lab "
        "could generate; measure one with `pinhole lab stress "
        "--users 500 --output FILE`",
        named.name));
  }
  return Stage{.name = named.name,
               .passed = step->passed(),
               .users = static_cast<double>(step->users()),
               .rate = step->achieved(),
               .failures = FailureShareOf(step->total()),
               .p99_ms = step->total().response().p99_ms(),
               // A user has one.
               .connections = static_cast<double>(std::min(
                   named.report.config().connections(), step->users())),
               .writes = WriteTimesOf(*step)};
}

std::string LevelOf(const report::Config& config) {
  return fmt::format("p99 below {}, errors below {} %",
                     FormatMilliseconds(config.slo_p99_ms()),
                     FormatNumber(100 * config.slo_errors()));
}

void AddWarnings(const NamedReport& named, std::vector<std::string>& notes) {
  for (const std::string& warning : named.report.environment().warnings()) {
    notes.push_back(fmt::format("warning of {}: {}", named.name, warning));
  }
}

// A row of the table: a figure, and how a stage and the tutorial state it.
struct Figure {
  const char* name;
  std::string reported;
  std::string promised;
  std::string (*text)(const Stage&);
  bool (*kept)(const Stage&);
};

std::string UsersText(const Stage& stage) {
  return stage.passed ? FormatNumber(stage.users)
                      : "broke at " + FormatNumber(stage.users);
}

std::string WritesText(const Stage& stage) {
  if (!stage.writes) return "–";
  const std::string low = FormatNumber(stage.writes->low_ms);
  const std::string high = FormatNumber(stage.writes->high_ms);
  return low == high ? low + " ms" : fmt::format("{} to {} ms", low, high);
}

std::vector<Figure> Figures() {
  const TutorialPromise& promise = kTutorialPromise;
  const auto ms = [](Operation write) { return TutorialMs(write).value_or(0); };
  return {
      {"concurrent users", fmt::format("broke at {}", kTutorialBreak.users),
       fmt::format("{}+", promise.users), UsersText,
       [](const Stage& stage) {
         return stage.passed && stage.users >= kTutorialPromise.users;
       }},
      {"requests/s", fmt::format("{}", kTutorialBreak.rate),
       FormatNumber(promise.rate) + "+",
       [](const Stage& stage) { return FormatNumber(stage.rate); },
       [](const Stage& stage) { return stage.rate >= kTutorialPromise.rate; }},
      {"errors", fmt::format("{} %", kTutorialBreak.failure_percent),
       fmt::format("below {} %", promise.failure_percent),
       [](const Stage& stage) {
         return FormatPercentage(stage.failures) + " %";
       },
       [](const Stage& stage) {
         return 100 * stage.failures < kTutorialPromise.failure_percent;
       }},
      {"writes, p50",
       fmt::format("{} to {} ms", ms(Operation::kFollow), ms(Operation::kLike)),
       fmt::format("{} to {} ms", promise.write_low_ms, promise.write_high_ms),
       WritesText,
       [](const Stage& stage) {
         return stage.writes &&
                stage.writes->high_ms <= kTutorialPromise.write_high_ms;
       }},
      {"connections", "–", fmt::format("{}+", promise.connections),
       [](const Stage& stage) { return FormatNumber(stage.connections); },
       [](const Stage& stage) {
         return stage.connections >= kTutorialPromise.connections;
       }}};
}

std::string StepText(const char* store, const Stage& stage) {
  return fmt::format("{}: {}, the step of {} users; p99 {}{}.\n", store,
                     stage.name, FormatNumber(stage.users),
                     FormatMilliseconds(stage.p99_ms),
                     stage.passed ? "" : "; it missed the service level");
}

void AddStage(const char* name, const Stage& stage,
              google::protobuf::Struct& root) {
  auto& fields =
      *(*root.mutable_fields())[name].mutable_struct_value()->mutable_fields();
  fields["report"].set_string_value(stage.name);
  fields["passed"].set_bool_value(stage.passed);
  fields["users"].set_number_value(stage.users);
  fields["rate"].set_number_value(stage.rate);
  fields["failures"].set_number_value(stage.failures);
  fields["p99Ms"].set_number_value(stage.p99_ms);
  fields["connections"].set_number_value(stage.connections);
  if (stage.writes) {
    fields["writeLowMs"].set_number_value(stage.writes->low_ms);
    fields["writeHighMs"].set_number_value(stage.writes->high_ms);
  }
}

}  // namespace

absl::StatusOr<Stages> CompareStages(const NamedReport& sqlite,
                                     const NamedReport& postgres) {
  Stages stages;
  if (auto status = CheckStore(sqlite, kSqlite, "first", stages.notes);
      !status.ok()) {
    return status;
  }
  if (auto status = CheckStore(postgres, kPostgres, "second", stages.notes);
      !status.ok()) {
    return status;
  }
  stages.unlike = DifferencesOfRuns(sqlite.report, postgres.report);
  const std::string level = LevelOf(sqlite.report.config());
  const std::string other = LevelOf(postgres.report.config());
  if (level != other) {
    stages.unlike.push_back(
        fmt::format("service level: '{}' and '{}'", level, other));
  }
  auto before = StageOf(sqlite);
  if (!before.ok()) return before.status();
  auto after = StageOf(postgres);
  if (!after.ok()) return after.status();
  stages.sqlite = *std::move(before);
  stages.postgres = *std::move(after);
  for (const Figure& figure : Figures()) {
    stages.promises.push_back(
        {.figure = figure.name, .kept = figure.kept(stages.postgres)});
  }
  AddWarnings(sqlite, stages.notes);
  AddWarnings(postgres, stages.notes);
  return stages;
}

std::string StagesText(const Stages& stages) {
  Table table{.columns = {{"figure", false},
                          {"SQLite, tutorial"},
                          {"SQLite, measured"},
                          {"PostgreSQL, promised"},
                          {"PostgreSQL, measured"},
                          {"kept"}},
              .rows = {}};
  const std::vector<Figure> figures = Figures();
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const Figure& figure = figures[i];
    const bool kept = stages.promises[i].kept;
    table.Add(
        {figure.name, figure.reported, figure.text(stages.sqlite),
         figure.promised, figure.text(stages.postgres), kept ? "yes" : "no"},
        !kept);
  }
  std::string text = TableToText(table);
  text += StepText(kSqlite, stages.sqlite);
  text += StepText(kPostgres, stages.postgres);
  for (const std::string& note : stages.notes) text += Sentence(note) + "\n";
  return text;
}

std::string StagesJson(const Stages& stages) {
  google::protobuf::Struct root;
  AddStage("sqlite", stages.sqlite, root);
  AddStage("postgres", stages.postgres, root);
  auto& promises = *(*root.mutable_fields())["promises"].mutable_list_value();
  for (const Promise& promise : stages.promises) {
    auto& fields =
        *promises.add_values()->mutable_struct_value()->mutable_fields();
    fields["figure"].set_string_value(promise.figure);
    fields["kept"].set_bool_value(promise.kept);
  }
  const auto add = [&](const char* name, const auto& texts) {
    auto& values = *(*root.mutable_fields())[name].mutable_list_value();
    for (const std::string& text : texts) {
      values.add_values()->set_string_value(text);
    }
  };
  add("unlike", stages.unlike);
  add("notes", stages.notes);
  std::string json;
  // A Struct can always be written.
  (void)google::protobuf::util::MessageToJsonString(root, &json).ok();
  return json + "\n";
}

}  // namespace pinhole::lab
