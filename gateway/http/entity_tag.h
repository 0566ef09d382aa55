// SPDX-License-Identifier: Apache-2.0

// Conditional requests (RFC 9110, section 13).  Resources have no modification
// date, so If-Modified-Since and If-Unmodified-Since are ignored, as the RFC
// requires.

#pragma once

#include <string_view>

#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// Whether If-None-Match contains `etag`, by weak comparison.
bool MatchesEtag(std::string_view if_none_match, std::string_view etag);

// Whether If-Match is absent, or contains `*` or the same strong tag.
bool MeetsIfMatch(const RequestHead& head, std::string_view etag);

// Whether If-Range is absent or is the same strong tag.
bool MatchesIfRange(std::string_view if_range, std::string_view etag);

}  // namespace pinhole::gateway
