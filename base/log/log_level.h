// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <string_view>

namespace pinhole {

// The severity of a log line.  kOff is only a threshold: no line has it.
enum class LogLevel { kDebug, kInfo, kWarning, kError, kCritical, kOff };

// The names of levels in the log, indexed by LogLevel.
inline constexpr std::array<std::string_view, 5> kLogLevelNames = {
    "debug", "info", "warning", "error", "critical"};

}  // namespace pinhole
