// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pinhole {

// The number of bytes to insert, delete or replace, or of neighbouring bytes to
// swap, to turn one word into the other (optimal string alignment distance).
std::size_t EditDistance(std::string_view from, std::string_view to);

// Returns the word nearest to `written`, or an empty string if none is within
// `max_distance`.
std::string NearestWord(std::string_view written,
                        const std::vector<std::string>& words,
                        std::size_t max_distance);

// As above, with a maximum distance of a third of the word, but at least 1.
std::string NearestWord(std::string_view written,
                        const std::vector<std::string>& words);

// Returns the end of an error message about an unknown word, for example
// "; did you mean --target?", or an empty string if no word is near.
std::string DidYouMean(std::string_view written,
                       const std::vector<std::string>& words);

}  // namespace pinhole
