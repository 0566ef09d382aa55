// SPDX-License-Identifier: Apache-2.0

// OpenApiSchemas: messages as JSON Schema (2020-12, as in OpenAPI 3.1), in the
// form that the gateway reads and writes.
//
// 64-bit integers are strings, enums are their names, times are RFC 3339.  Only
// wrappers and Value can be null.  Messages from clients must not have other
// properties.

#pragma once

#include <set>
#include <string>

#include "boost/json/object.hpp"
#include "gateway/openapi/openapi_comments.h"
#include "gateway/rules/json_names.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

class OpenApiSchemas {
 public:
  using Fields = std::set<const google::protobuf::FieldDescriptor*>;

  // `comments` must outlive this object.  Names of types in `package` are shown
  // without it.
  OpenApiSchemas(const OpenApiComments& comments, JsonNames names,
                 std::string package);

  JsonNames names() const { return names_; }

  // Returns a reference, or the schema itself for types with a JSON form of
  // their own.
  boost::json::object OfMessage(const google::protobuf::Descriptor& type);
  // Includes lists, maps and the comment of the field.
  boost::json::object OfField(const google::protobuf::FieldDescriptor& field);
  // As `OfField`, without the comment.
  boost::json::object OfFieldType(
      const google::protobuf::FieldDescriptor& field);

  // Returns the schema of a body of `type`, without the fields in `elsewhere`,
  // which the path has.
  boost::json::object OfBody(const google::protobuf::Descriptor& type,
                             const Fields& elsewhere);
  boost::json::object OfBody(const google::protobuf::FieldDescriptor& field);

  // Returns all schemas that were referred to, by name.
  boost::json::object Take();

 private:
  boost::json::object OfValue(const google::protobuf::FieldDescriptor& field);
  boost::json::object Reference(const std::string& full_name);
  boost::json::object Properties(const google::protobuf::Descriptor& type,
                                 const Fields& elsewhere);
  boost::json::object OfEnum(const google::protobuf::EnumDescriptor& type);
  // Marks `type` and the messages in it as sent by clients.
  void MarkSent(const google::protobuf::Descriptor& type);

  const OpenApiComments& comments_;
  const JsonNames names_;
  const std::string package_;
  std::set<const google::protobuf::Descriptor*> sent_;
  std::set<const google::protobuf::Descriptor*> messages_;  // Referred to.
  std::set<const google::protobuf::EnumDescriptor*> enums_;
};

}  // namespace pinhole::gateway
