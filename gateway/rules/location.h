// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_RULES_LOCATION_H_
#define PINHOLE_GATEWAY_RULES_LOCATION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gateway/rules/field_path.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// The path of what a method creates: each text, then the value of the field of
// the response that follows it, if one does.  Empty if there is no such path.
struct LocationPart {
  std::string text;
  FieldPath field;
};

using LocationParts = std::vector<LocationPart>;

// Reads the method's `location` option, if it is set.
// Errors: INVALID_ARGUMENT: it is not a path, or names a field that is not a
// string or an integer of the response.
absl::Status FindLocation(const google::protobuf::MethodDescriptor& method,
                          LocationParts* location);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_RULES_LOCATION_H_
