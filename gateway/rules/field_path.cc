// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/field_path.h"

#include <algorithm>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "gateway/rules/field_value.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Messages can be nested at most this deep.
constexpr std::size_t kMaxFieldPath = 64;

}  // namespace

bool IsPrefix(const FieldPath& prefix, const FieldPath& path) {
  return prefix.size() <= path.size() &&
         std::equal(prefix.begin(), prefix.end(), path.begin());
}

absl::StatusOr<FieldPath> FindFieldPath(const Descriptor& type,
                                        std::string_view path) {
  FieldPath result;
  const Descriptor* message = &type;
  std::string_view rest = path;
  while (true) {
    const std::string name(rest.substr(0, rest.find('.')));
    const FieldDescriptor* field =
        message == nullptr || result.size() == kMaxFieldPath
            ? nullptr
            : FindField(*message, name);
    if (field == nullptr) {
      return absl::InvalidArgumentError(
          fmt::format("field \"{}\" does not exist", path));
    }
    result.push_back(field);
    if (name.size() == rest.size()) return result;
    if (field->is_repeated()) {
      return absl::InvalidArgumentError(
          fmt::format("\"{}\" is inside a list", path));
    }
    message = field->message_type();
    rest.remove_prefix(name.size() + 1);
  }
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
