// SPDX-License-Identifier: Apache-2.0

#include "client/lab/wording.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>

#include "fmt/format.h"

namespace pinhole::lab {
namespace {

std::string WithCommas(std::string digits) {
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3; i -= 3) {
    digits.insert(i - 3, ",");
  }
  return digits;
}

// How many bytes the UTF-8 character at `at` has, and its number; 0 bytes if
// there is none.
struct Character {
  std::size_t bytes = 0;
  char32_t number = 0;
};

Character CharacterAt(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {1, lead};
  const std::size_t bytes = lead >= 0xf0   ? 4
                            : lead >= 0xe0 ? 3
                            : lead >= 0xc2 ? 2
                                           : 0;
  if (bytes == 0 || lead > 0xf4 || at + bytes > text.size()) return {};
  char32_t number = lead & (0x7f >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return {};
    number = number << 6 | (byte(at + i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = number >= 0xd800 && number < 0xe000;
  if (number < kLeast[bytes] || number > 0x10ffff || surrogate) return {};
  return {bytes, number};
}

bool IsHarmful(char32_t number) {
  return number < 0x20 || (number >= 0x7f && number < 0xa0) ||
         (number >= 0x200e && number <= 0x200f) ||
         (number >= 0x2028 && number <= 0x202e) ||
         (number >= 0x2066 && number <= 0x2069) || number == 0xfeff ||
         // Never characters, and not allowed in XML.
         number == 0xfffe || number == 0xffff;
}

}  // namespace

std::string FigureWord(double figure) {
  if (!std::isfinite(figure)) return "-";
  if (figure == 0) return "0";
  const double size = std::abs(figure);
  // 9.996 is written as 10.0: the rounding decides where the digits go.
  if (size < 0.9995) return fmt::format("{:.3f}", figure);
  if (size < 9.995) return fmt::format("{:.2f}", figure);
  if (size < 99.95) return fmt::format("{:.1f}", figure);
  return WithCommas(fmt::format("{:.0f}", figure));
}

std::string DurationWord(double ms) {
  if (ms < 1) return fmt::format("{:.0f} us", 1000 * ms);
  if (ms < 1000) return FigureWord(ms) + " ms";
  return FigureWord(ms / 1000) + " s";
}

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
           " ops/s asked";
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

std::string ResourceWord(const std::string& finding_id) {
  static const auto* const kWords = new std::map<std::string, std::string>{
      {"write_lock", "the write lock"},
      {"busy", "the busy database"},
      {"fsync", "syncing to disk"},
      {"hashing", "password hashing"},
      {"cpu", "the CPU"},
      {"pool_wait", "the pool of database connections"},
      {"queries", "the number of queries"},
      {"checkpoint", "checkpoints of the log"},
      {"rejections", "the server's own limit on calls under way"},
      {"generator", "the lab itself"}};
  const auto word = kWords->find(finding_id);
  return word == kWords->end() ? finding_id : word->second;
}

std::string Harmless(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const Character character = CharacterAt(text, i);
    if (character.bytes == 0 || IsHarmful(character.number)) {
      result += '?';
    } else {
      result += text.substr(i, character.bytes);
    }
    i += std::max<std::size_t>(character.bytes, 1);
  }
  return result;
}

}  // namespace pinhole::lab
