// SPDX-License-Identifier: Apache-2.0

// Rounds: how every benchmark here is measured and told.
//
// Machines are noisy: the same program may be half as fast a minute later.  So
// all variants that are compared are measured in turn, round after round, and a
// claim is the median over the rounds of figure / bound of the same round.
//
//   Rounds rounds("hash", argc, argv);
//   for (int i = 0; i < rounds.count(); ++i) {
//     rounds.Note("bare", "hashes/s", Bare(rounds.visit()));
//     rounds.Note("logins", "hashes/s", Logins(rounds.visit()));
//   }
//   return rounds.Finish({{.path = "login", .figure = "logins",
//                          .bound = "bare", .at_least = 0.85}});

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace pinhole::bench {

double Median(std::vector<double> values);
// `share` from 0 to 1; 0 for no values.
double Percentile(std::vector<double> values, double share);

// What was promised of a figure: of itself, or of its ratio to `bound`.
struct Claim {
  std::string path;    // What it is about, for people.
  std::string figure;  // As noted.
  std::string bound = {};
  std::optional<double> at_least = {};  // One of the two.
  std::optional<double> at_most = {};
};

class Rounds {
 public:
  // Reads the command line.  Exits after --help and wrong usage.
  Rounds(std::string name, int argc, char** argv);

  int count() const { return options_.rounds; }
  // How long a variant is measured in each round.
  absl::Duration visit() const { return absl::Seconds(options_.seconds); }
  // Only to see whether it runs: prepare little.
  bool quick() const { return options_.quick; }
  // `all` or, when quick, a fraction of it.
  int Sized(int all, int quick) const { return options_.quick ? quick : all; }
  // Whether to measure the variant `name`; a bound always is.
  bool Wants(const std::string& name) const;
  // A folder on a real disk for what is measured.  It exists.
  const std::filesystem::path& folder() const { return options_.folder; }
  // The pinhole-server to measure and further options for it.
  const std::filesystem::path& server() const { return options_.server; }
  // Another pinhole-server, to measure in turns with it; may be empty.
  const std::filesystem::path& baseline() const { return options_.baseline; }
  const std::vector<std::string>& server_options() const {
    return options_.server_options;
  }

  // Notes a figure of the round under way.
  void Note(const std::string& figure, const std::string& unit, double value);
  // Notes `figure` - `less` for every round, as a figure of its own.
  void NoteDifference(const std::string& name, const std::string& figure,
                      const std::string& less);
  // Says something about the run that is no figure.
  void Remark(std::string text) { remarks_.push_back(std::move(text)); }

  // Prints the tables and writes the JSON file.  Returns main's exit code: 0
  // also if a claim was missed, since a noisy minute is not a fault.
  int Finish(const std::vector<Claim>& claims) const;

 private:
  struct Options {
    int rounds = 7;
    double seconds = 1.0;
    bool quick = false;
    std::string only;
    std::filesystem::path folder = std::filesystem::temp_directory_path();
    std::filesystem::path json;
    std::filesystem::path server;
    std::filesystem::path baseline;
    std::vector<std::string> server_options;
    std::string revision = "unknown";
  };
  struct Figure {
    std::string name;
    std::string unit;
    std::vector<double> values;  // One a round.
  };

  const Figure* Find(const std::string& name) const;
  // The claim's value in each round; empty if something was not measured.
  std::vector<double> ValuesOf(const Claim& claim) const;
  void Print(const std::vector<Claim>& claims) const;
  void WriteJson(const std::vector<Claim>& claims) const;

  const std::string name_;
  Options options_;
  std::vector<Figure> figures_;  // In the order of their first note.
  std::vector<std::string> remarks_;
};

}  // namespace pinhole::bench
