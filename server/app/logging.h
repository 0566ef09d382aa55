// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_APP_LOGGING_H_
#define PINHOLE_SERVER_APP_LOGGING_H_

#include "server/app/config.h"

namespace pinhole::app {

// Sets spdlog's default logger up: one line a message (log_line.h) on standard
// error.
void StartLogging(const Config& config);

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_LOGGING_H_
