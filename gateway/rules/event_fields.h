// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_RULES_EVENT_FIELDS_H_
#define PINHOLE_GATEWAY_RULES_EVENT_FIELDS_H_

#include "absl/status/status.h"
#include "gateway/rules/field_path.h"
#include "gateway/rules/raw_fields.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// The fields that make a stream one that a client can go on from; both empty if
// it is none.
struct EventFields {
  FieldPath id;      // Of a response.
  FieldPath resume;  // Of the request.
};

// Reads the method's `event_stream` option, if it is set.
// Errors: INVALID_ARGUMENT: a field is missing or is neither a string nor an
// integer, or the method does not stream messages.
absl::Status FindEventFields(const google::protobuf::MethodDescriptor& method,
                             const RawFields& raw_response,
                             EventFields* fields);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_RULES_EVENT_FIELDS_H_
