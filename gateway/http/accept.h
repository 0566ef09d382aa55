// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// Returns the index of the type of `types` ("text/event-stream") that the
// Accept headers prefer (RFC 9110): by quality, then by specificity, then the
// first. Returns nothing if no type is acceptable.  Without a valid Accept
// header, all types are.
std::optional<std::size_t> ChooseType(
    const HeaderList& headers, const std::vector<std::string_view>& types);

}  // namespace pinhole::gateway
