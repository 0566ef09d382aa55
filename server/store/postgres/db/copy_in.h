// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/postgres/db/connection.h"

namespace pinhole::postgres {

// Adds many rows to a table with COPY.
//
//   CopyIn copy(connection);
//   RETURN_IF_ERROR(copy.Begin("likes", columns));
//   for (...) {
//     copy.AddInt(id);  // A value for each column.
//     RETURN_IF_ERROR(copy.EndRow());
//   }
//   ASSIGN_OR_RETURN(const std::int64_t rows, copy.Finish());
//
// The connection must outlive this object and not be used otherwise meanwhile.
// Destroying a copy that is not finished adds nothing.
class CopyIn {
 public:
  explicit CopyIn(Connection& connection) : connection_(connection) {}
  ~CopyIn();

  CopyIn(const CopyIn&) = delete;
  CopyIn& operator=(const CopyIn&) = delete;

  absl::Status Begin(std::string_view table,
                     std::span<const std::string> columns);

  // Add the next value of the row.  `AddInt` is also for booleans, as 0 or 1.
  void AddInt(std::int64_t value);
  void AddText(std::string_view text);
  void AddBytes(std::string_view bytes);
  // Sends the row, possibly later.  Errors in a row, such as a violated
  // constraint, are reported by `Finish`.
  absl::Status EndRow();

  // Returns the number of rows added.
  absl::StatusOr<std::int64_t> Finish();

 private:
  void BeginValue();
  absl::Status Send();
  // Waits for the end of the copy.
  absl::StatusOr<Result> TakeResult();

  Connection& connection_;
  bool active_ = false;
  bool row_is_empty_ = true;
  std::string buffer_;  // In the text format of COPY.
};

}  // namespace pinhole::postgres
