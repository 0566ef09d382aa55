// SPDX-License-Identifier: Apache-2.0

#include "server/domain/request_key.h"

#include "server/auth/token.h"

namespace pinhole::domain {

RequestKey MakeRequestKey(std::string_view method, std::string_view who,
                          std::string_view request_id,
                          std::string_view content) {
  if (request_id.empty()) return {};
  return {.key = auth::Digest({method, who, request_id}),
          .fingerprint = auth::Digest({content})};
}

}  // namespace pinhole::domain
