// SPDX-License-Identifier: Apache-2.0

// What requests ask of the tag of bytes (RFC 9110 section 13).  Nothing here
// has a date, so If-Modified-Since and If-Unmodified-Since are ignored, as the
// RFC wants.

#ifndef PINHOLE_GATEWAY_HTTP_ENTITY_TAG_H_
#define PINHOLE_GATEWAY_HTTP_ENTITY_TAG_H_

#include <string_view>

#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// Whether an If-None-Match names `etag`, be it as a weak one.
bool MatchesEtag(std::string_view if_none_match, std::string_view etag);

// Whether the bytes are a version that the client wants: there is no If-Match,
// or it has * or the same strong tag.
bool MeetsIfMatch(const RequestHead& head, std::string_view etag);

// Whether a Range still means the same bytes: there is no If-Range, or it is
// the same strong tag.
bool MatchesIfRange(std::string_view if_range, std::string_view etag);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_ENTITY_TAG_H_
