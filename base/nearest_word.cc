// SPDX-License-Identifier: Apache-2.0

#include "base/nearest_word.h"

#include <algorithm>
#include <numeric>

namespace pinhole {

std::size_t EditDistance(std::string_view from, std::string_view to) {
  // cost[i][j] is the distance of the first i bytes of `from` to the first j of
  // `to`.
  std::vector<std::vector<std::size_t>> cost(
      from.size() + 1, std::vector<std::size_t>(to.size() + 1));
  std::iota(cost[0].begin(), cost[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    cost[i][0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced =
          cost[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] &&
          from[i - 2] == to[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[from.size()][to.size()];
}

std::string NearestWord(std::string_view written,
                        const std::vector<std::string>& words,
                        std::size_t max_distance) {
  std::string nearest;
  for (const std::string& word : words) {
    const std::size_t distance = EditDistance(written, word);
    if (distance > max_distance) continue;
    if (!nearest.empty() && distance == max_distance) continue;
    nearest = word;
    max_distance = distance;
  }
  return nearest;
}

std::string NearestWord(std::string_view written,
                        const std::vector<std::string>& words) {
  return NearestWord(written, words,
                     std::max<std::size_t>(1, (written.size() + 1) / 3));
}

std::string DidYouMean(std::string_view written,
                       const std::vector<std::string>& words) {
  const std::string nearest = NearestWord(written, words);
  return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

}  // namespace pinhole
