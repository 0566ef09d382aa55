// SPDX-License-Identifier: Apache-2.0

#include "gateway/openapi/openapi_comments.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.pb.h"

namespace pinhole::gateway {
namespace {

template <typename Element>
std::string CommentOf(const Element* element) {
  google::protobuf::SourceLocation location;
  if (element == nullptr || !element->GetSourceLocation(&location)) return {};
  std::vector<std::string> lines =
      absl::StrSplit(location.leading_comments, '\n');
  for (std::string& line : lines) absl::StripAsciiWhitespace(&line);
  std::string comment = absl::StrJoin(lines, "\n");
  absl::StripAsciiWhitespace(&comment);
  return comment;
}

}  // namespace

OpenApiComments::OpenApiComments(std::string_view descriptors) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(descriptors.data(),
                          static_cast<int>(descriptors.size()))) {
    return;
  }
  for (const auto& file : set.file()) files_.Add(file);
}

std::string OpenApiComments::Of(
    const google::protobuf::ServiceDescriptor& service) const {
  return CommentOf(pool_.FindServiceByName(service.full_name()));
}

std::string OpenApiComments::Of(
    const google::protobuf::MethodDescriptor& method) const {
  return CommentOf(pool_.FindMethodByName(method.full_name()));
}

std::string OpenApiComments::Of(
    const google::protobuf::Descriptor& message) const {
  return CommentOf(pool_.FindMessageTypeByName(message.full_name()));
}

std::string OpenApiComments::Of(
    const google::protobuf::FieldDescriptor& field) const {
  return CommentOf(pool_.FindFieldByName(field.full_name()));
}

std::string OpenApiComments::Of(
    const google::protobuf::EnumDescriptor& type) const {
  return CommentOf(pool_.FindEnumTypeByName(type.full_name()));
}

std::string OpenApiComments::Of(
    const google::protobuf::EnumValueDescriptor& value) const {
  return CommentOf(pool_.FindEnumValueByName(value.full_name()));
}

std::string FirstSentence(std::string_view comment) {
  const std::vector<std::string> words = absl::StrSplit(
      std::string(comment), absl::ByAnyChar(" \n"), absl::SkipEmpty());
  std::string sentence;
  for (const std::string& word : words) {
    if (!sentence.empty()) sentence += ' ';
    sentence += word;
    if (word.back() == '.') {
      sentence.pop_back();
      break;
    }
  }
  return sentence;
}

}  // namespace pinhole::gateway
