// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/field_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/charconv.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "base/utf8.h"
#include "fmt/format.h"
#include "gateway/rules/time_text.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/json_util.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

absl::string_view ForAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

template <typename T>
std::optional<T> ParseReal(std::string_view text) {
  using Limits = std::numeric_limits<T>;
  if (text == "NaN") return Limits::quiet_NaN();
  if (text == "Infinity") return Limits::infinity();
  if (text == "-Infinity") return -Limits::infinity();
  // from_chars also accepts "inf" and "nan(x)" in any case.
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) {
    return std::nullopt;
  }
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = absl::from_chars(text.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  // Values too small for the type are rounded; values too large are rejected.
  const bool too_large = error != std::errc() && std::abs(value) > 1;
  if (too_large || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<bool> ParseBool(std::string_view text) {
  if (text != "true" && text != "false") return std::nullopt;
  return text == "true";
}

// Accepts the standard and the URL-safe alphabet, as JSON does; padding is
// optional.
std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string decoded;
  if (!absl::Base64Unescape(ForAbsl(text), &decoded) &&
      !absl::WebSafeBase64Unescape(ForAbsl(text), &decoded)) {
    return std::nullopt;
  }
  // absl ignores white space, which is what `+` in a query becomes, accepts
  // dots as padding, and drops remaining bits.
  const std::string again = absl::WebSafeBase64Escape(decoded);
  const bool same =
      text.size() >= again.size() &&
      std::equal(again.begin(), again.end(), text.begin(),
                 [](char safe, char c) {
                   return safe == c || (safe == '-' && c == '+') ||
                          (safe == '_' && c == '/');
                 }) &&
      text.find_first_not_of('=', again.size()) == std::string_view::npos;
  if (!same) return std::nullopt;
  return decoded;
}

// Parses the number of an enum value.  Open enums accept unknown numbers, but a
// NullValue is always shown as null.
std::optional<int> ParseEnumNumber(const EnumDescriptor& type,
                                   std::string_view text) {
  const auto number = ParseNumber<int>(text);
  const bool only_null = type.full_name() == "google.protobuf.NullValue";
  if (only_null && number != google::protobuf::NULL_VALUE) return std::nullopt;
  return number;
}

// Sets or adds a value; returns false if there is none.
template <typename T, typename Set, typename Add>
bool Store(Message& message, const FieldDescriptor& field,
           const std::optional<T>& value, Set set, Add add) {
  if (!value) return false;
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) {
    (reflection->*add)(&message, &field, *value);
  } else {
    (reflection->*set)(&message, &field, *value);
  }
  return true;
}

bool StoreString(Message& message, const FieldDescriptor& field,
                 std::string_view text) {
  std::optional<std::string> value;
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    value = DecodeBase64(text);
  } else if (IsUtf8(text)) {
    value = std::string(text);
  }
  return Store(message, field, value, &Reflection::SetString,
               &Reflection::AddString);
}

bool StoreEnum(Message& message, const FieldDescriptor& field,
               std::string_view text) {
  if (const auto* value = FindEnumValue(*field.enum_type(), text)) {
    return Store(message, field, std::optional(value), &Reflection::SetEnum,
                 &Reflection::AddEnum);
  }
  return Store(message, field, ParseEnumNumber(*field.enum_type(), text),
               &Reflection::SetEnumValue, &Reflection::AddEnumValue);
}

bool StoreFieldMask(Message& message, std::string_view text) {
  auto* mask =
      google::protobuf::DynamicCastToGenerated<google::protobuf::FieldMask>(
          &message);
  if (!IsUtf8(text)) return false;
  for (const absl::string_view path :
       absl::StrSplit(ForAbsl(text), ',', absl::SkipEmpty())) {
    const std::string name(path.data(), path.size());
    google::protobuf::FieldMask one;
    if (google::protobuf::util::FieldMaskUtil::FromJsonString(name, &one)) {
      mask->MergeFrom(one);
    } else {  // It is not in camelCase, so it is the proto name.
      mask->add_paths(name);
    }
  }
  return true;
}

bool StoreTime(Message& message, std::string_view text) {
  return google::protobuf::util::JsonStringToMessage(
             fmt::format("\"{}\"", text), &message)
      .ok();
}

bool StoreMessage(Message& message, const FieldDescriptor& field,
                  std::string_view text) {
  if (!IsTextual(field) || !IsFormOfTime(field, text)) return false;
  const auto* reflection = message.GetReflection();
  Message* inner = field.is_repeated()
                       ? reflection->AddMessage(&message, &field)
                       : reflection->MutableMessage(&message, &field);
  if (const FieldDescriptor* value = WrappedValue(field)) {
    return SetFromText(*inner, *value, text).ok();
  }
  switch (field.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return StoreTime(*inner, text);
    default:
      return StoreFieldMask(*inner, text);
  }
}

template <typename T>
std::string RangeRule() {
  return fmt::format("must be a whole number from {} to {}",
                     std::numeric_limits<T>::min(),
                     std::numeric_limits<T>::max());
}

std::string EnumRule(const EnumDescriptor& type) {
  std::string names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (i > 0) names += ", ";
    names += type.value(i)->name();
  }
  return fmt::format("must be one of {}", names);
}

std::string MessageRule(const FieldDescriptor& field) {
  if (const FieldDescriptor* value = WrappedValue(field)) {
    return ValueRule(*value);
  }
  switch (field.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return "must be a time such as 2026-01-31T23:59:59Z";
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return "must be a duration such as 1.5s";
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return "must be a list of fields such as caption,location.city";
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return "must be a list";
    case Descriptor::WELLKNOWNTYPE_ANY:
      return "must be an object with a known type in its member @type";
    default:
      return "must be an object; in a query, name one of its fields";
  }
}

bool Set(Message& message, const FieldDescriptor& field,
         std::string_view text) {
  using R = Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Store(message, field, ParseNumber<std::int32_t>(text),
                   &R::SetInt32, &R::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return Store(message, field, ParseNumber<std::int64_t>(text),
                   &R::SetInt64, &R::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return Store(message, field, ParseNumber<std::uint32_t>(text),
                   &R::SetUInt32, &R::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return Store(message, field, ParseNumber<std::uint64_t>(text),
                   &R::SetUInt64, &R::AddUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Store(message, field, ParseReal<double>(text), &R::SetDouble,
                   &R::AddDouble);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Store(message, field, ParseReal<float>(text), &R::SetFloat,
                   &R::AddFloat);
    case FieldDescriptor::CPPTYPE_BOOL:
      return Store(message, field, ParseBool(text), &R::SetBool, &R::AddBool);
    case FieldDescriptor::CPPTYPE_ENUM:
      return StoreEnum(message, field, text);
    case FieldDescriptor::CPPTYPE_STRING:
      return StoreString(message, field, text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return StoreMessage(message, field, text);
  }
  return false;
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

const FieldDescriptor* WrappedValue(const FieldDescriptor& field) {
  const Descriptor* type = field.message_type();
  if (type == nullptr ||
      type->file()->name() != "google/protobuf/wrappers.proto") {
    return nullptr;
  }
  return type->FindFieldByNumber(1);
}

bool IsFormOfTime(const FieldDescriptor& field, std::string_view text) {
  switch (field.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return IsTimestampText(text);
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return IsDurationText(text);
    default:
      return true;
  }
}

bool IsTextual(const FieldDescriptor& field) {
  const Descriptor* type = field.message_type();
  if (type == nullptr || WrappedValue(field) != nullptr) return true;
  switch (type->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
    case Descriptor::WELLKNOWNTYPE_DURATION:
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return true;
    default:
      return false;
  }
}

std::string ValueRule(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return RangeRule<std::int32_t>();
    case FieldDescriptor::CPPTYPE_INT64:
      return RangeRule<std::int64_t>();
    case FieldDescriptor::CPPTYPE_UINT32:
      return RangeRule<std::uint32_t>();
    case FieldDescriptor::CPPTYPE_UINT64:
      return RangeRule<std::uint64_t>();
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "must be a number in range";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "must be true or false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumRule(*field.enum_type());
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES
                 ? "must be base64 (in a query, write + as %2B)"
                 : "must be text in UTF-8";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageRule(field);
  }
  return "is of a type that cannot be set";
}

bool IsScalarText(const FieldDescriptor& field, std::string_view text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return ParseNumber<std::int32_t>(text).has_value();
    case FieldDescriptor::CPPTYPE_INT64:
      return ParseNumber<std::int64_t>(text).has_value();
    case FieldDescriptor::CPPTYPE_UINT32:
      return ParseNumber<std::uint32_t>(text).has_value();
    case FieldDescriptor::CPPTYPE_UINT64:
      return ParseNumber<std::uint64_t>(text).has_value();
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return ParseReal<double>(text).has_value();
    case FieldDescriptor::CPPTYPE_FLOAT:
      return ParseReal<float>(text).has_value();
    case FieldDescriptor::CPPTYPE_BOOL:
      return ParseBool(text).has_value();
    case FieldDescriptor::CPPTYPE_ENUM:
      return FindEnumValue(*field.enum_type(), text) != nullptr ||
             ParseEnumNumber(*field.enum_type(), text).has_value();
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES
                 ? DecodeBase64(text).has_value()
                 : IsUtf8(text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return false;
}

absl::Status SetFromText(Message& message, const FieldDescriptor& field,
                         std::string_view text) {
  if (Set(message, field, text)) return absl::OkStatus();
  return absl::InvalidArgumentError(ValueRule(field));
}

}  // namespace pinhole::gateway
