// SPDX-License-Identifier: Apache-2.0

// Numbers as text, the same in every form of a report.

#pragma once

#include <string>

namespace pinhole::lab {

// Three significant digits, and whole numbers as they are: "0.412", "4.12",
// "41.2", "41", "4,120".  An en dash if `number` is not finite.
std::string FormatNumber(double number);

// The same, but empty for 0.
std::string FormatIfAny(double number);

// "640 us", "38.2 ms", "1.25 s".
std::string FormatMilliseconds(double ms);

// In percent without the sign: "99.82" for 0.9982.  A share is rounded to 0 or
// 100 only if it is exactly that.
std::string FormatPercentage(double share);

// With a capital and a full stop.
std::string Sentence(const std::string& text);

}  // namespace pinhole::lab
