// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/monitor/health.h"

namespace pinhole::postgres {

std::string_view NameOf(Health::State state) {
  switch (state) {
    case Health::State::kConnecting:
      return "connecting";
    case Health::State::kReady:
      return "ready";
    case Health::State::kUnreachable:
      return "unreachable";
    case Health::State::kInRecovery:
      return "in_recovery";
    case Health::State::kReadOnly:
      return "read_only";
    case Health::State::kUnsupported:
      return "unsupported";
  }
  return "unknown";
}

}  // namespace pinhole::postgres
