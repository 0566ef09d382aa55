// SPDX-License-Identifier: Apache-2.0

#include "gateway/field_value.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "fmt/format.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/time_util.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::string_view ForAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

absl::Status Broken(std::string rule) {
  return absl::InvalidArgumentError(std::move(rule));
}

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// Sets or adds, whichever the field is.
template <typename T, typename Set, typename Add>
void Store(Message& message, const FieldDescriptor& field, const T& value,
           Set set, Add add) {
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) {
    (reflection->*add)(&message, &field, value);
  } else {
    (reflection->*set)(&message, &field, value);
  }
}

template <typename T, typename Set, typename Add>
absl::Status StoreInteger(Message& message, const FieldDescriptor& field,
                          std::string_view text, Set set, Add add) {
  const auto value = ParseNumber<T>(text);
  if (!value) {
    return Broken(fmt::format("must be a whole number from {} to {}",
                              std::numeric_limits<T>::min(),
                              std::numeric_limits<T>::max()));
  }
  Store(message, field, *value, set, add);
  return absl::OkStatus();
}

template <typename T, typename Set, typename Add>
absl::Status StoreReal(Message& message, const FieldDescriptor& field,
                       std::string_view text, Set set, Add add) {
  std::optional<T> value;
  if (text == "Infinity") {
    value = std::numeric_limits<T>::infinity();
  } else if (text == "-Infinity") {
    value = -std::numeric_limits<T>::infinity();
  } else {
    value = ParseNumber<T>(text);
  }
  if (!value) return Broken("must be a number in range");
  Store(message, field, *value, set, add);
  return absl::OkStatus();
}

absl::Status StoreString(Message& message, const FieldDescriptor& field,
                         std::string_view text) {
  using Reflection = google::protobuf::Reflection;
  std::string value(text);
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    std::string decoded;
    // Standard and URL-safe alphabets, as in JSON.
    if (!absl::Base64Unescape(value, &decoded) &&
        !absl::WebSafeBase64Unescape(value, &decoded)) {
      return Broken("must be base64");
    }
    value = std::move(decoded);
  } else if (!google::protobuf::internal::IsStructurallyValidUTF8(
                 value.data(), static_cast<int>(value.size()))) {
    return Broken("must be UTF-8");
  }
  Store(message, field, value, &Reflection::SetString, &Reflection::AddString);
  return absl::OkStatus();
}

absl::Status StoreEnum(Message& message, const FieldDescriptor& field,
                       std::string_view text) {
  using Reflection = google::protobuf::Reflection;
  const EnumValueDescriptor* value = FindEnumValue(*field.enum_type(), text);
  if (value != nullptr) {
    Store(message, field, value, &Reflection::SetEnum, &Reflection::AddEnum);
    return absl::OkStatus();
  }
  // Open enums keep numbers that have no name (yet).
  const auto number = ParseNumber<int>(text);
  if (!number) {
    std::string names;
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      if (i > 0) names += ", ";
      names += field.enum_type()->value(i)->name();
    }
    return Broken(fmt::format("must be one of {}", names));
  }
  Store(message, field, *number, &Reflection::SetEnumValue,
        &Reflection::AddEnumValue);
  return absl::OkStatus();
}

bool IsWrapper(const Descriptor& type) {
  return type.file()->name() == "google/protobuf/wrappers.proto";
}

absl::Status StoreFieldMask(Message& message, std::string_view text) {
  auto* mask =
      google::protobuf::DynamicCastToGenerated<google::protobuf::FieldMask>(
          &message);
  for (const absl::string_view path :
       absl::StrSplit(ForAbsl(text), ',', absl::SkipEmpty())) {
    const std::string name(path.data(), path.size());
    google::protobuf::FieldMask one;
    if (google::protobuf::util::FieldMaskUtil::FromJsonString(name, &one)) {
      mask->MergeFrom(one);
    } else {  // Not camelCase, so it is the proto name already.
      mask->add_paths(name);
    }
  }
  return absl::OkStatus();
}

absl::Status StoreMessage(Message& message, const FieldDescriptor& field,
                          std::string_view text) {
  using google::protobuf::util::TimeUtil;
  const auto* reflection = message.GetReflection();
  Message* inner = field.is_repeated()
                       ? reflection->AddMessage(&message, &field)
                       : reflection->MutableMessage(&message, &field);
  const std::string& type = field.message_type()->full_name();
  if (IsWrapper(*field.message_type())) {
    return SetFromText(*inner, *field.message_type()->FindFieldByName("value"),
                       text);
  }
  if (type == "google.protobuf.FieldMask") return StoreFieldMask(*inner, text);
  if (type == "google.protobuf.Timestamp") {
    auto* time =
        google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(
            inner);
    if (TimeUtil::FromString(std::string(text), time)) return absl::OkStatus();
    return Broken("must be a time such as 2026-01-31T23:59:59Z");
  }
  if (type == "google.protobuf.Duration") {
    auto* duration =
        google::protobuf::DynamicCastToGenerated<google::protobuf::Duration>(
            inner);
    if (TimeUtil::FromString(std::string(text), duration)) {
      return absl::OkStatus();
    }
    return Broken("must be a duration such as 1.5s");
  }
  return Broken("is a message; name one of its fields");
}

}  // namespace

const FieldDescriptor* FindField(const Descriptor& type,
                                 std::string_view name) {
  const std::string key(name);
  if (const FieldDescriptor* field = type.FindFieldByName(key)) return field;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->json_name() == key) return type.field(i);
  }
  return nullptr;
}

const EnumValueDescriptor* FindEnumValue(const EnumDescriptor& type,
                                         std::string_view text) {
  const std::string key(text);
  if (const EnumValueDescriptor* value = type.FindValueByName(key)) {
    return value;
  }
  std::string prefix;
  for (const char c : type.name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) {
      prefix += '_';
    }
    prefix += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return type.FindValueByName(
      fmt::format("{}_{}", prefix, absl::AsciiStrToUpper(key)));
}

bool IsTextual(const FieldDescriptor& field) {
  const Descriptor* type = field.message_type();
  if (type == nullptr) return true;
  return IsWrapper(*type) || type->full_name() == "google.protobuf.Timestamp" ||
         type->full_name() == "google.protobuf.Duration" ||
         type->full_name() == "google.protobuf.FieldMask";
}

absl::Status SetFromText(Message& message, const FieldDescriptor& field,
                         std::string_view text) {
  using R = google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return StoreInteger<std::int32_t>(message, field, text, &R::SetInt32,
                                        &R::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return StoreInteger<std::int64_t>(message, field, text, &R::SetInt64,
                                        &R::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return StoreInteger<std::uint32_t>(message, field, text, &R::SetUInt32,
                                         &R::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return StoreInteger<std::uint64_t>(message, field, text, &R::SetUInt64,
                                         &R::AddUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return StoreReal<double>(message, field, text, &R::SetDouble,
                               &R::AddDouble);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return StoreReal<float>(message, field, text, &R::SetFloat, &R::AddFloat);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") {
        return Broken("must be true or false");
      }
      Store(message, field, text == "true", &R::SetBool, &R::AddBool);
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM:
      return StoreEnum(message, field, text);
    case FieldDescriptor::CPPTYPE_STRING:
      return StoreString(message, field, text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return StoreMessage(message, field, text);
  }
  return Broken("is of a type that text cannot set");
}

}  // namespace pinhole::gateway
