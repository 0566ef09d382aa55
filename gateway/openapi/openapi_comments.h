// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/rules/json_names.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"

namespace pinhole::gateway {

// The comments of proto files, which linked-in descriptors do not contain.  An
// element without a comment has an empty one.
class OpenApiComments {
 public:
  // `descriptors`: a serialized FileDescriptorSet with source info and imports.
  // If it is empty or malformed, there are no comments.  Names of fields in
  // backticks become those of `names`.
  OpenApiComments(std::string_view descriptors, JsonNames names);

  // Returns the leading comment, without blanks around its lines.
  std::string Of(const google::protobuf::ServiceDescriptor& service) const;
  std::string Of(const google::protobuf::MethodDescriptor& method) const;
  std::string Of(const google::protobuf::Descriptor& message) const;
  std::string Of(const google::protobuf::FieldDescriptor& field) const;
  std::string Of(const google::protobuf::EnumDescriptor& type) const;
  std::string Of(const google::protobuf::EnumValueDescriptor& value) const;

 private:
  void AddRenamed(const google::protobuf::DescriptorProto& message);
  std::string Rename(std::string_view comment) const;

  // The proto names of fields to replace, with their JSON names.
  std::unordered_map<std::string, std::string> renamed_;
  google::protobuf::SimpleDescriptorDatabase files_;
  google::protobuf::DescriptorPool pool_{&files_};
};

// Returns the first sentence on one line, without its full stop.
std::string FirstSentence(std::string_view comment);

}  // namespace pinhole::gateway
