// SPDX-License-Identifier: Apache-2.0

#include "gateway/openapi/openapi_schema.h"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "boost/json/array.hpp"
#include "fmt/format.h"
#include "gateway/rules/field_behavior.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

namespace {

json::object Text() { return {{"type", "string"}}; }

json::object Text(const char* key, const char* value) {
  return {{"type", "string"}, {key, value}};
}

template <typename Integer>
json::object Number(const char* format) {
  return {{"type", "integer"},
          {"format", format},
          {"minimum", std::numeric_limits<Integer>::min()},
          {"maximum", std::numeric_limits<Integer>::max()}};
}

json::object LongNumber(const char* format, const char* pattern) {
  return {{"type", "string"}, {"format", format}, {"pattern", pattern}};
}

json::object Floating(const char* format) {
  const json::array odd = {"NaN", "Infinity", "-Infinity"};
  return {{"anyOf",
           json::array{json::object{{"type", "number"}, {"format", format}},
                       json::object{{"type", "string"}, {"enum", odd}}}}};
}

// The schema, or null.
json::object Nullable(json::object schema) {
  json::value* type = schema.if_contains("type");
  if (type != nullptr) {
    *type = json::array{*type, "null"};
  } else {
    schema["anyOf"].as_array().push_back(json::object{{"type", "null"}});
  }
  return schema;
}

// Messages whose JSON is not an object of their fields.
std::optional<json::object> OfWellKnown(const Descriptor& type) {
  if (type.file()->package() != "google.protobuf") return std::nullopt;
  static const auto* const kSchemas = new std::map<std::string, json::object>{
      {"Timestamp", Text("format", "date-time")},
      {"Duration", Text("pattern", R"(^-?[0-9]+(\.[0-9]{1,9})?s$)")},
      {"FieldMask",
       {{"type", "string"},
        {"description", "Field names, separated by commas."}}},
      {"Struct", {{"type", "object"}}},
      {"Value", {}},
      {"ListValue", {{"type", "array"}, {"items", json::object()}}},
      {"Any",
       {{"type", "object"},
        {"properties", {{"@type", {{"type", "string"}}}}},
        {"required", json::array{"@type"}}}}};
  const auto found = kSchemas->find(type.name());
  if (found == kSchemas->end()) return std::nullopt;
  return found->second;
}

bool IsWrapper(const Descriptor& type) {
  return type.file()->name() == "google/protobuf/wrappers.proto";
}

json::object OfScalar(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_SFIXED32:
      return Number<std::int32_t>("int32");
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32:
      return Number<std::uint32_t>("uint32");
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SINT64:
    case FieldDescriptor::TYPE_SFIXED64:
      return LongNumber("int64", "^-?[0-9]{1,19}$");
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      return LongNumber("uint64", "^[0-9]{1,20}$");
    case FieldDescriptor::TYPE_FLOAT:
      return Floating("float");
    case FieldDescriptor::TYPE_DOUBLE:
      return Floating("double");
    case FieldDescriptor::TYPE_BYTES:
      return Text("contentEncoding", "base64");
    default:
      return Text();
  }
}

// At most one member of each oneof can be present.
json::array Clashes(const Descriptor& type, JsonNames names) {
  json::array clashes;
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    const OneofDescriptor& oneof = *type.oneof_decl(i);
    for (int a = 0; a < oneof.field_count(); ++a) {
      for (int b = a + 1; b < oneof.field_count(); ++b) {
        const json::array both = {FieldName(*oneof.field(a), names),
                                  FieldName(*oneof.field(b), names)};
        clashes.push_back(json::object{{"required", both}});
      }
    }
  }
  return clashes;
}

}  // namespace

OpenApiSchemas::OpenApiSchemas(const OpenApiComments& comments, JsonNames names,
                               std::string package)
    : comments_(comments), names_(names), package_(std::move(package)) {}

json::object OpenApiSchemas::Reference(const std::string& full_name) {
  std::string name = full_name;
  if (absl::StartsWith(name, package_ + ".")) {
    name.erase(0, package_.size() + 1);
  }
  return {{"$ref", "#/components/schemas/" + name}};
}

json::object OpenApiSchemas::OfMessage(const Descriptor& type) {
  if (auto known = OfWellKnown(type)) return *std::move(known);
  if (IsWrapper(type)) return Nullable(OfValue(*type.field(0)));
  messages_.insert(&type);
  return Reference(type.full_name());
}

json::object OpenApiSchemas::OfValue(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) return OfMessage(*field.message_type());
  const EnumDescriptor* type = field.enum_type();
  if (type == nullptr) return OfScalar(field.type());
  if (type->full_name() == "google.protobuf.NullValue") {
    return {{"type", "null"}};
  }
  enums_.insert(type);
  return Reference(type->full_name());
}

json::object OpenApiSchemas::OfFieldType(const FieldDescriptor& field) {
  if (field.is_map()) {
    return {
        {"type", "object"},
        {"additionalProperties", OfValue(*field.message_type()->map_value())}};
  }
  json::object schema = OfValue(field);
  if (field.options().GetExtension(v1::sensitive)) {
    schema["format"] = "password";
  }
  if (!field.is_repeated()) return schema;
  return {{"type", "array"}, {"items", std::move(schema)}};
}

json::object OpenApiSchemas::OfField(const FieldDescriptor& field) {
  json::object schema = OfFieldType(field);
  const std::string comment = comments_.Of(field);
  if (!comment.empty()) schema["description"] = comment;
  if (IsSetByServer(field)) schema["readOnly"] = true;
  if (field.options().deprecated()) schema["deprecated"] = true;
  return schema;
}

json::object OpenApiSchemas::Properties(const Descriptor& type,
                                        const Fields& elsewhere) {
  json::object properties;
  json::array required;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (elsewhere.contains(&field)) continue;
    const std::string& name = FieldName(field, names_);
    properties[name] = OfField(field);
    if (IsRequired(field)) required.emplace_back(name);
  }
  json::object schema = {{"type", "object"}};
  const std::string comment = comments_.Of(type);
  if (!comment.empty()) schema["description"] = comment;
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  json::array clashes = Clashes(type, names_);
  if (!clashes.empty()) schema["not"] = {{"anyOf", std::move(clashes)}};
  if (sent_.contains(&type)) schema["additionalProperties"] = false;
  return schema;
}

json::object OpenApiSchemas::OfEnum(const EnumDescriptor& type) {
  json::array names;
  std::string description = comments_.Of(type);
  std::string values;
  for (int i = 0; i < type.value_count(); ++i) {
    names.emplace_back(type.value(i)->name());
    const std::string comment = comments_.Of(*type.value(i));
    if (comment.empty()) continue;
    values += fmt::format("\n- `{}`: {}", type.value(i)->name(),
                          absl::StrReplaceAll(comment, {{"\n", " "}}));
  }
  if (!values.empty()) description += '\n' + values;
  json::object schema = {{"type", "string"}, {"enum", std::move(names)}};
  if (!description.empty()) schema["description"] = description;
  return schema;
}

void OpenApiSchemas::MarkSent(const Descriptor& type) {
  if (OfWellKnown(type) || IsWrapper(type) || !sent_.insert(&type).second) {
    return;
  }
  for (int i = 0; i < type.field_count(); ++i) {
    const Descriptor* inner = type.field(i)->message_type();
    if (inner != nullptr) MarkSent(*inner);
  }
}

json::object OpenApiSchemas::OfBody(const Descriptor& type,
                                    const Fields& elsewhere) {
  MarkSent(type);
  return elsewhere.empty() ? OfMessage(type) : Properties(type, elsewhere);
}

json::object OpenApiSchemas::OfBody(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) MarkSent(*field.message_type());
  return OfFieldType(field);
}

json::object OpenApiSchemas::Take() {
  const std::string prefix = "#/components/schemas/";
  std::map<std::string, json::object> schemas;
  // A description can add references.
  std::set<const Descriptor*> done;
  while (done.size() < messages_.size()) {
    const std::set<const Descriptor*> known = messages_;
    for (const Descriptor* type : known) {
      if (!done.insert(type).second) continue;
      const json::object reference = Reference(type->full_name());
      const std::string name(reference.at("$ref").as_string());
      schemas[name.substr(prefix.size())] = Properties(*type, {});
    }
  }
  for (const EnumDescriptor* type : enums_) {
    const json::object reference = Reference(type->full_name());
    const std::string name(reference.at("$ref").as_string());
    schemas[name.substr(prefix.size())] = OfEnum(*type);
  }
  json::object all;
  for (auto& [name, schema] : schemas) all[name] = std::move(schema);
  return all;
}

}  // namespace pinhole::gateway
