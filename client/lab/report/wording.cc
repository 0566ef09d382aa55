// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/wording.h"

#include <cmath>
#include <map>

#include "fmt/format.h"

namespace pinhole::lab {

std::string PercentFigure(double share) {
  if (!std::isfinite(share)) return "-";
  double percent = 100 * share;
  if (percent > 0 && percent < 0.01) percent = 0.01;
  if (percent < 100 && percent > 99.99) percent = 99.99;
  return fmt::format("{:.2f}", percent);
}

std::string RatioWord(double before, double after) {
  if (!(before > 0) || !std::isfinite(after)) return "";
  return "x " + FigureWord(after / before);
}

std::string LoadWord(const report::Step& step) {
  if (step.kind() == "open") {
    return FigureWord(step.rate() > 0 ? step.rate() : step.offered()) +
           " ops/s";
  }
  return fmt::format("{} user{}", step.users(), step.users() == 1 ? "" : "s");
}

std::string LimitWord(const report::Limit& limit, const std::string& unit) {
  if (limit.outcome().empty()) return "-";
  if (!(limit.highest_passing() > 0)) return "none";
  const bool lower_bound = limit.outcome() == "never_broke" ||
                           limit.outcome() == "generator_limited" ||
                           limit.outcome() == "interrupted";
  return fmt::format("{}{}{}{}", lower_bound ? "at least " : "",
                     FigureWord(limit.highest_passing()),
                     unit.empty() ? "" : " ", unit);
}

std::string Sentence(const std::string& text) {
  if (text.empty()) return "";
  std::string sentence = text;
  if (sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] -= 'a' - 'A';
  if (std::string(".!?:").find(sentence.back()) == std::string::npos) {
    sentence += '.';
  }
  return sentence;
}

std::string ResourceWord(const std::string& finding_id) {
  static const auto* const kWords = new std::map<std::string, std::string>{
      {"write_lock", "the write lock"},
      {"busy", "the busy database"},
      {"fsync", "syncing to disk"},
      {"commit", "commits"},
      {"hashing", "password hashing"},
      {"cpu", "the CPU"},
      {"other_programs", "other programs on the machine"},
      {"pool_wait", "the pool of database connections"},
      {"queries", "the number of queries"},
      {"checkpoint", "checkpoints of the log"},
      {"rejections", "the server's own limit on calls under way"},
      {"generator", "the lab itself"}};
  const auto word = kWords->find(finding_id);
  return word == kWords->end() ? finding_id : word->second;
}

}  // namespace pinhole::lab
