// SPDX-License-Identifier: Apache-2.0

#include "gateway/transcode/json.h"

#include <utility>

#include "base/errors.h"
#include "fmt/format.h"
#include "gateway/http/http_error.h"
#include "gateway/rules/field_value.h"
#include "google/protobuf/util/json_util.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

google::protobuf::util::JsonPrintOptions PrintOptions(JsonNames names) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = names == JsonNames::kProto;
  return options;
}

// Takes a list index ("[2]") from the front of `text`; often empty.
std::string_view Index(std::string_view text) {
  if (text.empty() || text.front() != '[') return "";
  const std::size_t end = text.find_first_not_of("0123456789", 1);
  if (end == std::string_view::npos || text[end] != ']') return "";
  return text.substr(0, end + 1);
}

// protobuf says "(photo.width): invalid value 1.5 for type TYPE_INT32".  Only
// the field names are used: the value, or the key of a map, can be a secret.
absl::Status FromProtobuf(std::string_view message, const Descriptor& type) {
  std::string path;
  const FieldDescriptor* field = nullptr;
  const Descriptor* inner = &type;
  std::string_view rest = message.substr(0, 1) == "(" ? message.substr(1) : "";
  while (inner != nullptr) {
    const std::string_view name = rest.substr(0, rest.find_first_of(".[)"));
    const FieldDescriptor* next = FindField(*inner, name);
    if (next == nullptr) break;
    field = next;
    if (!path.empty()) path += '.';
    path += field->name();
    rest.remove_prefix(name.size());
    const std::string_view index = Index(rest);
    path += index;
    rest.remove_prefix(index.size());
    if (rest.empty() || rest.front() != '.' || field->is_map()) break;
    // Fields of these types have no name in JSON.
    if (IsTextual(*field)) break;
    rest.remove_prefix(1);
    inner = field->message_type();
  }
  if (field == nullptr) {
    return MakeError(Reason::kMalformedJson,
                     "the body does not fit the request message");
  }
  return InvalidField(path, field->is_map() ? "has a value of the wrong type"
                                            : ValueRule(*field));
}

absl::Status Parse(const std::string& checked, Message& message) {
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(checked, &message);
  if (parsed.ok()) return absl::OkStatus();
  return FromProtobuf({parsed.message().data(), parsed.message().size()},
                      *message.GetDescriptor());
}

// Returns the position after a string whose opening quote is at `at`.
std::size_t SkipString(std::string_view json, std::size_t at) {
  for (++at; json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at + 1;
}

// Returns the end of the value that begins at `at`: a comma or bracket.
std::size_t SkipValue(std::string_view json, std::size_t at) {
  for (int depth = 0;; ++at) {
    while (json[at] == '"') at = SkipString(json, at);
    const char c = json[at];
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  }
}

// Returns the value of a member in JSON from protobuf's printer, which has no
// white space; empty if there is no such member.
std::string_view FindMember(std::string_view object, std::string_view name) {
  std::size_t at = 1;
  while (object[at] == '"') {
    const std::size_t colon = SkipString(object, at);
    const std::size_t end = SkipValue(object, colon + 1);
    if (object.substr(at + 1, colon - at - 2) == name) {
      return object.substr(colon + 1, end - colon - 1);
    }
    at = end + 1;
    if (at >= object.size()) break;
  }
  return "";
}

}  // namespace

absl::Status JsonToMessage(std::string_view text, std::size_t max_depth,
                           Message& message) {
  const auto checked = CheckJson(text, max_depth, *message.GetDescriptor());
  if (!checked.ok()) return checked.status();
  return Parse(checked->text, message);
}

absl::StatusOr<std::vector<std::string>> JsonToField(
    std::string_view text, std::size_t max_depth, const FieldDescriptor& field,
    Message& message) {
  // Check the text before putting it in braces, so that it cannot close them.
  auto checked = CheckJson(text, max_depth, field);
  if (!checked.ok()) return checked.status();
  const std::string wrapped =
      fmt::format(R"({{"{}":{}}})", field.name(), checked->text);
  if (absl::Status status = Parse(wrapped, message); !status.ok()) {
    return status;
  }
  return std::move(checked->leaves);
}

absl::StatusOr<std::string> MessageToJson(const Message& message,
                                          JsonNames names) {
  std::string json;
  const auto printed = google::protobuf::util::MessageToJsonString(
      message, &json, PrintOptions(names));
  if (printed.ok()) return json;
  return absl::InternalError("the response cannot be represented as JSON");
}

absl::StatusOr<std::string> FieldToJson(const Message& message,
                                        const FieldDescriptor& field,
                                        JsonNames names) {
  const auto* reflection = message.GetReflection();
  if (field.has_presence() && !reflection->HasField(message, &field)) {
    return "null";
  }
  if (field.message_type() != nullptr && !field.is_repeated()) {
    return MessageToJson(reflection->GetMessage(message, &field), names);
  }
  // protobuf prints only whole messages.
  const auto whole = MessageToJson(message, names);
  if (!whole.ok()) return whole.status();
  return std::string(FindMember(*whole, FieldName(field, names)));
}

}  // namespace pinhole::gateway
