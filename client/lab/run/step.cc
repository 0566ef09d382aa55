// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/step.h"

#include <utility>

namespace pinhole::lab {
namespace {

std::uint32_t Count(std::int64_t count) {
  return static_cast<std::uint32_t>(count);
}

double Ms(absl::Duration duration) {
  return absl::ToDoubleMilliseconds(duration);
}

report::Operation DescribeOperation(std::string_view name,
                                    const OperationTally& tally) {
  report::Operation operation;
  operation.set_name(std::string(name));
  operation.set_ok(Count(tally.ok));
  for (const auto& [kind, count] : tally.errors) {
    (*operation.mutable_errors())[kind] = Count(count);
  }
  *operation.mutable_response() = DescribeLatency(tally.response);
  *operation.mutable_service() = DescribeLatency(tally.service);
  return operation;
}

}  // namespace

report::Latency DescribeLatency(const Histogram& histogram) {
  report::Latency latency;
  latency.set_mean_ms(Ms(histogram.Mean()));
  latency.set_p50_ms(Ms(histogram.Quantile(0.5)));
  latency.set_p90_ms(Ms(histogram.Quantile(0.9)));
  latency.set_p95_ms(Ms(histogram.Quantile(0.95)));
  latency.set_p99_ms(Ms(histogram.Quantile(0.99)));
  latency.set_p999_ms(Ms(histogram.Quantile(0.999)));
  latency.set_max_ms(Ms(histogram.Max()));
  const auto [low, high] = histogram.QuantileInterval(0.99);
  latency.set_p99_low_ms(Ms(low));
  if (high != absl::InfiniteDuration()) latency.set_p99_high_ms(Ms(high));
  const SparseHistogram sparse = histogram.ToSparse();
  for (const auto& [bucket, count] : sparse.buckets) {
    latency.add_bucket(static_cast<std::uint32_t>(bucket));
    latency.add_count(Count(count));
  }
  latency.set_min_us(static_cast<double>(sparse.min_us));
  latency.set_max_us(static_cast<double>(sparse.max_us));
  latency.set_sum_us(static_cast<double>(sparse.sum_us));
  latency.set_saturated(Count(sparse.saturated));
  return latency;
}

report::Step DescribeStep(const LoadPlan& plan, const Profile& profile,
                          const Tally& tally) {
  report::Step step;
  step.set_kind(plan.users > 0 ? "closed" : "open");
  step.set_users(static_cast<std::uint32_t>(plan.users));
  step.set_rate(plan.users > 0 ? 0 : plan.rate);
  step.set_offered(tally.OfferedPerSecond());
  step.set_achieved(tally.AchievedPerSecond());
  step.set_seconds(absl::ToDoubleSeconds(tally.measured));
  *step.mutable_total() = DescribeOperation("", tally.Total());
  for (int i = 0; i < kOperations; ++i) {
    const auto operation = static_cast<Operation>(i);
    if (!profile.Has(operation)) continue;
    *step.add_operations() =
        DescribeOperation(NameOf(operation), tally.Of(operation));
  }
  step.set_in_flight_mid(Count(tally.in_flight_mid));
  step.set_in_flight_end(Count(tally.in_flight_end));
  step.set_dropped(Count(tally.dropped));
  step.set_late(Count(tally.late));
  step.set_cut_short(tally.hopeless || tally.interrupted);
  report::Generator& generator = *step.mutable_generator();
  generator.set_send_lag_p99_ms(Ms(tally.send_lag.Quantile(0.99)));
  if (step.seconds() > 0) {
    generator.set_cpu_share(tally.busiest_cpu_seconds / step.seconds());
    generator.set_cpu_cores(tally.cpu_seconds / step.seconds());
  }
  for (const SecondTally& tallied : tally.seconds) {
    report::Second& second = *step.add_timeline();
    second.set_ok(Count(tallied.ok));
    second.set_errors(Count(tallied.errors));
    second.set_p50_ms(Ms(tallied.response.Quantile(0.5)));
    second.set_p99_ms(Ms(tallied.response.Quantile(0.99)));
    second.set_in_flight(Count(tallied.in_flight));
  }
  return step;
}

const report::Operation* FindOperation(const report::Step& step,
                                       const std::string& name) {
  if (name.empty()) return &step.total();
  for (const report::Operation& operation : step.operations()) {
    if (operation.name() == name) return &operation;
  }
  return nullptr;
}

}  // namespace pinhole::lab
