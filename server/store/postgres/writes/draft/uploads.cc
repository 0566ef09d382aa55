// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/draft/uploads.h"

namespace pinhole::postgres {

void Uploads::Lock(Pipeline& pipeline) {
  static const Statement kLock(
      "SELECT file_key FROM uploads WHERE file_key = ANY($1) "
      "ORDER BY file_key FOR UPDATE");
  if (wanted_.empty()) return;
  result_ = pipeline.Add(
      kLock, std::vector<std::string>(wanted_.begin(), wanted_.end()));
}

void Uploads::Read(const std::vector<Result>& results) {
  if (wanted_.empty()) return;
  for (const Row row : results[result_]) recorded_.insert(row.Text(0));
}

bool Uploads::Take(const std::string& file_key) {
  if (recorded_.erase(file_key) == 0) return false;
  taken_.push_back(file_key);
  return true;
}

void Uploads::Save(Pipeline& pipeline) const {
  static const Statement kDelete(
      "DELETE FROM uploads WHERE file_key = ANY($1)");
  if (!taken_.empty()) pipeline.Add(kDelete, taken_);
}

}  // namespace pinhole::postgres
