// SPDX-License-Identifier: Apache-2.0

#include "server/app/logging.h"

#include <unistd.h>

#include <memory>
#include <utility>

#include "server/app/log_line.h"
#include "spdlog/spdlog.h"

namespace pinhole::app {

std::shared_ptr<const LogSink> StartLogging(const Config& config) {
  const bool json =
      config.log_format == LogFormat::kJson ||
      (config.log_format == LogFormat::kAuto && isatty(STDERR_FILENO) == 0);
  auto sink = std::make_shared<LogSink>(LogSink::Options());
  auto logger = std::make_shared<spdlog::logger>("pinhole", sink);
  logger->set_formatter(std::make_unique<LogLine>(json));
  logger->set_level(spdlog::level::from_str(config.log_level));
  spdlog::set_default_logger(std::move(logger));
  return sink;
}

}  // namespace pinhole::app
