// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pinhole {

// The number of bytes to insert, delete or replace to turn one word into the
// other (Levenshtein distance).
std::size_t EditDistance(std::string_view from, std::string_view to);

// Returns the word nearest to `written`, or an empty string if none is within
// `max_distance`.
std::string NearestWord(std::string_view written,
                        const std::vector<std::string>& words,
                        std::size_t max_distance);

}  // namespace pinhole
