// SPDX-License-Identifier: Apache-2.0

#include "gateway/transcode/json_walk.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "fmt/format.h"
#include "gateway/http/http_error.h"
#include "gateway/rules/field_value.h"
#include "gateway/rules/json_names.h"

namespace pinhole::gateway {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace {

bool HasOwnForm(const Descriptor& type) {
  return type.well_known_type() != Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
}

// For these types null is a value.
bool TakesNull(const FieldDescriptor& field) {
  if (field.enum_type() != nullptr) {
    return field.enum_type()->full_name() == "google.protobuf.NullValue";
  }
  return field.message_type() != nullptr &&
         field.message_type()->well_known_type() ==
             Descriptor::WELLKNOWNTYPE_VALUE;
}

bool IsWholeNumber(const FieldDescriptor& field) {
  return field.cpp_type() <= FieldDescriptor::CPPTYPE_UINT64;
}

bool IsFinite(std::string_view text) {
  double value = 0;
  return absl::SimpleAtod({text.data(), text.size()}, &value) &&
         std::isfinite(value);
}

bool TakesScalar(const FieldDescriptor& field, JsonWalk::Scalar kind,
                 std::string_view text) {
  using Scalar = JsonWalk::Scalar;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return kind == Scalar::kBool;
    case FieldDescriptor::CPPTYPE_STRING:
      return kind == Scalar::kString && IsScalarText(field, text);
    case FieldDescriptor::CPPTYPE_ENUM:
      // A numeric string is not the name of an enum value.
      return kind == Scalar::kString
                 ? FindEnumValue(*field.enum_type(), text) != nullptr
                 : kind == Scalar::kInteger && IsScalarText(field, text);
    default:
      if (kind == Scalar::kBool) return false;
      // 1e3 and 5.0 can be integers; protobuf checks that.
      if (kind == Scalar::kReal && IsWholeNumber(field)) return IsFinite(text);
      return IsScalarText(field, text);
  }
}

// Whether the key of a map is canonical, so that no key can be given twice.
bool IsMapKey(const FieldDescriptor& field, const std::string& text) {
  if (!IsScalarText(field, text)) return false;
  if (!IsWholeNumber(field)) return true;
  std::int64_t number = 0;
  std::uint64_t large = 0;
  return (absl::SimpleAtoi(text, &number) && std::to_string(number) == text) ||
         (absl::SimpleAtoi(text, &large) && std::to_string(large) == text);
}

}  // namespace

JsonWalk::JsonWalk(const Descriptor& type) : root_(&type) {}

JsonWalk::JsonWalk(const FieldDescriptor& field) {
  Level level;
  level.kind = Level::Kind::kMessage;
  level.type = field.containing_type();
  level.field = &field;
  level.key = field.name();
  level.in_leaf = false;
  levels_.push_back(std::move(level));
}

absl::Status JsonWalk::BeginObject() {
  if (absl::Status status = BeginValue(Shape::kObject); !status.ok()) {
    return status;
  }
  Level level = NextLevel();
  const FieldDescriptor* field = this->field();
  if (field != nullptr && field->is_map() && level.kind != Level::Kind::kFree) {
    level.kind = Level::Kind::kMap;
    level.field = field->message_type()->map_value();
  }
  levels_.push_back(std::move(level));
  return absl::OkStatus();
}

// Returns the level of the next object.  Maps are not checked.
JsonWalk::Level JsonWalk::NextLevel() const {
  Level level;
  const FieldDescriptor* field = this->field();
  if (levels_.empty()) {
    level.type = root_;
    level.in_leaf = true;
  } else if (field != nullptr && field->message_type() != nullptr) {
    level.type = field->message_type();
    level.in_leaf = levels_.back().in_leaf || field->is_repeated();
  }
  if (level.type != nullptr && !HasOwnForm(*level.type)) {
    level.kind = Level::Kind::kMessage;
  }
  return level;
}

void JsonWalk::EndObject() {
  const bool empty_leaf = levels_.back().kind == Level::Kind::kMessage &&
                          !levels_.back().in_leaf &&
                          levels_.back().fields.empty();
  levels_.pop_back();
  if (empty_leaf) AddLeaf();
}

absl::Status JsonWalk::BeginArray() {
  if (absl::Status status = BeginValue(Shape::kArray); !status.ok()) {
    return status;
  }
  Level level;
  const FieldDescriptor* field = this->field();
  if (field != nullptr && field->is_repeated() &&
      levels_.back().kind == Level::Kind::kMessage) {
    level.kind = Level::Kind::kList;
    level.field = field;
  }
  levels_.push_back(std::move(level));
  return absl::OkStatus();
}

void JsonWalk::EndArray() { levels_.pop_back(); }

absl::Status JsonWalk::Key(const std::string& name) {
  switch (levels_.back().kind) {
    case Level::Kind::kMessage:
      return MessageKey(name);
    case Level::Kind::kMap:
      return MapKey(name);
    default:
      if (levels_.back().keys.insert(name).second) return absl::OkStatus();
      return InvalidField(Path(), "has two members with the same name");
  }
}

absl::Status JsonWalk::MessageKey(const std::string& name) {
  Level& level = levels_.back();
  level.field = FindField(*level.type, name);
  level.key = level.field == nullptr ? name : level.field->name();
  if (level.field == nullptr) {
    return InvalidField(Path(), "is not a field of the request");
  }
  if (!level.fields.insert(level.field).second) {
    return InvalidField(Path(), GivenTwiceRule(*level.field));
  }
  return absl::OkStatus();
}

absl::Status JsonWalk::MapKey(const std::string& name) {
  const FieldDescriptor& key =
      *levels_.back().field->containing_type()->map_key();
  if (!IsMapKey(key, name)) {
    return InvalidField(
        Path(), fmt::format("has an invalid key: each key {}", ValueRule(key)));
  }
  if (!levels_.back().keys.insert(name).second) {
    return InvalidField(Path(), "has the same key twice");
  }
  return absl::OkStatus();
}

absl::Status JsonWalk::OnNull() { return BeginValue(Shape::kNull); }

absl::Status JsonWalk::OnScalar(Scalar kind, std::string_view text) {
  if (absl::Status status = BeginValue(Shape::kScalar); !status.ok()) {
    return status;
  }
  const FieldDescriptor* field = this->field();
  if (field == nullptr) return absl::OkStatus();
  if (const FieldDescriptor* value = WrappedValue(*field)) field = value;
  const bool takes = field->message_type() == nullptr
                         ? TakesScalar(*field, kind, text)
                         : IsFormOfTime(*field, text);
  if (takes) return absl::OkStatus();
  return InvalidField(Path(), ValueRule(*field));
}

const FieldDescriptor* JsonWalk::field() const {
  return levels_.empty() ? nullptr : levels_.back().field;
}

absl::Status JsonWalk::BeginValue(Shape shape) {
  if (levels_.empty()) {
    if (shape == Shape::kObject || HasOwnForm(*root_)) return absl::OkStatus();
    return MakeError(Reason::kMalformedJson, "the body must be a JSON object");
  }
  Level& level = levels_.back();
  if (level.field == nullptr) return absl::OkStatus();
  if (level.kind == Level::Kind::kList) ++level.index;
  const bool element = level.kind != Level::Kind::kMessage;
  if (absl::Status status = CheckShape(*level.field, shape, element);
      !status.ok()) {
    return status;
  }
  if (element) return absl::OkStatus();
  if (absl::Status status = CheckOneof(shape); !status.ok()) return status;
  NoteLeaf(shape);
  return absl::OkStatus();
}

absl::Status JsonWalk::CheckShape(const FieldDescriptor& field, Shape shape,
                                  bool element) const {
  if (shape == Shape::kNull) {
    if (!element || TakesNull(field)) return absl::OkStatus();
    return InvalidField(Path(), "must not be null");
  }
  if (!element && field.is_map()) {
    if (shape == Shape::kObject) return absl::OkStatus();
    return InvalidField(Path(), "must be an object");
  }
  if (!element && field.is_repeated()) {
    if (shape == Shape::kArray) return absl::OkStatus();
    return InvalidField(Path(), "must be a list");
  }
  if (IsTextual(field)) {
    if (shape == Shape::kScalar) return absl::OkStatus();
    return InvalidField(Path(), ValueRule(field));
  }
  switch (field.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return absl::OkStatus();
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      if (shape == Shape::kArray) return absl::OkStatus();
      return InvalidField(Path(), "must be a list");
    default:
      if (shape == Shape::kObject) return absl::OkStatus();
      return InvalidField(Path(), "must be an object");
  }
}

absl::Status JsonWalk::CheckOneof(Shape shape) {
  Level& level = levels_.back();
  const auto* oneof = level.field->real_containing_oneof();
  if (oneof == nullptr) return absl::OkStatus();
  if (shape == Shape::kNull && !TakesNull(*level.field)) {
    return absl::OkStatus();
  }
  const auto [other, first] = level.oneofs.emplace(oneof, level.field);
  if (first) return absl::OkStatus();
  return InvalidField(Path(), fmt::format("cannot be given together with {}",
                                          other->second->name()));
}

// An object is not a leaf, but its fields are; an empty one is added at its
// end.
void JsonWalk::NoteLeaf(Shape shape) {
  if (levels_.back().in_leaf) return;
  const FieldDescriptor& field = *levels_.back().field;
  const Descriptor* type = field.message_type();
  const bool deeper = shape == Shape::kObject && !field.is_repeated() &&
                      type != nullptr && !HasOwnForm(*type);
  if (!deeper) AddLeaf();
}

void JsonWalk::AddLeaf() {
  std::string path;
  // Level 0 is the field whose value the text is.
  for (std::size_t i = 1; i < levels_.size(); ++i) {
    if (!path.empty()) path += '.';
    path += levels_[i].field->name();
  }
  if (!path.empty()) leaves_.push_back(std::move(path));
}

std::string JsonWalk::Path() const {
  std::string path;
  for (const Level& level : levels_) {
    if (level.kind == Level::Kind::kList && level.index >= 0) {
      path += fmt::format("[{}]", level.index);
    } else if (level.kind == Level::Kind::kMessage && !level.key.empty()) {
      if (!path.empty()) path += '.';
      path += level.key;
    }
  }
  return path;
}

}  // namespace pinhole::gateway
