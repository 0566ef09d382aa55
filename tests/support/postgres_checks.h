// SPDX-License-Identifier: Apache-2.0

// What must be true of the rows of a PostgreSQL store after any history, as
// long as no command runs and no deletion of a user is unfinished.

#pragma once

#include <string>
#include <vector>

#include "server/model/ids.h"

namespace pinhole::testing {

// Recomputes the counts in the database `uri` and searches for rows that
// contradict each other or refer to missing rows; returns descriptions.
std::vector<std::string> FindPostgresMistakes(const std::string& uri);

// The columns of the database `uri` that contain `user`.  Garbage is left out:
// its rows belong to files until these are removed.
std::vector<std::string> FindPostgresTraces(const std::string& uri,
                                            UserId user);

}  // namespace pinhole::testing
