// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_APP_LOGGING_H_
#define PINHOLE_SERVER_APP_LOGGING_H_

#include "server/app/config.h"

namespace pinhole::app {

// Sets spdlog's default logger up: one line a message on standard error, as
// text or as a JSON object (ts in RFC 3339 UTC, level, msg).  Control
// characters are escaped in both, so that no text from outside can forge a
// line.
void StartLogging(const Config& config);

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_LOGGING_H_
