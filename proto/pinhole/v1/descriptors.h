// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

namespace pinhole::v1 {

// Returns a serialized google.protobuf.FileDescriptorSet of the proto files in
// this directory and their imports, with comments.
std::string_view Descriptors();

}  // namespace pinhole::v1
