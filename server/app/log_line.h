// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_APP_LOG_LINE_H_
#define PINHOLE_SERVER_APP_LOG_LINE_H_

#include <ctime>
#include <memory>
#include <string>

#include "spdlog/formatter.h"

namespace pinhole::app {

// A message as one line: text, or a JSON object with ts (RFC 3339, UTC), level
// and msg.  Control characters are escaped in both, so that no text from
// outside can forge a line.  Every call to the server makes a line, so the
// second's part of the time is kept from the last one: spdlog's own pattern
// costs six times as much.
class LogLine final : public spdlog::formatter {
 public:
  explicit LogLine(bool json) : json_(json) {}

  void format(const spdlog::details::log_msg& message,
              spdlog::memory_buf_t& line) override;
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LogLine>(json_);
  }

 private:
  void AppendMessage(spdlog::string_view_t text, spdlog::memory_buf_t& line);

  const bool json_;
  std::time_t second_ = -1;
  std::string begin_;  // Of a line in that second.
};

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_LOG_LINE_H_
