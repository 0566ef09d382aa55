// SPDX-License-Identifier: Apache-2.0

// Fields that are named by a path and given as text.

#ifndef PINHOLE_GATEWAY_TRANSCODE_QUERY_FIELDS_H_
#define PINHOLE_GATEWAY_TRANSCODE_QUERY_FIELDS_H_

#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "gateway/rules/route.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// Errors: INVALID_ARGUMENT, with `shown_name` as the field's; also if another
// member of a oneof is set already.
absl::Status SetField(google::protobuf::Message& message, const FieldPath& path,
                      std::string_view shown_name, std::string_view text);

// Says what is wrong with naming a field at all; empty if nothing is.
using QueryCheck = std::string_view(const FieldPath& path);

// Sets the fields that the query names, each once unless it is a list, and not
// both a message as a whole and a field of it.
// Errors: INVALID_ARGUMENT, naming the parameter.
absl::Status ApplyQuery(std::string_view query,
                        google::protobuf::Message& message,
                        absl::FunctionRef<QueryCheck> refuses);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_TRANSCODE_QUERY_FIELDS_H_
