// SPDX-License-Identifier: Apache-2.0

#include "client/lab/mix.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

constexpr std::array<std::string_view, kOperations> kNames = {
    "register", "login", "feed",   "profile", "photo",
    "download", "like",  "follow", "comment", "upload"};

std::vector<Profile> Profiles() {
  using enum Operation;
  return {{.name = "newcomer",
           .story = {kRegister, kLogin, kFeed, kPhoto, kPhoto, kLike, kLike,
                     kFollow, kFeed}},
          {.name = "reader",
           .weights = {{kFeed, 60}, {kProfile, 30}, {kUpload, 10}}},
          {.name = "writer",
           .weights = {{kUpload, 10}, {kLike, 50}, {kComment, 30},
                       {kFollow, 10}}},
          {.name = "login_storm", .weights = {{kLogin, 100}}},
          {.name = "hotspot",
           .weights = {{kPhoto, 40}, {kProfile, 20}, {kLike, 30},
                       {kComment, 10}},
           .skewed = true}};
}

absl::Status Wrong(std::string_view part, std::string_view rule) {
  return absl::InvalidArgumentError(
      fmt::format("--mix: '{}' {}; write for example feed=60,like=40", part,
                  rule));
}

}  // namespace

std::string_view NameOf(Operation operation) {
  return kNames[static_cast<std::size_t>(operation)];
}

bool Profile::Has(Operation operation) const { return Share(operation) > 0; }

double Profile::Share(Operation operation) const {
  if (!story.empty()) {
    return static_cast<double>(
               std::count(story.begin(), story.end(), operation)) /
           static_cast<double>(story.size());
  }
  double share = 0;
  double all = 0;
  for (const auto& [other, weight] : weights) {
    all += weight;
    if (other == operation) share = weight;
  }
  return all > 0 ? share / all : 0;
}

Operation Profile::Draw(Random& random) const {
  double all = 0;
  for (const auto& [operation, weight] : weights) all += weight;
  double at = random.Unit() * all;
  for (const auto& [operation, weight] : weights) {
    if (at < weight) return operation;
    at -= weight;
  }
  return weights.back().first;
}

absl::StatusOr<Profile> ProfileNamed(std::string_view name) {
  std::vector<std::string> names;
  for (const Profile& profile : Profiles()) {
    if (profile.name == name) return profile;
    names.push_back(profile.name);
  }
  return absl::InvalidArgumentError(
      fmt::format("--profile: there is no '{}'; there are {}", name,
                  fmt::join(names, ", ")));
}

absl::StatusOr<Profile> ParseMix(std::string_view text) {
  Profile profile{.name = "mix"};
  double all = 0;
  for (const std::string& part :
       std::vector<std::string>(absl::StrSplit(std::string(text), ','))) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) {
      return Wrong(part, "is not OPERATION=WEIGHT");
    }
    const auto name =
        std::find(kNames.begin(), kNames.end(), part.substr(0, equals));
    if (name == kNames.end()) {
      return Wrong(part, fmt::format("names no operation; there are {}",
                                     fmt::join(kNames, ", ")));
    }
    const auto operation = static_cast<Operation>(name - kNames.begin());
    double weight = 0;
    if (!absl::SimpleAtod(part.substr(equals + 1), &weight) ||
        !(weight >= 0 && weight <= 1e9)) {
      return Wrong(part, "has no weight from 0 to 1000000000");
    }
    if (profile.Has(operation)) return Wrong(part, "is there twice");
    profile.weights.emplace_back(operation, weight);
    all += weight;
  }
  if (all <= 0) return Wrong(text, "has no weight above 0");
  if (profile.Has(Operation::kRegister)) {
    return Wrong(text, "has register, which only the story of --profile "
                       "newcomer can do");
  }
  return profile;
}

}  // namespace pinhole::lab
