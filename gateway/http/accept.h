// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_HTTP_ACCEPT_H_
#define PINHOLE_GATEWAY_HTTP_ACCEPT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// Which of `types` ("text/event-stream") the Accept lines of a request like
// best (RFC 9110): by quality, then by how exactly they name it, then the
// first. The index, or nothing if none is acceptable.  No line, or none that
// makes sense, accepts all.
std::optional<std::size_t> ChooseType(
    const HeaderList& headers, const std::vector<std::string_view>& types);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_ACCEPT_H_
