// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/garbage.h"

namespace pinhole::store {

bool HasFileKey(Connection& db, std::string_view file_key) {
  static const Sql kFind("SELECT 1 FROM photos WHERE file_key = ?1");
  Query query(db, kFind, file_key);
  return query.Next();
}

std::vector<std::string> ListGarbage(Connection& db, int limit) {
  static const Sql kList("SELECT file_key FROM garbage LIMIT ?1");
  Query query(db, kList, limit);
  std::vector<std::string> keys;
  while (query.Next()) keys.push_back(query.Text(0));
  return keys;
}

void AddGarbage(WriteTransaction& transaction, const std::string& file_key) {
  static const Sql kInsert(
      "INSERT OR IGNORE INTO garbage (file_key) VALUES (?1)");
  Query(transaction.db, kInsert, file_key).Run();
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ForgetGarbage& command) {
  static const Sql kDelete("DELETE FROM garbage WHERE file_key = ?1");
  for (const std::string& key : command.file_keys) {
    Query(transaction.db, kDelete, key).Run();
  }
  return Nothing{};
}

}  // namespace pinhole::store
