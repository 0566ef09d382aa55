// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

namespace pinhole::v1 {

// Returns a serialized google.protobuf.FileDescriptorSet, with comments: the
// proto files in this directory, gRPC's health and reflection services, the
// details of errors (google/rpc/error_details.proto), and everything that they
// import.
std::string_view Descriptors();

}  // namespace pinhole::v1
