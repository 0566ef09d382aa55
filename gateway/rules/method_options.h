// SPDX-License-Identifier: Apache-2.0

// Pinhole's options of methods besides raw bodies, checked against the
// messages.

#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gateway/rules/field_path.h"
#include "gateway/rules/raw_fields.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// The path of a created resource: for each part, the text and then the value of
// the field of the response, if there is one.  Empty: the method does not
// create a resource.
struct LocationPart {
  std::string text;
  FieldPath field;
};

using LocationParts = std::vector<LocationPart>;

// Reads the method's `location` option, if it is set.
// Errors: INVALID_ARGUMENT (it is not a path, or names a field that is not a
// string or integer of the response).
absl::Status FindLocation(const google::protobuf::MethodDescriptor& method,
                          LocationParts* location);

// The fields that let a client resume a stream; both are empty if the method
// does not support it.
struct EventFields {
  FieldPath id;      // Of the response.
  FieldPath resume;  // Of the request.
};

// Reads the method's `event_stream` option, if it is set.
// Errors: INVALID_ARGUMENT (a field is missing or is neither a string nor an
// integer; the method does not stream messages).
absl::Status FindEventFields(const google::protobuf::MethodDescriptor& method,
                             const RawFields& raw_response,
                             EventFields* fields);

}  // namespace pinhole::gateway
