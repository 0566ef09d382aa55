// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/event_fields.h"

#include <string>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {
namespace {

absl::Status FindEventField(const google::protobuf::Descriptor& type,
                            const std::string& name, std::string_view option,
                            FieldPath* path) {
  if (name.empty()) return absl::OkStatus();
  auto found = FindFieldPath(type, name);
  if (!found.ok() || !HasFieldText(*found)) {
    return absl::InvalidArgumentError(fmt::format(
        "event_stream: {} \"{}\" is not a string or integer field of "
        "{}",
        option, name, type.full_name()));
  }
  *path = *std::move(found);
  return absl::OkStatus();
}

}  // namespace

absl::Status FindEventFields(const google::protobuf::MethodDescriptor& method,
                             const RawFields& raw_response,
                             EventFields* fields) {
  if (!method.options().HasExtension(v1::event_stream)) return absl::OkStatus();
  if (!method.server_streaming() || raw_response) {
    return absl::InvalidArgumentError(
        "event_stream needs server streaming of messages");
  }
  const v1::EventStream& option =
      method.options().GetExtension(v1::event_stream);
  absl::Status status = FindEventField(*method.output_type(), option.id_field(),
                                       "id_field", &fields->id);
  if (!status.ok()) return status;
  return FindEventField(*method.input_type(), option.resume_field(),
                        "resume_field", &fields->resume);
}

}  // namespace pinhole::gateway
