// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_LOG_LOG_FLAGS_H_
#define PINHOLE_GATEWAY_LOG_LOG_FLAGS_H_

#include "CLI/CLI.hpp"
#include "gateway/log/logging.h"

namespace pinhole::gateway {

// What is logged and how, by flags that the gateway and the server share.
// Outlives the parsing.
class LogFlags {
 public:
  explicit LogFlags(CLI::App& app);

  LogOptions Resolve() const;

 private:
  LogOptions options_;
  int slow_ms_ = static_cast<int>(absl::ToInt64Milliseconds(options_.slow));
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_LOG_LOG_FLAGS_H_
