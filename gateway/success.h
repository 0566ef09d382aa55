// SPDX-License-Identifier: Apache-2.0

// Answers to calls that went well: which code, where what was created is, and
// the body.

#ifndef PINHOLE_GATEWAY_SUCCESS_H_
#define PINHOLE_GATEWAY_SUCCESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gateway/http_message.h"
#include "gateway/route.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// Fills `route->location` from the method's option.
// Errors: INVALID_ARGUMENT: it is no path, or names what is no string or whole
// number of the response.
absl::Status FindLocation(Route* route);

// What a client gets to see of a response: the message, or the one field that
// the rule names.  Errors: INTERNAL (it cannot be shown as JSON).
absl::StatusOr<std::string> ResponseToJson(
    const Route& route, const google::protobuf::Message& response);

// 204 without a body for an Empty, 201 with a Location for what was created,
// else 200.  Errors: INTERNAL (it cannot be shown as JSON).
absl::StatusOr<Response> MakeSuccess(const Route& route,
                                     const google::protobuf::Message& response);

// The value of a string or whole number; empty if the field, or a message on
// the way to it, is not set.
std::string FieldText(const google::protobuf::Message& message,
                      const FieldPath& path);
// Whether `FieldText` can show the field.
bool HasFieldText(const FieldPath& path);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_SUCCESS_H_
