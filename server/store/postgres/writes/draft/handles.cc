// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/draft/handles.h"

#include "server/model/limits.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

// In `handles.user_id`, inside the transaction that claims the handle.
constexpr std::int64_t kClaimed = -1;

}  // namespace

void Handles::Claim(Pipeline& pipeline, absl::Time now) {
  // Replaces expired reservations that have not been purged yet.
  static const Statement kClaim(
      "INSERT INTO handles (handle, user_id) "
      "SELECT handle, -1 FROM unnest($1::text[]) handle "
      "ON CONFLICT (handle) DO UPDATE SET user_id = -1, delete_time = 0 "
      "WHERE handles.user_id = 0 AND handles.delete_time <= $2");
  static const Statement kLoad(
      "SELECT handle, user_id FROM handles WHERE handle = ANY($1::text[])");
  if (rows_.empty()) return;
  std::vector<std::string_view> handles;
  for (const auto& [handle, row] : rows_) handles.push_back(handle);
  pipeline.Add(kClaim, handles, now - limits::kHandleReservation);
  loaded_ = pipeline.Add(kLoad, handles);
}

void Handles::Read(const std::vector<Result>& results) {
  if (rows_.empty()) return;
  for (const pinhole::postgres::Row stored : results[loaded_]) {
    const std::int64_t user = stored.Int(1);
    rows_[stored.Text(0)].state = user == kClaimed ? State::kClaimed
                                  : user == 0      ? State::kReserved
                                                   : State::kTaken;
  }
}

absl::Status Handles::Check(const std::string& handle) const {
  const Row& row = rows_.at(handle);
  if (row.state == State::kReserved) return store::HandleReserved(handle);
  if (row.state == State::kTaken || row.user) {
    return store::HandleTaken(handle);
  }
  return absl::OkStatus();
}

void Handles::Take(const std::string& handle, UserId user) {
  rows_.at(handle).user = user;
}

void Handles::Save(Pipeline& pipeline) const {
  static const Statement kUpdate(
      "UPDATE handles h SET user_id = w.user_id "
      "FROM unnest($1::text[], $2::bigint[]) AS w(handle, user_id) "
      "WHERE h.handle = w.handle");
  static const Statement kDelete(
      "DELETE FROM handles WHERE handle = ANY($1::text[])");
  std::vector<std::string_view> taken, refused;
  std::vector<UserId> users;
  for (const auto& [handle, row] : rows_) {
    if (row.state != State::kClaimed) continue;
    if (!row.user) {
      refused.push_back(handle);
      continue;
    }
    taken.push_back(handle);
    users.push_back(row.user);
  }
  if (!taken.empty()) pipeline.Add(kUpdate, taken, users);
  if (!refused.empty()) pipeline.Add(kDelete, refused);
}

}  // namespace pinhole::postgres
