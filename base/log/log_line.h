// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "base/log/log_level.h"
#include "fmt/format.h"

namespace pinhole {

enum class LogStyle { kText, kJson };

// A line of the log: time, level, message, and machine-readable fields.
//
//   text  2026-11-28 12:00:00.123 info call method=pinhole.v1... code=OK
//   json  {"ts":"2026-11-28T12:00:00.123Z","level":"info","msg":"call",
//          "method":"pinhole.v1...","code":"OK"}      (on one line)
//
// Control characters are escaped, and bytes that are not UTF-8 are replaced, so
// that text from clients cannot forge lines or break parsers.  The server logs
// a line for each call, so lines are built in place, usually without an
// allocation.
class LogLine {
 public:
  using Time = std::chrono::system_clock::time_point;

  LogLine(LogStyle style, LogLevel level, std::string_view message,
          Time now = std::chrono::system_clock::now());

  // `key` must be in snake case; it is not escaped.
  void Add(std::string_view key, std::string_view value);
  void Add(std::string_view key, std::int64_t value);
  // Adds `value` in milliseconds with three decimals.
  void AddMilliseconds(std::string_view key, absl::Duration value);

  // Returns the whole line with its newline.  Fields must not be added
  // afterwards.  The view is valid during the lifetime of this object.
  std::string_view Finish();

 private:
  void AddKey(std::string_view key);
  void Append(std::string_view text);
  void AppendEscaped(std::string_view text);
  void AppendSlowly(std::string_view text);

  const LogStyle style_;
  fmt::basic_memory_buffer<char, 768> line_;
};

}  // namespace pinhole
