// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_DOMAIN_REQUEST_KEY_H_
#define PINHOLE_SERVER_DOMAIN_REQUEST_KEY_H_

#include <string_view>

#include "server/store/commands.h"

namespace pinhole::domain {

// The key of a create that may be repeated: `request_id` counts per `method`
// and `who` asked (their id, or a handle), so nobody meets somebody else's.
// `content` is what must be the same when it is repeated; never a password,
// since a fast hash of one is as good as the password to who steals the store.
RequestKey MakeRequestKey(std::string_view method, std::string_view who,
                          std::string_view request_id,
                          std::string_view content);

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_REQUEST_KEY_H_
