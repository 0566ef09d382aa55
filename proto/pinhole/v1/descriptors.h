// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_PROTO_PINHOLE_V1_DESCRIPTORS_H_
#define PINHOLE_PROTO_PINHOLE_V1_DESCRIPTORS_H_

#include <string_view>

namespace pinhole::v1 {

// Returns a serialized google.protobuf.FileDescriptorSet of the proto files in
// this directory and their imports, with comments.
std::string_view Descriptors();

}  // namespace pinhole::v1

#endif  // PINHOLE_PROTO_PINHOLE_V1_DESCRIPTORS_H_
