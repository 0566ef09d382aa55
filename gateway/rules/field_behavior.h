// SPDX-License-Identifier: Apache-2.0

// The behaviour of fields in requests, as declared with
// google.api.field_behavior.

#pragma once

#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// Whether requests must set the field.
bool IsRequired(const google::protobuf::FieldDescriptor& field);

// Whether only the server sets the field: OUTPUT_ONLY, or IDENTIFIER, the name
// of a resource.  Clients can send back a resource that they have read, so a
// value in a request is ignored, except for the name of the resource to update.
bool IsSetByServer(const google::protobuf::FieldDescriptor& field);

}  // namespace pinhole::gateway
