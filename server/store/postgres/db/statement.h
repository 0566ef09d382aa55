// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <utility>

namespace pinhole::postgres {

// The text of an SQL statement with parameters $1, $2 ...  Must be `static
// const` or `inline const`: each connection prepares a statement when it is
// first used, and finds it again by the address of this object.
class Statement {
 public:
  explicit Statement(std::string sql) : sql_(std::move(sql)) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  const std::string& sql() const { return sql_; }

 private:
  const std::string sql_;
};

// For transactions in a pipeline (pipeline.h); otherwise use transaction.h.
inline const Statement kBegin("BEGIN");
inline const Statement kBeginSnapshot(
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
inline const Statement kCommit("COMMIT");

}  // namespace pinhole::postgres
