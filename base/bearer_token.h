// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string_view>

namespace pinhole {

// Parses an `authorization` header of the form `Bearer TOKEN` (RFC 6750; the
// scheme is case-insensitive).  Returns a view of the token, or nothing if the
// header has another form or is longer than 512 bytes.
std::optional<std::string_view> ParseBearerToken(std::string_view header);

}  // namespace pinhole
