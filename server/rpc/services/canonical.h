// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_SERVICES_CANONICAL_H_
#define PINHOLE_SERVER_RPC_SERVICES_CANONICAL_H_

#include <initializer_list>
#include <string>
#include <string_view>

#include "google/protobuf/message.h"

namespace pinhole::rpc {

// Bytes that are equal for equal messages, with the top-level `fields` left
// out.
std::string CanonicalWithout(const google::protobuf::Message& message,
                             std::initializer_list<std::string_view> fields);

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_SERVICES_CANONICAL_H_
