// SPDX-License-Identifier: Apache-2.0

#include "gateway/transcode/success.h"

#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "gateway/transcode/json.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Message;

// A resource name has several segments, so keep its slashes.
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

// Returns nothing if a field is empty: the path would be another resource's.
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

absl::StatusOr<std::string> ResponseToJson(const Route& route,
                                           const Message& response,
                                           JsonNames names) {
  return route.response_field == nullptr
             ? MessageToJson(response, names)
             : FieldToJson(response, *route.response_field, names);
}

absl::StatusOr<Response> MakeSuccess(const Route& route,
                                     const Message& response, JsonNames names) {
  Response answer;
  answer.headers.emplace_back("Cache-Control", "no-store");
  if (response.GetDescriptor()->full_name() == "google.protobuf.Empty") {
    answer.code = 204;
    return answer;
  }
  auto json = ResponseToJson(route, response, names);
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

}  // namespace pinhole::gateway
