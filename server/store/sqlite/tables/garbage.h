// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_TABLES_GARBAGE_H_
#define PINHOLE_SERVER_STORE_SQLITE_TABLES_GARBAGE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/write_transaction.h"

namespace pinhole::store {

bool HasFileKey(Connection& db, std::string_view file_key);
std::vector<std::string> ListGarbage(Connection& db, int limit);

void AddGarbage(WriteTransaction& transaction, const std::string& file_key);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ForgetGarbage& command);

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_TABLES_GARBAGE_H_
