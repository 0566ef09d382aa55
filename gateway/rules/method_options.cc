// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/method_options.h"

#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {
namespace {

absl::Status LocationError(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("location {}", what));
}

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

absl::Status FindLocation(const google::protobuf::MethodDescriptor& method,
                          LocationParts* location) {
  const auto& options = method.options();
  if (!options.HasExtension(v1::location)) return absl::OkStatus();
  const std::string& option = options.GetExtension(v1::location);
  if (option.empty() || option.front() != '/') {
    return LocationError("must begin with /");
  }
  if (method.server_streaming()) {
    return LocationError("requires a method with exactly one response");
  }
  std::string_view rest = option;
  while (!rest.empty()) {
    LocationPart part;
    part.text = std::string(rest.substr(0, rest.find_first_of("{}")));
    rest.remove_prefix(part.text.size());
    if (!rest.empty()) {
      const std::size_t end = rest.find('}');
      if (rest.front() != '{' || end == std::string_view::npos) {
        return LocationError("has an unmatched brace");
      }
      const std::string_view name = rest.substr(1, end - 1);
      auto field = FindFieldPath(*method.output_type(), name);
      if (!field.ok() || !HasFieldText(*field)) {
        return LocationError(
            fmt::format("names \"{}\", which is not a string or integer field "
                        "of the response",
                        name));
      }
      part.field = *std::move(field);
      rest.remove_prefix(end + 1);
    }
    location->push_back(std::move(part));
  }
  return absl::OkStatus();
}

absl::Status FindEventFields(const google::protobuf::MethodDescriptor& method,
                             const RawFields& raw_response,
                             EventFields* fields) {
  if (!method.options().HasExtension(v1::event_stream)) return absl::OkStatus();
  if (!method.server_streaming() || raw_response) {
    return absl::InvalidArgumentError(
        "event_stream requires server streaming of messages");
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
