// SPDX-License-Identifier: Apache-2.0

#pragma once

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
