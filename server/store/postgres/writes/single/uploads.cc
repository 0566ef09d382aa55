// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/single/uploads.h"

#include "base/status_macros.h"
#include "server/model/limits.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const RecordUpload& command) {
  static const Statement kInsert(
      "INSERT INTO uploads (file_key, create_time) VALUES ($1, $2) "
      "ON CONFLICT (file_key) DO UPDATE SET create_time = "
      "excluded.create_time");
  transaction.pipeline.Add(kInsert, command.file_key, transaction.now);
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const GiveUpUpload& command) {
  static const Statement kGiveUp(
      "WITH given_up AS (DELETE FROM uploads WHERE file_key = $1 "
      "RETURNING file_key) "
      "INSERT INTO garbage (file_key, owner_id, create_time) "
      "SELECT file_key, 0, $2 FROM given_up RETURNING file_key");
  ASSIGN_OR_RETURN(
      const Result given_up,
      transaction.db.Query(kGiveUp, command.file_key, transaction.now));
  if (given_up.empty()) return store::NoSuchUpload();
  return Nothing{};
}

// Uploads that are locked are being published.
void PurgeUploads(WriteTransaction& transaction, std::int32_t limit) {
  static const Statement kPurge(
      "WITH given_up AS (DELETE FROM uploads WHERE file_key IN "
      "(SELECT file_key FROM uploads WHERE create_time <= $1 "
      "ORDER BY create_time, file_key LIMIT $2 FOR UPDATE SKIP LOCKED) "
      "RETURNING file_key) "
      "INSERT INTO garbage (file_key, owner_id, create_time) "
      "SELECT file_key, 0, $3 FROM given_up ON CONFLICT DO NOTHING");
  transaction.pipeline.Add(kPurge, transaction.now - limits::kUploadGrace,
                           limit, transaction.now);
}

}  // namespace pinhole::postgres
