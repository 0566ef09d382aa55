// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_APP_LOGGING_H_
#define PINHOLE_SERVER_APP_LOGGING_H_

#include <memory>

#include "server/app/config.h"
#include "server/app/log_sink.h"

namespace pinhole::app {

// Sets spdlog's default logger up: one line a message (log_line.h) on standard
// error.  Returns what writes them, which the logger owns, too.
std::shared_ptr<const LogSink> StartLogging(const Config& config);

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_LOGGING_H_
