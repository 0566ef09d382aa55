// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/file_keys.h"

#include "server/model/limits.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/store_errors.h"

namespace pinhole::store {
namespace {

// Whether there was such a record.
bool DeleteUpload(WriteTransaction& transaction, std::string_view file_key) {
  static const Sql kDelete(
      "DELETE FROM uploads WHERE file_key = ?1 RETURNING file_key");
  Query query(transaction.db, kDelete, file_key);
  bool deleted = false;
  while (query.Next()) deleted = true;
  return deleted;
}

}  // namespace

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

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const RecordUpload& command) {
  static const Sql kInsert(
      "INSERT OR REPLACE INTO uploads (file_key, create_time) VALUES (?1, ?2)");
  Query(transaction.db, kInsert, command.file_key, transaction.now).Run();
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const GiveUpUpload& command) {
  if (!DeleteUpload(transaction, command.file_key)) {
    return NoSuchUpload();
  }
  AddGarbage(transaction, command.file_key);
  return Nothing{};
}

absl::Status TakeUpload(WriteTransaction& transaction,
                        std::string_view file_key) {
  if (DeleteUpload(transaction, file_key)) return absl::OkStatus();
  return UploadGivenUp();
}

void PurgeUploads(WriteTransaction& transaction, int limit) {
  static const Sql kDelete(
      "DELETE FROM uploads WHERE file_key IN "
      "(SELECT file_key FROM uploads WHERE create_time <= ?1 "
      "ORDER BY create_time, file_key LIMIT ?2) RETURNING file_key");
  Query old(transaction.db, kDelete, transaction.now - limits::kUploadGrace,
            limit);
  while (old.Next()) AddGarbage(transaction, old.Text(0));
}

}  // namespace pinhole::store
