// SPDX-License-Identifier: Apache-2.0

#include "base/nearest_word.h"

#include <algorithm>
#include <numeric>

namespace pinhole {

std::size_t EditDistance(std::string_view from, std::string_view to) {
  // A row of the table: the distances of a prefix of `from` to all prefixes of
  // `to`.
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
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

}  // namespace pinhole
