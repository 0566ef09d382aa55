// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/rounds.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <utility>

#include "CLI/CLI.hpp"
#include "boost/json.hpp"
#include "fmt/format.h"
#include "tests/bench/environment.h"

namespace pinhole::bench {
namespace {

std::string Number(double value) {
  const double size = std::abs(value);
  return fmt::format("{:.{}f}", value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

std::string Spread(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return fmt::format("{} - {}", Number(*least), Number(*most));
}

bool Met(const Claim& claim, double value) {
  return claim.at_least ? value >= *claim.at_least : value <= *claim.at_most;
}

std::string Target(const Claim& claim) {
  return claim.at_least ? ">= " + Number(*claim.at_least)
                        : "<= " + Number(*claim.at_most);
}

boost::json::array ToJson(const std::vector<double>& values) {
  return boost::json::array(values.begin(), values.end());
}

}  // namespace

double Median(std::vector<double> values) {
  return Percentile(std::move(values), 0.5);
}

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto last = static_cast<double>(values.size() - 1);
  const auto place = values.begin() + std::lround(share * last);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

Rounds::Rounds(std::string name, int argc, char** argv)
    : name_(std::move(name)) {
  options_.server =
      std::filesystem::path(argv[0]).parent_path() / "pinhole-server";
  CLI::App app("Measures, and writes what came out as a table and as JSON",
               name_ + "_bench");
  app.add_option("--rounds", options_.rounds, "How often each is measured")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seconds", options_.seconds,
                 "How long each is measured in a round")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str();
  app.add_flag("--quick", options_.quick,
               "One short round with little data, to see whether it runs");
  app.add_option("--only", options_.only,
                 "Of the variants, only those whose name has this in it");
  app.add_option("--folder", options_.folder,
                 "Where to work; on a real disk, since syncing is measured")
      ->capture_default_str();
  app.add_option("--json", options_.json, "Where to write the figures");
  app.add_option("--server", options_.server, "The pinhole-server to measure")
      ->capture_default_str();
  app.add_option("--baseline", options_.baseline,
                 "Another pinhole-server, of before a change, to measure in "
                 "turns with it (rpc only)");
  app.add_option("--server-option", options_.server_options,
                 "A further option for it; may be repeated");
  app.add_option("--revision", options_.revision,
                 "Of the source, for the JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  if (options_.quick) {
    options_.rounds = 1;
    options_.seconds = 0.1;
  }
  std::filesystem::create_directories(options_.folder);
}

bool Rounds::Wants(const std::string& name) const {
  return name.find(options_.only) != std::string::npos;
}

void Rounds::Note(const std::string& figure, const std::string& unit,
                  double value) {
  const auto known =
      std::find_if(figures_.begin(), figures_.end(),
                   [&](const Figure& f) { return f.name == figure; });
  if (known != figures_.end()) {
    known->values.push_back(value);
  } else {
    figures_.push_back({figure, unit, {value}});
  }
}

void Rounds::NoteDifference(const std::string& name, const std::string& figure,
                            const std::string& less) {
  const Figure* const from = Find(figure);
  const Figure* const take = Find(less);
  if (from == nullptr || take == nullptr) return;
  Figure difference = {name, from->unit, {}};
  for (std::size_t i = 0; i < from->values.size(); ++i) {
    difference.values.push_back(from->values[i] - take->values[i]);
  }
  figures_.push_back(std::move(difference));
}

const Rounds::Figure* Rounds::Find(const std::string& name) const {
  for (const Figure& figure : figures_) {
    if (figure.name == name) return &figure;
  }
  return nullptr;
}

std::vector<double> Rounds::ValuesOf(const Claim& claim) const {
  const Figure* const figure = Find(claim.figure);
  if (figure == nullptr || claim.bound.empty()) {
    return figure == nullptr ? std::vector<double>() : figure->values;
  }
  const Figure* const bound = Find(claim.bound);
  if (bound == nullptr) return {};
  std::vector<double> ratios;
  for (std::size_t i = 0;
       i < std::min(figure->values.size(), bound->values.size()); ++i) {
    ratios.push_back(figure->values[i] / bound->values[i]);
  }
  return ratios;
}

int Rounds::Finish(const std::vector<Claim>& claims) const {
  Print(claims);
  if (!options_.json.empty()) WriteJson(claims);
  return EXIT_SUCCESS;
}

void Rounds::Print(const std::vector<Claim>& claims) const {
  std::cout << fmt::format("\n{}: {} round(s) of {} s each\n", name_, count(),
                           options_.seconds);
  for (const std::string& remark : remarks_) std::cout << remark << '\n';
  std::cout << fmt::format("\n{:<56} {:>10} {:>21}  {}\n", "figure", "median",
                           "min - max", "unit");
  for (const Figure& figure : figures_) {
    std::cout << fmt::format("{:<56} {:>10} {:>21}  {}\n", figure.name,
                             Number(Median(figure.values)),
                             Spread(figure.values), figure.unit);
  }
  if (claims.empty()) return;
  std::cout << fmt::format("\n{:<56} {:>10} {:>21} {:>9}  {}\n", "path",
                           "median", "min - max", "target", "met");
  for (const Claim& claim : claims) {
    const std::vector<double> values = ValuesOf(claim);
    if (values.empty()) continue;
    std::cout << fmt::format("{:<56} {:>10} {:>21} {:>9}  {}\n", claim.path,
                             Number(Median(values)), Spread(values),
                             Target(claim),
                             Met(claim, Median(values)) ? "yes" : "NO");
    if (!claim.bound.empty()) {
      std::cout << fmt::format("    {} / {}\n", claim.figure, claim.bound);
    }
  }
  std::cout << std::flush;
}

void Rounds::WriteJson(const std::vector<Claim>& claims) const {
  boost::json::object environment;
  environment["revision"] = options_.revision;
  for (const auto& [key, value] : DescribeEnvironment(options_.folder)) {
    environment[key] = value;
  }
  boost::json::array figures;
  for (const Figure& figure : figures_) {
    figures.push_back({{"name", figure.name},
                       {"unit", figure.unit},
                       {"median", Median(figure.values)},
                       {"values", ToJson(figure.values)}});
  }
  boost::json::array told;
  for (const Claim& claim : claims) {
    const std::vector<double> values = ValuesOf(claim);
    if (values.empty()) continue;
    told.push_back({{"path", claim.path},
                    {"figure", claim.figure},
                    {"bound", claim.bound},
                    {"target", Target(claim)},
                    {"median", Median(values)},
                    {"values", ToJson(values)},
                    {"met", Met(claim, Median(values))}});
  }
  const boost::json::object all = {
      {"name", name_},
      {"environment", environment},
      {"server_options", boost::json::value_from(options_.server_options)},
      {"rounds", count()},
      {"seconds", options_.seconds},
      {"remarks", boost::json::value_from(remarks_)},
      {"figures", figures},
      {"claims", told}};
  std::filesystem::create_directories(
      std::filesystem::absolute(options_.json).parent_path());
  std::ofstream(options_.json) << all << '\n';
}

}  // namespace pinhole::bench
