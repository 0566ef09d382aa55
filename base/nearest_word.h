// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_NEAREST_WORD_H_
#define PINHOLE_BASE_NEAREST_WORD_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pinhole {

// How many letters have to be added, taken away or replaced to make one word of
// the other.
std::size_t EditDistance(std::string_view from, std::string_view to);

// The word that `written` was most likely meant to be, which is at most
// `max_distance` away, or an empty string.
std::string NearestWord(std::string_view written,
                        const std::vector<std::string>& words,
                        std::size_t max_distance);

}  // namespace pinhole

#endif  // PINHOLE_BASE_NEAREST_WORD_H_
