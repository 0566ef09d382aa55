// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_TESTS_UNIT_SERVER_DOMAIN_SQLITE_WORLD_H_
#define PINHOLE_TESTS_UNIT_SERVER_DOMAIN_SQLITE_WORLD_H_

#include "server/store/sqlite/sqlite_store.h"
#include "tests/unit/server/domain/world.h"

namespace pinhole::testing {

// For tests that need the disk or the writer thread.
struct SqliteWorld : World {
  SqliteWorld()
      : World([](const std::filesystem::path& folder, const Clock& clock) {
          return OpenSqliteStore(
                     {.path = folder / "pinhole.db", .clock = &clock})
              .value();
        }) {}
};

}  // namespace pinhole::testing

#endif  // PINHOLE_TESTS_UNIT_SERVER_DOMAIN_SQLITE_WORLD_H_
