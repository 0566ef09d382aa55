// SPDX-License-Identifier: Apache-2.0

// Paging: page sizes and page tokens of list requests.
//
// A token is bound to its method, the caller and all other fields of the
// request; in another request it is INVALID_ARGUMENT.  Works with every request
// message that has the fields `page_size` and `page_token`.

#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/domain/text/token_signer.h"
#include "server/rpc/call.h"

namespace pinhole::rpc {

// The page that a request asks for.  Errors: INVALID_ARGUMENT (page_size is
// negative; page_token is forged, or from another query or caller).
absl::StatusOr<PageRequest> ParsePage(const domain::TokenSigner& signer,
                                      const Caller& caller,
                                      const google::protobuf::Message& request);

// The token of the page that begins after `next`; empty if that is 0.
std::string NextPageToken(const domain::TokenSigner& signer,
                          const Caller& caller,
                          const google::protobuf::Message& request,
                          std::int64_t next);

// As above, for a list whose cursor is a string.
struct TextPageRequest {
  std::string after;
  int limit = 0;
};
absl::StatusOr<TextPageRequest> ParseTextPage(
    const domain::TokenSigner& signer, const Caller& caller,
    const google::protobuf::Message& request);
std::string NextTextPageToken(const domain::TokenSigner& signer,
                              const Caller& caller,
                              const google::protobuf::Message& request,
                              const std::string& next);

}  // namespace pinhole::rpc
