// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/verdict.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// See the header for what these are for.
constexpr double kAchievedShare = 0.98;
constexpr double kSpareOperations = 3;
constexpr double kBacklogGrowth = 1.5;
constexpr double kBacklogOfLimit = 0.5;
constexpr double kSpareInFlight = 4;
constexpr absl::Duration kMaxSendLag = absl::Milliseconds(5);
constexpr double kMaxSendLagOfLimit = 0.05;
constexpr double kMaxCpuShare = 0.8;
constexpr double kHopelessShare = 0.2;
constexpr double kHopelessQueue = 10;
constexpr std::int64_t kHopelessAtLeast = 50;

class Judgement {
 public:
  Judgement(const StepFigures& figures, const Slo& slo)
      : figures_(figures), slo_(slo), total_(figures.Total()) {}

  Verdict Give() {
    Latency("all operations", total_);
    for (const auto& [operation, figures] : figures_.operations) {
      if (figures.response.count() >= kSamplesForP99) {
        Latency(NameOf(operation), figures);
      }
    }
    Errors("all operations", total_);
    for (const auto& [operation, figures] : figures_.operations) {
      Errors(NameOf(operation), figures);
    }
    Throughput();
    Backlog();
    Generator();
    verdict_.enough_samples = total_.response.count() >= kSamplesForP99;
    verdict_.passed = verdict_.reasons.empty();
    return std::move(verdict_);
  }

 private:
  template <typename... Values>
  void Against(Cause cause, fmt::format_string<Values...> text,
               Values&&... values) {
    verdict_.reasons.push_back(
        {cause, fmt::format(text, std::forward<Values>(values)...)});
  }

  void Latency(std::string_view name, const OperationFigures& figures) {
    const Histogram& response = figures.response;
    if (response.count() < kSamplesForP99) {
      const Interval interval = response.QuantileInterval(0.99);
      if (interval.low < slo_.p99) return;
      Against(Cause::kLatency,
              "p99 of {} was at least {}, limit {}, from {} samples", name,
              InWords(interval.low), InWords(slo_.p99), response.count());
      return;
    }
    const absl::Duration p99 = response.Quantile(0.99);
    if (p99 < slo_.p99) return;
    Against(Cause::kLatency, "p99 of {} was {}, limit {}", name, InWords(p99),
            InWords(slo_.p99));
  }

  void Errors(std::string_view name, const OperationFigures& figures) {
    const double share = figures.FailureShare();
    if (figures.failed <= 1 || share < slo_.failure_share) return;
    Against(Cause::kErrors, "{} of {} {} failed ({}), limit {}", figures.failed,
            figures.count, name, Percent(share), Percent(slo_.failure_share));
  }

  void Throughput() {
    if (total_.count == total_.failed) {
      Against(Cause::kThroughput, "nothing succeeded");
      return;
    }
    const double spare =
        kSpareOperations /
        std::max(absl::ToDoubleSeconds(figures_.measured), 1e-3);
    const double enough =
        std::min(kAchievedShare * figures_.offered, figures_.offered - spare);
    if (figures_.achieved >= enough) return;
    Against(Cause::kThroughput, "achieved {:.1f}/s of {:.1f}/s offered ({})",
            figures_.achieved, figures_.offered,
            Percent(figures_.achieved / figures_.offered));
  }

  void Backlog() {
    if (figures_.hopeless) {
      Against(Cause::kBacklog, "ended early with {} calls in flight",
              figures_.in_flight_end);
    }
    if (figures_.offered <= 0) return;
    const double spare = std::max(
        kBacklogOfLimit * figures_.offered * absl::ToDoubleSeconds(slo_.p99),
        kSpareInFlight);
    const double allowed =
        kBacklogGrowth * static_cast<double>(figures_.in_flight_mid) + spare;
    if (static_cast<double>(figures_.in_flight_end) <= allowed) return;
    Against(Cause::kBacklog, "calls in flight grew from {} to {}",
            figures_.in_flight_mid, figures_.in_flight_end);
  }

  // The lag is in the response too, so what matters is what it is of the limit.
  absl::Duration MaxSendLag() const {
    return std::max(kMaxSendLag, kMaxSendLagOfLimit * slo_.p99);
  }

  void Generator() {
    const GeneratorFigures& generator = figures_.generator;
    std::vector<std::string>& reasons = verdict_.generator_reasons;
    if (generator.send_lag_p99 > MaxSendLag()) {
      reasons.push_back(fmt::format("calls were sent late: p99 {}, limit {}",
                                    InWords(generator.send_lag_p99),
                                    InWords(MaxSendLag())));
    }
    if (generator.cpu_share > kMaxCpuShare) {
      reasons.push_back(fmt::format("a worker used {} of a core, limit {}",
                                    Percent(generator.cpu_share),
                                    Percent(kMaxCpuShare)));
    }
    verdict_.generator_limited = !reasons.empty();
  }

  const StepFigures& figures_;
  const Slo& slo_;
  const OperationFigures total_;
  Verdict verdict_;
};

}  // namespace

std::string_view NameOf(Cause cause) {
  switch (cause) {
    case Cause::kLatency:
      return "latency";
    case Cause::kErrors:
      return "errors";
    case Cause::kThroughput:
      return "throughput";
    case Cause::kBacklog:
      return "backlog";
  }
  return "";
}

Verdict Judge(const StepFigures& figures, const Slo& slo) {
  return Judgement(figures, slo).Give();
}

bool Hopeless(const Progress& progress, const Slo& slo) {
  const double failed = static_cast<double>(progress.failed);
  if (progress.ended >= kHopelessAtLeast &&
      failed > kHopelessShare * static_cast<double>(progress.ended)) {
    return true;
  }
  return progress.rate > 0 && progress.in_flight > kHopelessAtLeast &&
         static_cast<double>(progress.in_flight) >
             kHopelessQueue * progress.rate * absl::ToDoubleSeconds(slo.p99);
}

}  // namespace pinhole::lab
