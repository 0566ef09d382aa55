// SPDX-License-Identifier: Apache-2.0

// The keys of files that are not a photo's: uploads and garbage.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/write_transaction.h"

namespace pinhole::store {

std::vector<std::string> ListGarbage(Connection& db, int limit);

// Records files to be removed.
void AddGarbage(WriteTransaction& transaction, const std::string& file_key);

// Deletes the record of an upload, whose files are becoming a photo's.  Errors:
// ABORTED (there is no such record).
absl::Status TakeUpload(WriteTransaction& transaction,
                        std::string_view file_key);

// Turns the files of at most `limit` uploads older than limits::kUploadGrace
// into garbage.
void PurgeUploads(WriteTransaction& transaction, int limit);

absl::StatusOr<Nothing> Apply(WriteTransaction&, const RecordUpload&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const GiveUpUpload&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const ForgetGarbage&);

}  // namespace pinhole::store
