// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// Adds headers for bytes from users: their type (`application/octet-stream` if
// `type` is not a media type), and that browsers must run no scripts and
// display only types without scripts.
void AddContentHeaders(const std::string& content_type, HeaderList* headers);

}  // namespace pinhole::gateway
