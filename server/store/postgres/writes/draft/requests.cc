// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/draft/requests.h"

#include "server/model/limits.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {

void Requests::Want(const RequestKey& request) {
  if (!request.key.empty()) rows_.try_emplace(request.key);
}

void Requests::Claim(Pipeline& pipeline, absl::Time now) {
  // Locks keys that exist, and does not change them.
  static const Statement kClaim(
      "INSERT INTO requests "
      "(key, fingerprint, result_id, user_id, create_time) "
      "SELECT key, '', 0, 0, $2 FROM unnest($1::bytea[]) key "
      "ON CONFLICT (key) DO UPDATE SET key = excluded.key WHERE false");
  // An expired key that has not been purged yet is free.
  static const Statement kLoad(
      "SELECT key, fingerprint,"
      " CASE WHEN create_time > $2 THEN result_id ELSE 0 END, user_id,"
      " result_id = 0 FROM requests WHERE key = ANY($1::bytea[])");
  if (rows_.empty()) return;
  std::vector<Bytes> keys;
  for (const auto& [key, row] : rows_) keys.push_back(Bytes{key});
  now_ = now;
  pipeline.Add(kClaim, keys, now);
  loaded_ = pipeline.Add(kLoad, keys, now - limits::kRequestIdRetention);
}

void Requests::Read(const std::vector<Result>& results) {
  if (rows_.empty()) return;
  for (const pinhole::postgres::Row stored : results[loaded_]) {
    Row& row = rows_[stored.Text(0)];
    row.fingerprint = stored.Text(1);
    row.result = stored.Int(2);
    row.user = UserId{stored.Int(3)};
    row.claimed = row.result == 0;
    row.inserted = stored.Bool(4);
  }
}

absl::StatusOr<std::int64_t> Requests::Find(const RequestKey& request) const {
  const auto found = rows_.find(request.key);
  if (found == rows_.end() || found->second.result == 0) return 0;
  if (found->second.fingerprint != request.fingerprint) {
    return store::RequestReused();
  }
  return found->second.result;
}

void Requests::Remember(const RequestKey& request, std::int64_t result,
                        UserId user) {
  if (request.key.empty()) return;
  Row& row = rows_[request.key];
  row.fingerprint = request.fingerprint;
  row.result = result;
  row.user = user;
}

void Requests::Save(Pipeline& pipeline) const {
  static const Statement kUpdate(
      "UPDATE requests r SET fingerprint = w.fingerprint, "
      "result_id = w.result_id, user_id = w.user_id, create_time = $5 "
      "FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[]) "
      "AS w(key, fingerprint, result_id, user_id) WHERE r.key = w.key");
  static const Statement kDelete(
      "DELETE FROM requests WHERE key = ANY($1::bytea[])");
  std::vector<Bytes> keys, fingerprints, refused;
  std::vector<std::int64_t> ids;
  std::vector<UserId> users;
  for (const auto& [key, row] : rows_) {
    if (!row.claimed) continue;
    if (row.result == 0) {
      if (row.inserted) refused.push_back(Bytes{key});
      continue;
    }
    keys.push_back(Bytes{key});
    fingerprints.push_back(Bytes{row.fingerprint});
    ids.push_back(row.result);
    users.push_back(row.user);
  }
  if (!keys.empty())
    pipeline.Add(kUpdate, keys, fingerprints, ids, users, now_);
  if (!refused.empty()) pipeline.Add(kDelete, refused);
}

}  // namespace pinhole::postgres
