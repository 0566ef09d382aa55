// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_LOG_LOG_LEVEL_H_
#define PINHOLE_BASE_LOG_LOG_LEVEL_H_

#include <array>
#include <string_view>

namespace pinhole {

// The severity of a log line.  kOff is only a threshold: no line has it.
enum class LogLevel { kDebug, kInfo, kWarning, kError, kCritical, kOff };

// The names of levels in the log, indexed by LogLevel.
inline constexpr std::array<std::string_view, 5> kLogLevelNames = {
    "debug", "info", "warning", "error", "critical"};

}  // namespace pinhole

#endif  // PINHOLE_BASE_LOG_LOG_LEVEL_H_
