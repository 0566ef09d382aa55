// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_CORE_WORDS_H_
#define PINHOLE_CLIENT_LAB_CORE_WORDS_H_

#include <string>

namespace pinhole::lab {

// Three digits that count, and whole numbers as they are: "0.412", "4.12",
// "41.2", "41", "4,120".  "-" for what is not a number.
std::string FigureWord(double figure);

// "640 us", "38.2 ms", "1.25 s".
std::string DurationWord(double ms);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_CORE_WORDS_H_
