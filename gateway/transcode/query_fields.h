// SPDX-License-Identifier: Apache-2.0

// Sets fields, given by path, from text.

#pragma once

#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "gateway/rules/route.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// Errors: INVALID_ARGUMENT, with `shown_name` as the field; also if another
// member of its oneof is set.
absl::Status SetField(google::protobuf::Message& message, const FieldPath& path,
                      std::string_view shown_name, std::string_view text);

// Returns why a field must not be set; empty if it can be.
using QueryCheck = std::string_view(const FieldPath& path);

// Sets the fields in the query.  A field can be given once unless it is a list,
// and not together with a field inside it.
// Errors: INVALID_ARGUMENT, with the field: its path in the request in proto
// names, where `parent` is the path of `message` ("metadata"; empty if it is
// the request itself), or the name of the parameter if it is not a field.
absl::Status ApplyQuery(std::string_view query, std::string_view parent,
                        google::protobuf::Message& message,
                        absl::FunctionRef<QueryCheck> refuses);

}  // namespace pinhole::gateway
