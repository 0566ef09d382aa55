// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/uploads.h"

#include "server/model/limits.h"
#include "server/store/sqlite/db/query.h"

namespace pinhole::store {

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const RecordUpload& command) {
  static const Sql kInsert(
      "INSERT OR REPLACE INTO uploads (file_key, create_time) VALUES (?1, ?2)");
  Query(transaction.db, kInsert, command.file_key, transaction.now).Run();
  return Nothing{};
}

absl::Status TakeUpload(WriteTransaction& transaction,
                        std::string_view file_key) {
  static const Sql kTake(
      "DELETE FROM uploads WHERE file_key = ?1 RETURNING file_key");
  Query query(transaction.db, kTake, file_key);
  bool taken = false;
  while (query.Next()) taken = true;
  if (taken) return absl::OkStatus();
  return absl::AbortedError(
      "the upload was given up because it took too long; repeat it");
}

void ForgetUpload(WriteTransaction& transaction, std::string_view file_key) {
  static const Sql kDelete("DELETE FROM uploads WHERE file_key = ?1");
  Query(transaction.db, kDelete, file_key).Run();
}

void PurgeUploads(WriteTransaction& transaction, int limit) {
  static const Sql kDelete(
      "DELETE FROM uploads WHERE file_key IN "
      "(SELECT file_key FROM uploads WHERE create_time <= ?1 "
      "ORDER BY create_time, file_key LIMIT ?2) RETURNING file_key");
  static const Sql kInsert(
      "INSERT OR IGNORE INTO garbage (file_key) VALUES (?1)");
  Query old(transaction.db, kDelete, transaction.now - limits::kUploadGrace,
            limit);
  while (old.Next()) {
    Query(transaction.db, kInsert, old.Text(0)).Run();
  }
}

}  // namespace pinhole::store
