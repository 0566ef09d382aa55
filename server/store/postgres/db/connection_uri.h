// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "absl/status/status.h"

namespace pinhole::postgres {

// Checks that `uri` is a connection string of libpq, without connecting.
// Errors: INVALID_ARGUMENT; the message contains no part of `uri`, which may
// contain a password.
absl::Status CheckUri(const std::string& uri);

// `uri` as postgres://USER@HOST:PORT,HOST/DATABASE, for messages: without the
// password and other parameters.
std::string RedactedUri(const std::string& uri);

// The value of a parameter in `uri`; an empty string if it is not set.
std::string UriParameter(const std::string& uri, const char* name);

}  // namespace pinhole::postgres
