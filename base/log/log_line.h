// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_LOG_LOG_LINE_H_
#define PINHOLE_BASE_LOG_LOG_LINE_H_

#include <chrono>
#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "fmt/format.h"
#include "spdlog/common.h"

namespace pinhole {

enum class LogStyle { kText, kJson };

// One line of the log: time, level, message, and fields that a program can
// read.
//
//   text  2026-11-28 12:00:00.123 info call method=pinhole.v1... code=OK
//   json  {"ts":"2026-11-28T12:00:00.123Z","level":"info","msg":"call",
//          "method":"pinhole.v1...","code":"OK"}      (in one line)
//
// Control characters are escaped in both, and bytes that are no UTF-8 replaced,
// so that no text from outside can forge a line or break a reader.  Every call
// to the server makes a line, so it is built in place, without an allocation in
// most cases.
class LogLine {
 public:
  using Time = std::chrono::system_clock::time_point;

  LogLine(LogStyle style, spdlog::level::level_enum level,
          std::string_view message,
          Time now = std::chrono::system_clock::now());

  // `key` is snake case of ours; it is not escaped.
  void Add(std::string_view key, std::string_view value);
  void Add(std::string_view key, std::int64_t value);
  // In milliseconds with three digits after the point.
  void AddMilliseconds(std::string_view key, absl::Duration value);

  // The whole, with its newline.  Nothing may be added afterwards; the view is
  // good while the line lives.
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

#endif  // PINHOLE_BASE_LOG_LOG_LINE_H_
