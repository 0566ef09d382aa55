// SPDX-License-Identifier: Apache-2.0

#include "gateway/openapi/openapi_comments.h"

#include <algorithm>
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

// Returns the length of the identifier at the front of `text`; often 0.
std::size_t NameSize(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  });
  return static_cast<std::size_t>(end - text.begin());
}

}  // namespace

OpenApiComments::OpenApiComments(std::string_view descriptors,
                                 JsonNames names) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(descriptors.data(),
                          static_cast<int>(descriptors.size()))) {
    return;
  }
  for (const auto& file : set.file()) {
    files_.Add(file);
    if (names == JsonNames::kProto) continue;
    for (const auto& message : file.message_type()) AddRenamed(message);
  }
}

void OpenApiComments::AddRenamed(
    const google::protobuf::DescriptorProto& message) {
  for (const auto& field : message.field()) {
    if (field.json_name() != field.name()) {
      renamed_.try_emplace(field.name(), field.json_name());
    }
  }
  for (const auto& nested : message.nested_type()) AddRenamed(nested);
}

std::string OpenApiComments::Rename(std::string_view comment) const {
  std::string text;
  bool code = false;
  while (!comment.empty()) {
    const std::string word(comment.substr(0, NameSize(comment)));
    if (word.empty()) {
      if (comment.front() == '`') code = !code;
      text += comment.front();
      comment.remove_prefix(1);
      continue;
    }
    const auto found = code ? renamed_.find(word) : renamed_.end();
    text += found == renamed_.end() ? word : found->second;
    comment.remove_prefix(word.size());
  }
  return text;
}

std::string OpenApiComments::Of(
    const google::protobuf::ServiceDescriptor& service) const {
  return Rename(CommentOf(pool_.FindServiceByName(service.full_name())));
}

std::string OpenApiComments::Of(
    const google::protobuf::MethodDescriptor& method) const {
  return Rename(CommentOf(pool_.FindMethodByName(method.full_name())));
}

std::string OpenApiComments::Of(
    const google::protobuf::Descriptor& message) const {
  return Rename(CommentOf(pool_.FindMessageTypeByName(message.full_name())));
}

std::string OpenApiComments::Of(
    const google::protobuf::FieldDescriptor& field) const {
  return Rename(CommentOf(pool_.FindFieldByName(field.full_name())));
}

std::string OpenApiComments::Of(
    const google::protobuf::EnumDescriptor& type) const {
  return Rename(CommentOf(pool_.FindEnumTypeByName(type.full_name())));
}

std::string OpenApiComments::Of(
    const google::protobuf::EnumValueDescriptor& value) const {
  return Rename(CommentOf(pool_.FindEnumValueByName(value.full_name())));
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
