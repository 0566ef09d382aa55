// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/inconclusive.h"

namespace pinhole::lab {
namespace {

constexpr char kGeneratorLimited[] =
    "the lab, not the server, was the limit; run the lab on another machine, "
    "or with more --workers";

std::string WhyInconclusive(const report::Limit& limit) {
  if (limit.outcome() == "generator_limited") return kGeneratorLimited;
  if (limit.outcome() == "not_confirmed") {
    return "a load that passed once did not pass again; run it again on a "
           "machine with less other work";
  }
  return "";
}

std::string WhyInconclusive(const report::Step& step) {
  // A failed window is firm evidence, however few its answers.
  if (step.purpose() == "confirm" && step.passed() && !step.enough_samples()) {
    return "there were too few answers to confirm the limit; use a longer "
           "--duration";
  }
  if (step.purpose() == "ladder" && step.generator_limited()) {
    return kGeneratorLimited;
  }
  return "";
}

// For a report or a variant, which have the same parts.
template <typename Part>
std::string WhyInconclusiveIn(const Part& part) {
  for (const report::Limit* limit : {&part.rate_limit(), &part.users_limit()}) {
    std::string why = WhyInconclusive(*limit);
    if (!why.empty()) return why;
  }
  for (const report::Step& step : part.steps()) {
    std::string why = WhyInconclusive(step);
    if (!why.empty()) return why;
  }
  return "";
}

}  // namespace

std::string WhyInconclusive(const report::Report& report) {
  std::string why = WhyInconclusiveIn(report);
  if (!why.empty()) return why;
  for (const report::Variant& variant : report.variants()) {
    why = WhyInconclusiveIn(variant);
    if (!why.empty()) return "variant '" + variant.name() + "': " + why;
  }
  return "";
}

}  // namespace pinhole::lab
