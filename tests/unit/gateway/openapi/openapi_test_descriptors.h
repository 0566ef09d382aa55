// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

namespace pinhole::gateway {

// openapi_test.proto and what it imports, with comments.
std::string_view OpenApiTestDescriptors();

}  // namespace pinhole::gateway
