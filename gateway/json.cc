// SPDX-License-Identifier: Apache-2.0

#include "gateway/json.h"

#include "boost/json/parse.hpp"
#include "boost/json/serialize.hpp"
#include "fmt/format.h"
#include "gateway/http_error.h"
#include "google/protobuf/util/json_util.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

google::protobuf::util::JsonPrintOptions PrintOptions() {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  return options;
}

// protobuf says "(photo.width): invalid value 1.5 for type TYPE_INT32".  The
// value stays out of the answer: it may be a password.
absl::Status FromProtobuf(std::string_view message) {
  const std::size_t end = message.find("):");
  if (message.empty() || message.front() != '(' ||
      end == std::string_view::npos) {
    return absl::InvalidArgumentError(
        "the body does not fit the request message");
  }
  const std::string_view field = message.substr(1, end - 1);
  const std::size_t type = message.rfind("TYPE_");
  if (type == std::string_view::npos) {
    return InvalidField(field, "has a value of the wrong type");
  }
  return InvalidField(
      field, fmt::format("is not a valid {}", message.substr(type + 5)));
}

}  // namespace

absl::Status JsonToMessage(std::string_view text, std::size_t max_depth,
                           Message& message) {
  const auto checked = CheckJson(text, max_depth, *message.GetDescriptor());
  if (!checked.ok()) return checked.status();
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(*checked, &message);
  if (parsed.ok()) return absl::OkStatus();
  return FromProtobuf({parsed.message().data(), parsed.message().size()});
}

absl::Status JsonToField(std::string_view text, std::size_t max_depth,
                         const FieldDescriptor& field, Message& message) {
  const std::string wrapped =
      fmt::format(R"({{"{}":{}}})", field.json_name(), text);
  return JsonToMessage(wrapped, max_depth + 1, message);
}

absl::StatusOr<std::string> MessageToJson(const Message& message) {
  std::string json;
  const auto printed = google::protobuf::util::MessageToJsonString(
      message, &json, PrintOptions());
  if (printed.ok()) return json;
  return absl::InternalError("the answer cannot be shown as JSON");
}

absl::StatusOr<std::string> FieldToJson(const Message& message,
                                        const FieldDescriptor& field) {
  if (field.message_type() != nullptr && !field.is_repeated()) {
    return MessageToJson(message.GetReflection()->GetMessage(message, &field));
  }
  // protobuf prints messages only.
  const auto whole = MessageToJson(message);
  if (!whole.ok()) return whole.status();
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(*whole, error);
  const boost::json::object* object = value.if_object();
  const boost::json::value* part =
      object == nullptr ? nullptr : object->if_contains(field.json_name());
  if (error || part == nullptr) return "null";
  return boost::json::serialize(*part);
}

}  // namespace pinhole::gateway
