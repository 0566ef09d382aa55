// SPDX-License-Identifier: Apache-2.0

#include "gateway/success.h"

#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "gateway/json.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status LocationError(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("location {}", what));
}

// A name is several segments, so its slashes stay.
std::string PercentEncode(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) ||
        std::string_view("-._~/").find(c) != std::string_view::npos) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", byte);
    }
  }
  return result;
}

// Empty if a field is: the path would be another one's.
std::string Location(const Route& route, const Message& response) {
  std::string result;
  for (const LocationPart& part : route.location) {
    result += part.text;
    if (part.field.empty()) continue;
    const std::string value = FieldText(response, part.field);
    if (value.empty()) return "";
    result += PercentEncode(value);
  }
  return result;
}

}  // namespace

absl::Status FindLocation(Route* route) {
  const auto& options = route->method->options();
  if (!options.HasExtension(v1::location)) return absl::OkStatus();
  const std::string option = options.GetExtension(v1::location);
  if (option.empty() || option.front() != '/') {
    return LocationError("must begin with /");
  }
  if (route->method->server_streaming()) {
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
      auto field = FindFieldPath(*route->method->output_type(), name);
      if (!field.ok() || !HasFieldText(*field)) {
        return LocationError(fmt::format(
            "names \"{}\", which is no string or whole number of the response",
            name));
      }
      part.field = *std::move(field);
      rest.remove_prefix(end + 1);
    }
    route->location.push_back(std::move(part));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ResponseToJson(const Route& route,
                                           const Message& response) {
  return route.response_field == nullptr
             ? MessageToJson(response)
             : FieldToJson(response, *route.response_field);
}

absl::StatusOr<Response> MakeSuccess(const Route& route,
                                     const Message& response) {
  Response answer;
  answer.headers.emplace_back("Cache-Control", "no-store");
  if (response.GetDescriptor()->full_name() == "google.protobuf.Empty") {
    answer.code = 204;
    return answer;
  }
  auto json = ResponseToJson(route, response);
  if (!json.ok()) return json.status();
  answer.body = *std::move(json);
  answer.headers.emplace_back("Content-Type", "application/json");
  if (!route.location.empty()) {
    answer.code = 201;
    std::string location = Location(route, response);
    if (!location.empty()) {
      answer.headers.emplace_back("Location", std::move(location));
    }
  }
  return answer;
}

bool HasFieldText(const FieldPath& path) {
  if (path.empty() || path.back()->is_repeated()) return false;
  switch (path.back()->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return path.back()->type() == FieldDescriptor::TYPE_STRING;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return true;
    default:
      return false;
  }
}

std::string FieldText(const Message& message, const FieldPath& path) {
  const Message* inner = &message;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (!inner->GetReflection()->HasField(*inner, path[i])) return "";
    inner = &inner->GetReflection()->GetMessage(*inner, path[i]);
  }
  const FieldDescriptor* field = path.back();
  const auto& reflection = *inner->GetReflection();
  if (!reflection.HasField(*inner, field)) return "";
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(*inner, field);
    case FieldDescriptor::CPPTYPE_INT32:
      return fmt::to_string(reflection.GetInt32(*inner, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return fmt::to_string(reflection.GetInt64(*inner, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return fmt::to_string(reflection.GetUInt32(*inner, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return fmt::to_string(reflection.GetUInt64(*inner, field));
    default:
      return "";
  }
}

}  // namespace pinhole::gateway
