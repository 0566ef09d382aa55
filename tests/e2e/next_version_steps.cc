// SPDX-License-Identifier: Apache-2.0

// The tables of the version after this one, for tests of upgrades.  A server
// that is linked with this file takes its steps from here instead of from
// server/store/postgres/schema/steps.cc.

#include <span>
#include <vector>

// The steps of this version, under another name.
#define SchemaSteps ReleasedSchemaSteps
#include "server/store/postgres/schema/steps.cc"  // NOLINT
#undef SchemaSteps

namespace pinhole::postgres {

std::span<const SchemaStep> SchemaSteps();

std::span<const SchemaStep> SchemaSteps() {
  static const std::vector<SchemaStep> kNextSteps = [] {
    const std::span<const SchemaStep> released = ReleasedSchemaSteps();
    std::vector<SchemaStep> steps(released.begin(), released.end());
    // Locks every busy table, in an order that is not that of the statements.
    steps.push_back({R"sql(
ALTER TABLE photos ADD COLUMN place text NOT NULL DEFAULT '';
ALTER TABLE notifications ADD COLUMN seen boolean NOT NULL DEFAULT false;
ALTER TABLE comments ADD COLUMN edit_time bigint;
ALTER TABLE likes ADD COLUMN kind smallint NOT NULL DEFAULT 1;
ALTER TABLE follows ADD COLUMN muted boolean NOT NULL DEFAULT false;
ALTER TABLE sessions ADD COLUMN device text NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN pronouns text NOT NULL DEFAULT '';
CREATE TABLE places (id bigint PRIMARY KEY, name text NOT NULL);
CREATE INDEX photos_by_place ON photos (place, id) WHERE place <> '';
)sql",
                     static_cast<int>(released.size())});
    return steps;
  }();
  return kNextSteps;
}

}  // namespace pinhole::postgres
