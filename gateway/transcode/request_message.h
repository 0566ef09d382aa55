// SPDX-License-Identifier: Apache-2.0

// Makes request messages from path variables, query and body.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/rules/route.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// Makes an empty message of the generated type.
std::unique_ptr<google::protobuf::Message> NewMessage(
    const google::protobuf::Descriptor& type);

// Makes the request of a route; `values` are those of the route's variables. If
// two sources give the same field, they must agree.  If a PATCH does not set
// its update mask, the mask is filled with the fields in the body.
// Errors: INVALID_ARGUMENT, with the field.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> MakeRequest(
    const Route& route, const std::vector<std::string>& values,
    std::string_view query, std::string_view body, std::size_t max_json_depth);

}  // namespace pinhole::gateway
