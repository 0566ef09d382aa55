// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_TESTS_UNIT_GATEWAY_OPENAPI_OPENAPI_TEST_DESCRIPTORS_H_
#define PINHOLE_TESTS_UNIT_GATEWAY_OPENAPI_OPENAPI_TEST_DESCRIPTORS_H_

#include <string_view>

namespace pinhole::gateway {

// openapi_test.proto and what it imports, with comments.
std::string_view OpenApiTestDescriptors();

}  // namespace pinhole::gateway

#endif  // PINHOLE_TESTS_UNIT_GATEWAY_OPENAPI_OPENAPI_TEST_DESCRIPTORS_H_
