// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/db/params.h"
#include "server/store/postgres/db/result.h"
#include "server/store/postgres/db/statement.h"

namespace pinhole::postgres {

// Several statements in one round trip.
//
//   Pipeline pipeline(connection);
//   pipeline.Add(kBegin);
//   const std::size_t claimed = pipeline.Add(kClaimKeys, keys);
//   ASSIGN_OR_RETURN(std::vector<Result> results, pipeline.Flush());
//   use(results[claimed]);
//
// Unless one of them is `kBegin`, all statements of a flush are one
// transaction.  After `kBegin` the transaction stays open between flushes until
// `kCommit`; the caller rolls it back after an error (Transaction does).
class Pipeline {
 public:
  // The connection must outlive the pipeline and must not be used between `Add`
  // and `Flush`.
  explicit Pipeline(Connection& connection) : connection_(connection) {}

  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Adds a statement and returns the index of its result.  Sends nothing.
  template <typename... Values>
  std::size_t Add(const Statement& statement, const Values&... values) {
    return AddParams(statement, Params(values...));
  }
  std::size_t AddParams(const Statement& statement, Params params) {
    steps_.push_back({&statement, std::move(params)});
    return steps_.size() - 1;
  }

  bool empty() const { return steps_.empty(); }

  // Sends the statements and waits for all results.  The first error is the
  // error of the flush, and the statements after it are not run.  A COMMIT that
  // rolls back because the transaction had failed is an error, too.  The
  // pipeline is empty afterwards.
  absl::StatusOr<std::vector<Result>> Flush();

 private:
  struct Step {
    const Statement* statement;
    Params params;
    bool prepares = false;  // It was sent with a preparation before it.
  };

  absl::Status Send(std::vector<Step>& steps);
  absl::StatusOr<std::vector<Result>> Receive(const std::vector<Step>& steps);

  Connection& connection_;
  std::vector<Step> steps_;
};

}  // namespace pinhole::postgres
