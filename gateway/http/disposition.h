// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_HTTP_DISPOSITION_H_
#define PINHOLE_GATEWAY_HTTP_DISPOSITION_H_

#include <string>

#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// Adds what is said of bytes that are not the gateway's own: their type (as
// `application/octet-stream` if it is empty or no media type), and that a
// browser may show only types without scripts and must run nothing of any.
void AddContentHeaders(const std::string& content_type, HeaderList* headers);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_DISPOSITION_H_
