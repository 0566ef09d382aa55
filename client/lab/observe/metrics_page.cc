// SPDX-License-Identifier: Apache-2.0

#include "client/lab/observe/metrics_page.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// Removes `name="value",...` and the closing brace from the front of `text`;
// returns false if it has another form.
bool TakeLabels(std::string_view& text, MetricsPage::Labels& labels) {
  while (!text.empty() && text.front() != '}') {
    const std::size_t equals = text.find("=\"");
    if (equals == std::string_view::npos) return false;
    std::string name(text.substr(0, equals));
    text.remove_prefix(equals + 2);
    std::string value;
    while (!text.empty() && text.front() != '"') {
      if (text.front() == '\\' && text.size() > 1) {
        text.remove_prefix(1);
        value += text.front() == 'n' ? '\n' : text.front();
      } else {
        value += text.front();
      }
      text.remove_prefix(1);
    }
    if (text.empty()) return false;
    text.remove_prefix(1);
    if (!text.empty() && text.front() == ',') text.remove_prefix(1);
    labels.emplace(std::move(name), std::move(value));
  }
  if (text.empty()) return false;
  text.remove_prefix(1);
  return true;
}

bool Contains(const MetricsPage::Labels& all, const MetricsPage::Labels& some) {
  for (const auto& [name, value] : some) {
    const auto found = all.find(name);
    if (found == all.end() || found->second != value) return false;
  }
  return true;
}

// A number as the format writes it, which strtod reads: +Inf and NaN too.
bool ToNumber(std::string_view text, double& number) {
  const std::string word(text.substr(0, text.find(' ')));
  char* end = nullptr;
  number = std::strtod(word.c_str(), &end);
  return !word.empty() && *end == '\0';
}

// The number of values up to each bound that were counted between two pages.
std::map<double, double> Cumulative(const std::string& name,
                                    const MetricsPage& before,
                                    const MetricsPage& after) {
  std::map<double, double> counts;
  const auto add = [&](const MetricsPage& page, double sign) {
    for (const MetricsPage::Sample& sample : page.Of(name + "_bucket")) {
      const auto bound = sample.labels.find("le");
      double number = 0;
      if (bound == sample.labels.end() || !ToNumber(bound->second, number)) {
        continue;
      }
      counts[number] += sign * sample.value;
    }
  };
  add(after, 1);
  add(before, -1);
  return counts;
}

}  // namespace

absl::StatusOr<MetricsPage> MetricsPage::Parse(std::string_view text) {
  MetricsPage page;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t name_end = line.find_first_of("{ ");
    Sample sample;
    bool right = name_end != std::string_view::npos && name_end > 0;
    if (right) {
      std::string_view rest = line.substr(name_end);
      if (rest.front() == '{') {
        rest.remove_prefix(1);
        right = TakeLabels(rest, sample.labels);
      }
      right = right && !rest.empty() && rest.front() == ' ' &&
              ToNumber(rest.substr(1), sample.value);
    }
    if (!right) {
      return absl::InvalidArgumentError(
          fmt::format("not a metric: '{}'", line.substr(0, 100)));
    }
    page.samples_[std::string(line.substr(0, name_end))].push_back(
        std::move(sample));
  }
  return page;
}

const std::vector<MetricsPage::Sample>& MetricsPage::Of(
    const std::string& name) const {
  static const std::vector<Sample> kNone;
  const auto found = samples_.find(name);
  return found == samples_.end() ? kNone : found->second;
}

double MetricsPage::Sum(const std::string& name, const Labels& labels) const {
  double sum = 0;
  for (const Sample& sample : Of(name)) {
    if (Contains(sample.labels, labels)) sum += sample.value;
  }
  return sum;
}

double HistogramQuantile(double q, const std::string& name,
                         const MetricsPage& before, const MetricsPage& after) {
  const std::map<double, double> counts = Cumulative(name, before, after);
  if (counts.empty() || counts.rbegin()->second <= 0) return 0;
  const double rank = q * counts.rbegin()->second;
  double lower = 0;
  double below = 0;
  for (const auto& [bound, count] : counts) {
    if (count >= rank) {
      // A value beyond the last bound is reported as that bound.
      if (std::isinf(bound)) return lower;
      return lower + (bound - lower) * (rank - below) / (count - below);
    }
    lower = bound;
    below = count;
  }
  return lower;
}

}  // namespace pinhole::lab
