// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/write_transaction.h"

namespace pinhole::store {

absl::StatusOr<Nothing> Apply(WriteTransaction&, const RecordUpload&);

// Deletes the record of an upload, whose files are becoming a photo's.  Errors:
// ABORTED (there is no such record).
absl::Status TakeUpload(WriteTransaction& transaction,
                        std::string_view file_key);

// Deletes the record of an upload whose files have been removed.
void ForgetUpload(WriteTransaction& transaction, std::string_view file_key);

// Turns the files of at most `limit` uploads older than limits::kUploadGrace
// into garbage.
void PurgeUploads(WriteTransaction& transaction, int limit);

}  // namespace pinhole::store
