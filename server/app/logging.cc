// SPDX-License-Identifier: Apache-2.0

#include "server/app/logging.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "fmt/format.h"
#include "server/app/log_sink.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/spdlog.h"

namespace pinhole::app {
namespace {

// The message with control characters escaped; in JSON also quotes and
// backslashes.
class EscapedMessage final : public spdlog::custom_flag_formatter {
 public:
  explicit EscapedMessage(bool json) : json_(json) {}

  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const auto special = [this](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return byte < 0x20 || byte == 0x7F || (json_ && (c == '"' || c == '\\'));
    };
    if (std::none_of(message.payload.begin(), message.payload.end(), special)) {
      out.append(message.payload);
      return;
    }
    for (const char c : message.payload) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || byte == 0x7F) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
      } else {
        if (json_ && (c == '"' || c == '\\')) out.push_back('\\');
        out.push_back(c);
      }
    }
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<EscapedMessage>(json_);
  }

 private:
  const bool json_;
};

}  // namespace

void StartLogging(const Config& config) {
  const bool json =
      config.log_format == LogFormat::kJson ||
      (config.log_format == LogFormat::kAuto && isatty(STDERR_FILENO) == 0);
  auto formatter = std::make_unique<spdlog::pattern_formatter>(
      spdlog::pattern_time_type::utc);
  formatter->add_flag<EscapedMessage>('*', json);
  formatter->set_pattern(
      json ? R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","msg":"%*"})"
           : "%Y-%m-%d %H:%M:%S.%e %l %*");
  auto logger = std::make_shared<spdlog::logger>(
      "pinhole", std::make_shared<LogSink>(LogSink::Options()));
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(config.log_level));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace pinhole::app
