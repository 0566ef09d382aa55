// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/pipeline.h"

#include <libpq-fe.h>

#include <utility>

#include "base/status_macros.h"
#include "server/store/postgres/db/postgres_error.h"

namespace pinhole::postgres {

absl::StatusOr<std::vector<Result>> Pipeline::Flush() {
  std::vector<Step> steps = std::exchange(steps_, {});
  if (steps.empty()) return std::vector<Result>();
  if (connection_.lost()) return connection_.Lost();
  // Results that are left unread would be taken for those of a later call.
  connection_.broken_ = true;
  RETURN_IF_ERROR(Send(steps));
  return Receive(steps);
}

absl::Status Pipeline::Send(std::vector<Step>& steps) {
  PGconn* const pq = connection_.connection_;
  if (PQenterPipelineMode(pq) == 0) return connection_.Lost();
  for (Step& step : steps) {
    Connection::Prepared& prepared = connection_.Find(*step.statement);
    connection_.Bind(step.params);
    const int count = static_cast<int>(step.params.count());
    if (!prepared.ready) {
      if (PQsendPrepare(pq, prepared.name.c_str(),
                        step.statement->sql().c_str(), count,
                        connection_.types_.data()) == 0) {
        return connection_.Lost();
      }
      step.prepares = true;
      prepared.ready = true;  // `Receive` takes it back if it fails.
    }
    if (PQsendQueryPrepared(
            pq, prepared.name.c_str(), count, connection_.values_.data(),
            connection_.lengths_.data(), connection_.formats_.data(), 1) == 0) {
      return connection_.Lost();
    }
    ++connection_.queries_;
  }
  if (PQpipelineSync(pq) == 0) return connection_.Lost();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Result>> Pipeline::Receive(
    const std::vector<Step>& steps) {
  PGconn* const pq = connection_.connection_;
  std::vector<Result> results;
  results.reserve(steps.size());
  absl::Status failure;
  // A command has one result, followed by a null.
  const auto next = [&](const Statement* statement) {
    PGresult* const result = PQgetResult(pq);
    if (result != nullptr) {
      while (PGresult* const more = PQgetResult(pq)) PQclear(more);
    }
    return connection_.Check(result, statement);
  };
  for (const Step& step : steps) {
    if (step.prepares) {
      const absl::Status prepared = next(nullptr).status();
      if (!prepared.ok()) connection_.Find(*step.statement).ready = false;
      failure.Update(prepared);
    }
    absl::StatusOr<Result> result = next(step.statement);
    failure.Update(result.status());
    if (PQstatus(pq) == CONNECTION_BAD) return failure;
    if (failure.ok()) results.push_back(*std::move(result));
  }
  PGresult* const sync = PQgetResult(pq);
  const bool complete = PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
  PQclear(sync);
  if (!complete || PQexitPipelineMode(pq) == 0) {
    failure.Update(connection_.Lost());
    return failure;
  }
  connection_.broken_ = false;
  if (!failure.ok()) return failure;
  return results;
}

}  // namespace pinhole::postgres
