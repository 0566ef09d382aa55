// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/location.h"

#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {
namespace {

absl::Status LocationError(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("location {}", what));
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
    return LocationError("needs a method with one response");
  }
  std::string_view rest = option;
  while (!rest.empty()) {
    LocationPart part;
    part.text = std::string(rest.substr(0, rest.find_first_of("{}")));
    rest.remove_prefix(part.text.size());
    if (!rest.empty()) {
      const std::size_t end = rest.find('}');
      if (rest.front() != '{' || end == std::string_view::npos) {
        return LocationError("has a brace without its other");
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

}  // namespace pinhole::gateway
