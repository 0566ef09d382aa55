// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/mix.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/nearest_word.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

constexpr std::array<std::string_view, kOperations> kNames = {
    "register", "login", "feed",   "profile", "photo",
    "download", "like",  "follow", "comment", "upload"};

// Keeps sums of weights exact enough.
constexpr double kMaxWeight = 1e9;

std::vector<Profile> MakeProfiles() {
  using enum Operation;
  return {
      {.name = "newcomer",
       .story = {kRegister, kLogin, kFeed, kPhoto, kPhoto, kLike, kLike,
                 kFollow, kFeed}},
      {.name = "reader",
       .weights = {{kFeed, 60}, {kProfile, 30}, {kUpload, 10}}},
      {.name = "writer",
       .weights = {{kUpload, 10}, {kLike, 50}, {kComment, 25}, {kFollow, 15}}},
      {.name = "login_storm", .weights = {{kLogin, 100}}},
      {.name = "hotspot",
       .weights = {{kPhoto, 40}, {kProfile, 20}, {kLike, 30}, {kComment, 10}},
       .skewed = true}};
}

double Sum(const std::vector<std::pair<Operation, double>>& weights) {
  double sum = 0;
  for (const auto& [operation, weight] : weights) sum += weight;
  return sum;
}

absl::StatusOr<std::pair<Operation, double>> ParseWeight(
    std::string_view part) {
  const std::size_t equals = part.find('=');
  if (equals == std::string_view::npos) {
    return absl::InvalidArgumentError(fmt::format(
        "'{}' is not OPERATION=WEIGHT; write for example feed=60,like=40",
        part));
  }
  const absl::StatusOr<Operation> operation =
      OperationNamed(part.substr(0, equals));
  if (!operation.ok()) return operation.status();
  const std::string number(part.substr(equals + 1));
  double weight = 0;
  if (!absl::SimpleAtod(number, &weight)) {
    return absl::InvalidArgumentError(
        fmt::format("the weight of '{}' is not a number", part));
  }
  // NaN is neither.
  if (!(weight >= 0 && weight <= kMaxWeight)) {
    return absl::InvalidArgumentError(fmt::format(
        "the weight of '{}' must be from 0 to {:.0f}", part, kMaxWeight));
  }
  return std::pair(*operation, weight);
}

}  // namespace

std::string_view NameOf(Operation operation) {
  return kNames[static_cast<std::size_t>(operation)];
}

absl::StatusOr<Operation> OperationNamed(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    return absl::InvalidArgumentError(
        fmt::format("unknown operation '{}'; the operations are {}{}", name,
                    fmt::join(kNames, ", "),
                    DidYouMean(name, {kNames.begin(), kNames.end()})));
  }
  return static_cast<Operation>(found - kNames.begin());
}

double Profile::Share(Operation operation) const {
  if (is_story()) {
    return static_cast<double>(
               std::count(story.begin(), story.end(), operation)) /
           static_cast<double>(story.size());
  }
  double share = 0;
  for (const auto& [other, weight] : weights) {
    if (other == operation) share += weight;
  }
  const double sum = Sum(weights);
  return sum > 0 ? share / sum : 0;
}

Operation Profile::Draw(Random& random) const {
  double at = random.Unit() * Sum(weights);
  for (const auto& [operation, weight] : weights) {
    if (at < weight) return operation;
    at -= weight;
  }
  return weights.front().first;  // Only by rounding.
}

const std::vector<Profile>& Profiles() {
  static const auto& profiles = *new std::vector<Profile>(MakeProfiles());
  return profiles;
}

absl::StatusOr<Profile> ProfileNamed(std::string_view name) {
  std::vector<std::string> names;
  for (const Profile& profile : Profiles()) {
    if (profile.name == name) return profile;
    names.emplace_back(profile.name);
  }
  return absl::InvalidArgumentError(
      fmt::format("unknown profile '{}'; the profiles are {}{}", name,
                  fmt::join(names, ", "), DidYouMean(name, names)));
}

absl::StatusOr<Profile> ParseMix(std::string_view text) {
  Profile profile{.name = "mix"};
  const std::string whole(text);
  for (const auto part : absl::StrSplit(whole, ',')) {
    const auto weight = ParseWeight({part.data(), part.size()});
    if (!weight.ok()) return weight.status();
    for (const auto& [operation, earlier] : profile.weights) {
      if (operation == weight->first) {
        return absl::InvalidArgumentError(
            fmt::format("'{}' occurs twice in '{}'", NameOf(operation), text));
      }
    }
    profile.weights.push_back(*weight);
  }
  if (Sum(profile.weights) <= 0) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' must have a weight above 0", text));
  }
  std::erase_if(profile.weights,
                [](const auto& weight) { return weight.second == 0; });
  return profile;
}

}  // namespace pinhole::lab
