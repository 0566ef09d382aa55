// SPDX-License-Identifier: Apache-2.0

// What of an HTTP request's head goes along with the call, and what of a reply
// comes back as headers: allow-lists, so that neither hop-by-hop nor grpc-*
// headers ever do.

#ifndef PINHOLE_GATEWAY_UPSTREAM_CALL_HEADERS_H_
#define PINHOLE_GATEWAY_UPSTREAM_CALL_HEADERS_H_

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

// Headers that pass in addition to what always does (authorization, tracing,
// who the client is).  Names are lower case; the value of one that ends in
// `-bin` is base64 in HTTP.
struct HeaderPolicy {
  std::vector<std::string> requests;  // To metadata.
  std::vector<std::string> answers;   // From metadata.
};

// Errors: INVALID_ARGUMENT: a name that is no lower-case metadata key, belongs
// to a connection or to gRPC, or is set by the gateway itself.
absl::Status CheckHeaderPolicy(const HeaderPolicy& policy);

// "250m" is 250 ms; units are H M S m u n, as in gRPC.  Nothing if malformed.
std::optional<absl::Duration> ParseGrpcTimeout(std::string_view text);

// Errors: INVALID_ARGUMENT, naming a header that is to go along and cannot: a
// call without it would be another call.
absl::Status CheckCallHeaders(const RequestHead& head,
                              const HeaderPolicy& policy);

// All but the deadline.  `client` is who asks and becomes x-forwarded-for: the
// server that believes this process need not know the proxies in front of it.
// `peer` is that of the connection.  Leaves out what cannot be metadata.
CallHeaders MakeCallHeaders(const RequestHead& head, std::string request_id,
                            const ClientAddress& client,
                            const std::string& peer,
                            const HeaderPolicy& policy = {});

// The headers that a reply's metadata asks for.
HeaderList AnswerHeaders(const Metadata& metadata, const HeaderPolicy& policy);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_UPSTREAM_CALL_HEADERS_H_
