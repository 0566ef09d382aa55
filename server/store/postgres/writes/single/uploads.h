// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/write_transaction.h"

namespace pinhole::postgres {

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const RecordUpload& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const GiveUpUpload& command);

// Turns the files of uploads older than limits::kUploadGrace into garbage, at
// most `limit` of them, the oldest first.
void PurgeUploads(WriteTransaction& transaction, std::int32_t limit);

}  // namespace pinhole::postgres
