// SPDX-License-Identifier: Apache-2.0

#include "base/log/logging.h"

#include <unistd.h>

#include <utility>

#include "spdlog/spdlog.h"

namespace pinhole {

std::shared_ptr<LogSink> StartLogging(const LogOptions& options) {
  const bool json =
      options.format == LogFormat::kJson ||
      (options.format == LogFormat::kAuto && isatty(STDERR_FILENO) == 0);
  auto sink = std::make_shared<LogSink>(
      LogSink::Options{.style = json ? LogStyle::kJson : LogStyle::kText});
  auto logger = std::make_shared<spdlog::logger>("pinhole", sink);
  logger->set_level(spdlog::level::from_str(options.level));
  spdlog::set_default_logger(std::move(logger));
  return sink;
}

}  // namespace pinhole
