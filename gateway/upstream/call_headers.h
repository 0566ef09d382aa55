// SPDX-License-Identifier: Apache-2.0

// Which headers of an HTTP request become gRPC metadata, and which metadata of
// a reply becomes headers.  Both are allow-lists, so that hop-by-hop and grpc-*
// headers never pass.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/request_id.h"
#include "gateway/http/http_message.h"
#include "gateway/upstream/upstream.h"

namespace pinhole::gateway {

// Headers that pass in addition to those that always do (authorization,
// tracing, the client's address).  Names are in lower case; in HTTP, the value
// of a name that ends in `-bin` is base64.
struct HeaderPolicy {
  std::vector<std::string> requests;  // To metadata.
  std::vector<std::string> answers;   // From metadata.
};

// Errors: INVALID_ARGUMENT (a name is not a lower-case metadata key, belongs to
// a connection or to gRPC, or is set by the gateway itself).
absl::Status CheckHeaderPolicy(const HeaderPolicy& policy);

// Parses a Grpc-Timeout: "250m" is 250 ms; the units are H M S m u n.  Returns
// nothing if it is malformed.
std::optional<absl::Duration> ParseGrpcTimeout(std::string_view text);

// Checks that all headers that must be passed on can be metadata.  Errors:
// INVALID_ARGUMENT, with the name of the header.
absl::Status CheckCallHeaders(const RequestHead& head,
                              const HeaderPolicy& policy);

// Makes everything but the deadline.  `client` becomes x-forwarded-for, so that
// a server that trusts the gateway need not know the proxies in front of it.
// `peer` is that of the connection.  Omits values that cannot be metadata.
CallHeaders MakeCallHeaders(const RequestHead& head, std::string request_id,
                            const ClientAddress& client,
                            const std::string& peer,
                            const HeaderPolicy& policy = {});

// Converts the metadata of a reply into headers.
HeaderList ResponseHeaders(const Metadata& metadata,
                           const HeaderPolicy& policy);

}  // namespace pinhole::gateway
