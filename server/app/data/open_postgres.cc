// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/open_postgres.h"

#include <utility>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "fmt/format.h"

namespace pinhole::app {

absl::StatusOr<std::unique_ptr<PostgresStore>> OpenPostgres(
    PostgresOptions options, absl::Duration patience) {
  options.first_attempt = patience;
  ASSIGN_OR_RETURN(std::unique_ptr<PostgresStore> store,
                   OpenPostgresStore(std::move(options)));
  const absl::Time end = absl::Now() + patience;
  while (true) {
    const postgres::Health health = store->Health();
    if (health.ready()) return store;
    if (health.state == postgres::Health::State::kUnsupported) {
      return absl::FailedPreconditionError(health.detail);
    }
    if (absl::Now() > end) {
      return absl::UnavailableError(
          fmt::format("PostgreSQL cannot be used: {}", health.detail));
    }
    absl::SleepFor(absl::Milliseconds(50));
  }
}

}  // namespace pinhole::app
