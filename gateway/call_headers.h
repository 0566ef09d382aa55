// SPDX-License-Identifier: Apache-2.0

// What of an HTTP request's head goes along with the call: an allow-list, so
// that neither hop-by-hop nor grpc-* headers of clients ever do.

#ifndef PINHOLE_GATEWAY_CALL_HEADERS_H_
#define PINHOLE_GATEWAY_CALL_HEADERS_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "gateway/http_message.h"
#include "gateway/upstream.h"

namespace pinhole::gateway {

// The client's X-Request-Id if it matches [A-Za-z0-9._-]{1,64}, else a new one.
std::string ChooseRequestId(std::string_view given);

// "250m" is 250 ms; units are H M S m u n, as in gRPC.  Nothing if malformed.
std::optional<absl::Duration> ParseGrpcTimeout(std::string_view text);

// All but the deadline.  `peer` is ADDRESS:PORT of the client.
CallHeaders MakeCallHeaders(const RequestHead& head, std::string request_id,
                            const std::string& address,
                            const std::string& peer);

// Media type without parameters, in lower case; empty if not stated.
std::string MediaType(std::string_view content_type);

// Whether If-None-Match names `etag` (weak comparison).
bool MatchesEtag(std::string_view if_none_match, std::string_view etag);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_CALL_HEADERS_H_
