// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/threshold.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "client/lab/core/format.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

absl::Status Wrong(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format(
      "'{}': {}; write for example p99(feed)<100ms, errors<1% or rate>100",
      text, why));
}

bool IsTime(Metric metric) {
  return metric == Metric::kQuantile || metric == Metric::kMean ||
         metric == Metric::kMax;
}

bool ParseNumber(std::string_view text, double* number) {
  // Not "inf", "nan" or "-1".
  return !text.empty() && (absl::ascii_isdigit(text[0]) || text[0] == '.') &&
         absl::SimpleAtod(std::string(text), number);
}

// METRIC without the operation in parentheses.
absl::Status ParseMetric(std::string_view name, Threshold& threshold) {
  if (name == "errors") {
    threshold.metric = Metric::kErrors;
  } else if (name == "rate") {
    threshold.metric = Metric::kRate;
  } else if (name == "mean") {
    threshold.metric = Metric::kMean;
  } else if (name == "max") {
    threshold.metric = Metric::kMax;
  } else {
    double percent = 0;
    if (name.empty() || name[0] != 'p' ||
        !ParseNumber(name.substr(1), &percent) || percent <= 0 ||
        percent >= 100) {
      return Wrong(threshold.text,
                   fmt::format("unknown metric '{}'; the metrics are p50, p99, "
                               "p99.9 and so on, mean, max, errors and rate",
                               name));
    }
    threshold.quantile = percent / 100;
  }
  return absl::OkStatus();
}

absl::Status ParseLimit(std::string_view text, Threshold& threshold) {
  if (IsTime(threshold.metric)) {
    absl::Duration limit;
    if (!absl::ParseDuration(std::string(text), &limit) ||
        limit <= absl::ZeroDuration() || limit > absl::Hours(1)) {
      return Wrong(threshold.text,
                   fmt::format("'{}' must be a duration with a unit", text));
    }
    threshold.limit = absl::ToDoubleSeconds(limit);
    return absl::OkStatus();
  }
  double unit = 1;
  std::string_view number = text;
  if (threshold.metric == Metric::kErrors && number.ends_with('%')) {
    number.remove_suffix(1);
    unit = 0.01;
  }
  if (!ParseNumber(number, &threshold.limit)) {
    return Wrong(threshold.text, fmt::format("'{}' is not a number", text));
  }
  threshold.limit *= unit;
  if (threshold.metric == Metric::kErrors && threshold.limit > 1) {
    return Wrong(threshold.text,
                 fmt::format("'{}' must be at most 100%", text));
  }
  return absl::OkStatus();
}

double ValueOf(const Threshold& threshold, const StepFigures& step,
               const OperationFigures& figures) {
  const Histogram& response = figures.response;
  switch (threshold.metric) {
    case Metric::kQuantile:
      return absl::ToDoubleSeconds(response.Quantile(threshold.quantile));
    case Metric::kMean:
      return absl::ToDoubleSeconds(response.Mean());
    case Metric::kMax:
      return absl::ToDoubleSeconds(response.Max());
    case Metric::kErrors:
      return figures.FailureShare();
    case Metric::kRate:
      break;
  }
  if (!threshold.operation.has_value()) return step.achieved;
  const double seconds = absl::ToDoubleSeconds(step.measured);
  const auto succeeded = static_cast<double>(figures.count - figures.failed);
  return seconds > 0 ? succeeded / seconds : 0;
}

std::string Format(Metric metric, double value) {
  if (IsTime(metric)) return InWords(absl::Seconds(value));
  if (metric == Metric::kErrors) return Percent(value);
  return FormatNumber(value) + "/s";
}

}  // namespace

absl::StatusOr<Threshold> ParseThreshold(std::string_view text) {
  Threshold threshold{.text = std::string(text)};
  const std::size_t sign = text.find_first_of("<>");
  if (sign == std::string_view::npos) {
    return Wrong(text, "it must contain < or >");
  }
  threshold.below = text[sign] == '<';
  std::string_view metric = text.substr(0, sign);
  const std::size_t open = metric.find('(');
  if (open != std::string_view::npos) {
    if (!metric.ends_with(')')) return Wrong(text, "the ) is missing");
    const auto operation =
        OperationNamed(metric.substr(open + 1, metric.size() - open - 2));
    if (!operation.ok()) {
      return Wrong(text, std::string(operation.status().message()));
    }
    threshold.operation = *operation;
    metric = metric.substr(0, open);
  }
  absl::Status status = ParseMetric(metric, threshold);
  if (status.ok()) status = ParseLimit(text.substr(sign + 1), threshold);
  if (!status.ok()) return status;
  return threshold;
}

std::optional<std::string> Breach(const Threshold& threshold,
                                  const StepFigures& figures) {
  const std::string metric =
      threshold.text.substr(0, threshold.text.find_first_of("<>"));
  OperationFigures measured;
  if (!threshold.operation.has_value()) {
    measured = figures.Total();
  } else if (const auto found = figures.operations.find(*threshold.operation);
             found != figures.operations.end()) {
    measured = found->second;
  }
  if (measured.count == 0 ||
      (IsTime(threshold.metric) && measured.response.count() == 0)) {
    return fmt::format("{} was not measured: nothing {}", metric,
                       measured.count == 0 ? "was called" : "succeeded");
  }
  const double value = ValueOf(threshold, figures, measured);
  if (threshold.below ? value < threshold.limit : value > threshold.limit) {
    return std::nullopt;
  }
  return fmt::format("{} was {}, limit {}", metric,
                     Format(threshold.metric, value),
                     Format(threshold.metric, threshold.limit));
}

}  // namespace pinhole::lab
