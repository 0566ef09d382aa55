// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/schema/distribution.h"

namespace pinhole::postgres {
namespace {

constexpr DistributedTable kTables[] = {
    {"users", "id"},
    {"photos", "owner_id"},
    {"likes", "owner_id"},
    {"comments", "owner_id"},
    {"follows", "follower_id"},
    {"follows", "followee_id"},
    {"notifications", "user_id"},
    {"blocks", "user_id"},
};

}  // namespace

std::span<const DistributedTable> DistributedTables() { return kTables; }

}  // namespace pinhole::postgres
