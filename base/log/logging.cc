// SPDX-License-Identifier: Apache-2.0

#include "base/log/logging.h"

#include <unistd.h>

#include "base/log/log.h"

namespace pinhole {

std::shared_ptr<LogSink> StartLogging(const LogOptions& options) {
  const bool json =
      options.format == LogFormat::kJson ||
      (options.format == LogFormat::kAuto && isatty(STDERR_FILENO) == 0);
  auto sink = std::make_shared<LogSink>(
      LogSink::Options{.style = json ? LogStyle::kJson : LogStyle::kText});
  SetLogSink(sink, options.level);
  return sink;
}

}  // namespace pinhole
