// SPDX-License-Identifier: Apache-2.0

// Request messages from what HTTP brings: path variables, query, body.

#ifndef PINHOLE_GATEWAY_TRANSCODE_REQUEST_MESSAGE_H_
#define PINHOLE_GATEWAY_TRANSCODE_REQUEST_MESSAGE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/rules/route.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// An empty message of the generated type.
std::unique_ptr<google::protobuf::Message> NewMessage(
    const google::protobuf::Descriptor& type);

// The request of a route from body, query and path; `values` are those of the
// route's variables.  What two of them say of a field must be the same.  A
// PATCH of a field whose client does not say what to change gets the mask of
// what the body names.
// Errors: INVALID_ARGUMENT, naming the field.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> MakeRequest(
    const Route& route, const std::vector<std::string>& values,
    std::string_view query, std::string_view body, std::size_t max_json_depth);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_TRANSCODE_REQUEST_MESSAGE_H_
