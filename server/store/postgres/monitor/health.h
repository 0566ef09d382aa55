// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

namespace pinhole::postgres {

// What is known about the database.
struct Health {
  enum class State {
    kConnecting,   // No attempt has ended yet.
    kReady,        // Reads and writes are possible.
    kUnreachable,  // No server accepts our connections.
    kInRecovery,   // Only standbys accept connections.
    kReadOnly,     // The primary refuses writes; reads are possible.
    kFull,         // The primary has no space left; reads are possible.
    kUnsupported,  // Another version of PostgreSQL or of the tables is needed,
                   // or another database.
  };

  State state = State::kConnecting;
  std::string detail;  // For operators; empty if ready.
  // As last seen; 0: unknown.
  int server_version = 0;  // Of PostgreSQL, for example 150018.
  int schema_version = 0;  // Of the tables.
  // Commits wait for a standby (synchronous_standby_names).
  bool waits_for_standby = false;
  // Connected synchronous standbys; -1: unknown, because the role lacks the
  // privileges of pg_monitor.
  int synchronous_standbys = -1;

  bool ready() const { return state == State::kReady; }
  bool operator==(const Health&) const = default;
};

// In lower snake case, for metrics and logs.
std::string_view NameOf(Health::State state);

// What everybody may know about a state other than kReady: no host, user or
// version.
const char* PublicTextOf(Health::State state);

// What the standbys guarantee for acknowledged writes, for everybody to know.
const char* DurabilityTextOf(const Health& health);

}  // namespace pinhole::postgres
