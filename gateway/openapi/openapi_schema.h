// SPDX-License-Identifier: Apache-2.0

// OpenApiSchemas: messages as JSON Schema (2020-12, which OpenAPI 3.1 uses), in
// the form that the gateway reads and writes them.
//
// 64-bit integers are strings, enums their names, times RFC 3339.  Only the
// wrappers and Value can be null.  What a comment begins with "Required." is
// required of a client.  A message that clients send takes no other properties.

#ifndef PINHOLE_GATEWAY_OPENAPI_OPENAPI_SCHEMA_H_
#define PINHOLE_GATEWAY_OPENAPI_OPENAPI_SCHEMA_H_

#include <set>
#include <string>

#include "boost/json/object.hpp"
#include "gateway/openapi/openapi_comments.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

class OpenApiSchemas {
 public:
  using Fields = std::set<const google::protobuf::FieldDescriptor*>;

  // `comments` must outlive this object.  Types of `package` have their names
  // without it.
  OpenApiSchemas(const OpenApiComments& comments, std::string package);

  // A reference, or the schema itself for types with a JSON form of their own.
  boost::json::object OfMessage(const google::protobuf::Descriptor& type);
  // With list and map, and what is said of the field.
  boost::json::object OfField(const google::protobuf::FieldDescriptor& field);
  // The same without what is said of it.
  boost::json::object OfFieldType(
      const google::protobuf::FieldDescriptor& field);

  // What a client sends as `type`, whose fields in `elsewhere` it must leave
  // out because the path has them.
  boost::json::object OfBody(const google::protobuf::Descriptor& type,
                             const Fields& elsewhere);
  boost::json::object OfBody(const google::protobuf::FieldDescriptor& field);

  // All schemas that the references so far need, by name.
  boost::json::object Take();

  bool IsRequired(const google::protobuf::FieldDescriptor& field) const;

 private:
  boost::json::object OfValue(const google::protobuf::FieldDescriptor& field);
  boost::json::object Reference(const std::string& full_name);
  boost::json::object Properties(const google::protobuf::Descriptor& type,
                                 const Fields& elsewhere);
  boost::json::object OfEnum(const google::protobuf::EnumDescriptor& type);
  // Notes that clients send `type` and what is in it.
  void CloseSent(const google::protobuf::Descriptor& type);

  const OpenApiComments& comments_;
  const std::string package_;
  std::set<const google::protobuf::Descriptor*> sent_;
  std::set<const google::protobuf::Descriptor*> messages_;  // Referred to.
  std::set<const google::protobuf::EnumDescriptor*> enums_;
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_OPENAPI_OPENAPI_SCHEMA_H_
