// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_PROTO_PINHOLE_V1_DESCRIPTORS_H_
#define PINHOLE_PROTO_PINHOLE_V1_DESCRIPTORS_H_

#include <string_view>

namespace pinhole::v1 {

// The proto files of this folder and what they import as a serialized
// google.protobuf.FileDescriptorSet, with their comments.
std::string_view Descriptors();

}  // namespace pinhole::v1

#endif  // PINHOLE_PROTO_PINHOLE_V1_DESCRIPTORS_H_
