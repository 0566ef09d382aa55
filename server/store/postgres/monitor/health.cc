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
    case Health::State::kFull:
      return "full";
    case Health::State::kUnsupported:
      return "unsupported";
  }
  return "unknown";
}

const char* PublicTextOf(Health::State state) {
  switch (state) {
    case Health::State::kInRecovery:
      return "PostgreSQL is in recovery";
    case Health::State::kReadOnly:
      return "PostgreSQL is read-only";
    case Health::State::kFull:
      return "the disk of PostgreSQL is full";
    case Health::State::kUnsupported:
      return "the database has an unsupported version or content";
    case Health::State::kConnecting:
    case Health::State::kReady:
    case Health::State::kUnreachable:
      break;
  }
  return "PostgreSQL is not reachable";
}

const char* DurabilityTextOf(const Health& health) {
  if (health.synchronous_standbys > 0) {
    return "writes are acknowledged after a standby has them";
  }
  if (health.synchronous_standbys < 0) {
    return "unknown, because the database role lacks the privileges of "
           "pg_monitor";
  }
  return health.waits_for_standby
             ? "writes wait, because no synchronous standby is connected"
             : "there is no synchronous standby, so the loss of the primary "
               "can lose acknowledged writes";
}

}  // namespace pinhole::postgres
