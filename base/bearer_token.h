// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_BEARER_TOKEN_H_
#define PINHOLE_BASE_BEARER_TOKEN_H_

#include <optional>
#include <string_view>

namespace pinhole {

// The token of an `authorization` header that says `Bearer TOKEN` (RFC 6750;
// the scheme in any case), a view of it.  Nothing if the header says something
// else or is longer than 512 bytes.
std::optional<std::string_view> ParseBearerToken(std::string_view header);

}  // namespace pinhole

#endif  // PINHOLE_BASE_BEARER_TOKEN_H_
