// SPDX-License-Identifier: Apache-2.0

#include "base/errors.h"
#include "base/status_macros.h"
#include "server/model/limits.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/reads/statements.h"

namespace pinhole::postgres {
namespace {

const Statement kFind(
    "SELECT result_id, fingerprint FROM requests "
    "WHERE key = $1 AND create_time > $2");

}  // namespace

Statements RequestStatements() {
  return {{"FindRequest", &kFind, DistributionKey::kDirectory}};
}

absl::StatusOr<std::int64_t> PostgresReader::FindRequest(
    const RequestKey& request) const {
  if (request.key.empty()) return 0;
  ASSIGN_OR_RETURN(const Result found,
                   db_.Query(kFind, Bytes{request.key},
                             clock_.Now() - limits::kRequestIdRetention));
  if (found.empty()) return 0;
  if (found[0].View(1) != request.fingerprint) {
    return InvalidField("request_id",
                        "was used before for a request with other content",
                        Reason::kRequestIdReused);
  }
  return found[0].Int(0);
}

}  // namespace pinhole::postgres
