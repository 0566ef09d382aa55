// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client/lab/report/fixture.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "client/lab/core/histogram.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace pinhole::lab::testing {
namespace {

constexpr double kSloMs = 100;
constexpr double kCapacity = 430;  // Operations a second.

// A long tail: the values of an exponential distribution above a floor.
report::Latency LatencyAround(double mean_ms, std::uint32_t samples) {
  Histogram histogram;
  for (std::uint32_t i = 0; i < samples; ++i) {
    const double share = (i + 0.5) / samples;
    histogram.Record(
        absl::Milliseconds(mean_ms * (0.3 - 0.7 * std::log(1 - share))));
  }
  const auto ms = [&](double q) {
    return absl::ToDoubleMilliseconds(histogram.Quantile(q));
  };
  report::Latency latency;
  latency.set_mean_ms(mean_ms);
  latency.set_p50_ms(ms(0.5));
  latency.set_p90_ms(ms(0.9));
  latency.set_p95_ms(ms(0.95));
  latency.set_p99_ms(ms(0.99));
  latency.set_p999_ms(ms(0.999));
  latency.set_max_ms(absl::ToDoubleMilliseconds(histogram.Max()));
  latency.set_p99_low_ms(0.9 * ms(0.99));
  latency.set_p99_high_ms(1.1 * ms(0.99));
  for (const auto& [bucket, count] : histogram.ToSparse().buckets) {
    latency.add_bucket(static_cast<std::uint32_t>(bucket));
    latency.add_count(static_cast<std::uint32_t>(count));
  }
  return latency;
}

void AddOperation(const std::string& name, double share, double ms,
                  double errors, report::Step& step) {
  report::Operation& operation = *step.add_operations();
  const double count = share * step.achieved() * step.seconds();
  operation.set_name(name);
  operation.set_ok(static_cast<std::uint32_t>(count * (1 - errors)));
  if (errors > 0) {
    (*operation.mutable_errors())["DEADLINE_EXCEEDED"] =
        static_cast<std::uint32_t>(count * errors) + 1;
  }
  *operation.mutable_response() =
      LatencyAround(ms, std::max(operation.ok(), 100u));
  *operation.mutable_service() =
      LatencyAround(0.8 * ms, std::max(operation.ok(), 100u));
}

void SumUp(double mean_ms, report::Step& step) {
  report::Operation& total = *step.mutable_total();
  for (const report::Operation& operation : step.operations()) {
    total.set_ok(total.ok() + operation.ok());
    for (const auto& [kind, count] : operation.errors()) {
      (*total.mutable_errors())[kind] += count;
    }
  }
  *total.mutable_response() = LatencyAround(mean_ms, total.ok());
  *total.mutable_service() = LatencyAround(0.8 * mean_ms, total.ok());
}

void AddTimeSpent(const std::string& method, double calls, double hash,
                  double write_wait, double write, double query,
                  report::Resources& resources) {
  report::TimeSpent& spent = *resources.add_time_spent();
  spent.set_method(method);
  spent.set_calls(calls);
  auto& parts = *spent.mutable_part_ms();
  parts["admission"] = 0.08;
  if (hash > 0) {
    parts["hash"] = hash;
    parts["hash_wait"] = 0.4 * hash;
  }
  if (write > 0) {
    parts["write_wait"] = write_wait;
    parts["write"] = 0.4 * write;
    parts["commit"] = 0.1 * write;
    parts["fsync"] = 0.5 * write;
  }
  parts["query"] = query;
  parts["rest"] = 0.3;
}

void AddResources(double load, report::Step& step) {
  report::Resources& resources = *step.mutable_resources();
  resources.set_cpu_cores(1.5 * load);
  resources.set_memory_mib(84.2 + 20 * load);
  resources.set_write_lock_share(std::min(0.97, 0.9 * load));
  resources.set_commit_share(std::min(0.6, 0.5 * load));
  resources.set_fsync_share(std::min(0.5, 0.4 * load));
  resources.set_commit_mean_ms(2.1);
  resources.set_commit_p99_ms(6.4);
  resources.set_commands_per_commit(1 + 2 * load);
  resources.set_hash_cores(0.5 * load);
  resources.set_write_wait_p99_ms(40 * load);
  resources.set_pool_wait_p99_ms(0.4);
  resources.set_cache_hit_ratio(0.913);
  resources.set_queries_per_operation(2.2);
  resources.set_wal_mib(4.1);
  const double wait = 8 * load * load;
  AddTimeSpent("Register", 120, 21, wait, 2.4, 0.3, resources);
  AddTimeSpent("GetFeed", 260, 0, 0, 0, 1.9, resources);
  AddTimeSpent("LikePhoto", 250, 0, wait, 2.2, 0.2, resources);
}

void AddTimeline(double mean_ms, report::Step& step) {
  for (int i = 0; i < static_cast<int>(step.seconds()); ++i) {
    report::Second& second = *step.add_timeline();
    second.set_ok(
        static_cast<std::uint32_t>(step.achieved() * (1 + 0.05 * (i % 3 - 1))));
    second.set_errors(step.passed() ? 0 : 3 + i % 4);
    second.set_p50_ms(0.8 * mean_ms);
    second.set_p99_ms(mean_ms * (3 + 0.3 * (i % 4)));
    second.set_in_flight(static_cast<std::uint32_t>(4 + mean_ms / 4));
  }
}

// `load` is 1 at the capacity.
void Fill(double load, report::Step& step) {
  const double mean_ms = 6 / std::max(1.01 - load, 0.012);
  const double errors = load > 1 ? std::min(0.3, load - 1) : 0;
  step.set_seconds(10);
  step.set_achieved(kCapacity * std::min(load, 1.02));
  AddOperation("register", 0.1, 26 + mean_ms, errors, step);
  AddOperation("login", 0.1, 24 + 0.5 * mean_ms, 0, step);
  AddOperation("feed", 0.3, 0.5 * mean_ms, 0, step);
  AddOperation("photo", 0.2, 0.3 * mean_ms, 0, step);
  AddOperation("like", 0.3, mean_ms, errors, step);
  SumUp(mean_ms, step);
  step.set_passed(step.total().response().p99_ms() < kSloMs && errors == 0);
  if (!step.passed()) {
    step.add_reasons(
        "p99 " +
        std::to_string(static_cast<int>(step.total().response().p99_ms())) +
        " ms, limit 100 ms");
  }
  step.mutable_generator()->set_send_lag_p99_ms(0.4);
  AddResources(std::min(load, 1.0), step);
  AddTimeline(mean_ms, step);
}

void AddOpenStep(const std::string& purpose, double rate,
                 report::Report& report) {
  report::Step& step = *report.add_steps();
  step.set_kind("open");
  step.set_purpose(purpose);
  step.set_rate(rate);
  step.set_offered(rate * 1.004);
  step.set_start_seconds(15.0 * (report.steps_size() - 1));
  Fill(rate / kCapacity, step);
  if (!step.passed()) step.set_late(37);
}

void AddClosedStep(std::uint32_t users, double share, report::Report& report) {
  report::Step& step = *report.add_steps();
  step.set_kind("closed");
  step.set_purpose("ladder");
  step.set_users(users);
  step.set_start_seconds(15.0 * (report.steps_size() - 1));
  Fill(share, step);
}

void SetEnvironment(report::Report& report) {
  report.set_schema("pinhole.lab/1");
  report.set_start_time("2026-11-23T21:14:03Z");
  report.set_seconds(241.7);
  report::Environment& environment = *report.mutable_environment();
  environment.set_lab_version("0.4.0");
  environment.set_lab_build("release, gcc 12.2.0");
  environment.set_server_version("0.4.0");
  (*environment.mutable_server_build())["build_type"] = "Release";
  (*environment.mutable_server_build())["compiler"] = "gcc 12.2.0";
  environment.set_cpu_model("Example CPU E5 @ 2.40GHz");
  environment.set_cpus(2);
  environment.set_kernel("Linux 6.1.0");
  environment.set_memory_gib(7.8);
  environment.set_same_host(true);
  (*environment.mutable_database())["journal_mode"] = "wal";
  (*environment.mutable_database())["synchronous"] = "normal";
  environment.add_warnings("The server is a debug build.");
  report::Config& config = *report.mutable_config();
  config.add_targets("grpc://127.0.0.1:50051");
  config.set_profile("newcomer");
  (*config.mutable_mix())["feed"] = 2;
  config.set_think_seconds(0);
  config.set_measure_seconds(10);
  config.set_arrivals("poisson");
  config.set_connections(8);
  config.set_seed(42);
}

void AddFinding(const std::string& id, const std::string& severity,
                const std::string& evidence, const std::string& advice,
                google::protobuf::RepeatedPtrField<report::Finding>& findings) {
  report::Finding& finding = *findings.Add();
  finding.set_id(id);
  finding.set_severity(severity);
  finding.set_evidence(evidence);
  finding.set_advice(advice);
}

void SetLimit(double highest, double broke_at, report::Limit& limit) {
  limit.set_outcome("found");
  limit.set_highest_passing(highest);
  limit.set_broke_at(broke_at);
  limit.set_broke_by("latency");
  limit.set_p99_ms(91.4);
  limit.set_confirmed(true);
}

void AddVariant(const std::string& name, double share, double rate,
                double users, report::Report& report) {
  report::Report steps;
  AddClosedStep(5, 0.5 * share, steps);
  AddClosedStep(20, share, steps);
  report::Variant& variant = *report.add_variants();
  variant.set_name(name);
  variant.set_flags("--db-group-commit=" + name);
  *variant.mutable_steps() = steps.steps();
  SetLimit(rate, 1.05 * rate, *variant.mutable_rate_limit());
  SetLimit(users, users + 2, *variant.mutable_users_limit());
  AddFinding("hashing", "limit", "Hashing took 61 % of the CPU.",
             "Bound the pool.", *variant.mutable_findings());
}

// Every string of `message` and of what it holds; names of map entries too.
void Poison(google::protobuf::Message& message) {
  using google::protobuf::FieldDescriptor;
  const auto* reflection = message.GetReflection();
  const auto* descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const bool text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    const bool nested = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    // "open" and "closed" say which table a step belongs to.
    if (field->full_name() == "pinhole.lab.report.Step.kind") continue;
    if (field->is_repeated()) {
      for (int j = 0; j < reflection->FieldSize(message, field); ++j) {
        if (text) reflection->SetRepeatedString(&message, field, j, kHostile);
        if (nested) {
          Poison(*reflection->MutableRepeatedMessage(&message, field, j));
        }
      }
    } else if (text) {
      reflection->SetString(&message, field, kHostile);
    } else if (nested && reflection->HasField(message, field)) {
      Poison(*reflection->MutableMessage(&message, field));
    }
  }
}

}  // namespace

report::Report BreakingReport() {
  report::Report report;
  SetEnvironment(report);
  report.set_command("breaking");
  report.mutable_config()->set_slo_p99_ms(kSloMs);
  report.mutable_config()->set_slo_errors(0.01);
  report.mutable_config()->set_arguments("lab breaking --seed 42");
  for (const double rate : {25.0, 50.0, 100.0, 200.0, 400.0}) {
    AddOpenStep("grow", rate, report);
  }
  AddOpenStep("grow", 500, report);
  AddOpenStep("repeat", 500, report);
  for (const double rate : {300.0, 345.0, 321.0}) {
    AddOpenStep("bisect", rate, report);
  }
  AddOpenStep("confirm", 321, report);
  for (const std::uint32_t users : {1u, 2u, 4u, 8u, 16u}) {
    AddClosedStep(users, 0.9 * users / (users + 4.0), report);
  }
  SetLimit(321, 345, *report.mutable_rate_limit());
  SetLimit(16, 32, *report.mutable_users_limit());
  AddFinding(
      "write_lock", "limit", "A write transaction was open 92 % of the time.",
      "Batch writes or shorten transactions.", *report.mutable_findings());
  AddFinding("checkpoint", "note", "The log reached 4 MiB.", "Nothing to do.",
             *report.mutable_findings());
  report.mutable_rows_before()->set_users(2000);
  report.mutable_rows_after()->set_users(7312);
  return report;
}

report::Report StressReport() {
  report::Report report;
  SetEnvironment(report);
  report.set_command("stress");
  report.set_partial(true);
  for (const std::uint32_t users : {1u, 5u, 10u, 20u}) {
    AddClosedStep(users, 0.05 * users, report);
  }
  for (report::Step& step : *report.mutable_steps()) {
    step.clear_resources();
    step.mutable_resources()->set_error("connection refused");
  }
  report::Threshold& kept = *report.add_thresholds();
  kept.set_text("errors<1%");
  kept.set_evidence("0.00 % at 20 users");
  report::Threshold& crossed = *report.add_thresholds();
  crossed.set_text("p99(feed)<100ms");
  crossed.set_crossed(true);
  crossed.set_evidence("131 ms at 20 users");
  return report;
}

report::Report AblationReport() {
  report::Report report;
  SetEnvironment(report);
  report.set_command("ablation");
  report.mutable_config()->set_slo_p99_ms(kSloMs);
  AddVariant("naive", 1.2, 96, 7, report);
  AddVariant("+ write batching", 0.9, 280, 18, report);
  AddVariant("default", 0.4, 1240, 61, report);
  return report;
}

report::Report HostileReport() {
  report::Report report = BreakingReport();
  report.MergeFrom(AblationReport());
  report.MergeFrom(StressReport());
  Poison(report);
  return report;
}

}  // namespace pinhole::lab::testing
