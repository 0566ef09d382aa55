// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/validate.h"

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/domain/request_key.h"

namespace pinhole::rpc {

absl::Status RequireText(std::string_view field, std::string_view text) {
  return text.empty() ? InvalidField(field, "is required") : absl::OkStatus();
}

absl::StatusOr<std::string> NormalizeRequestId(std::string_view field,
                                               std::string_view request_id) {
  if (request_id.empty()) return std::string();
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  bool matches = request_id.size() == kForm.size();
  for (std::size_t i = 0; matches && i < kForm.size(); ++i) {
    matches =
        kForm[i] == '-'
            ? request_id[i] == '-'
            : absl::ascii_isxdigit(static_cast<unsigned char>(request_id[i]));
  }
  if (!matches) return InvalidField(field, "must be a UUID");
  return absl::AsciiStrToLower({request_id.data(), request_id.size()});
}

std::string CanonicalWithout(const google::protobuf::Message& message,
                             std::initializer_list<std::string_view> fields) {
  const std::unique_ptr<google::protobuf::Message> rest(message.New());
  rest->CopyFrom(message);
  for (const std::string_view field : fields) {
    rest->GetReflection()->ClearField(
        rest.get(), rest->GetDescriptor()->FindFieldByName(std::string(field)));
  }
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  rest->SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

absl::StatusOr<RequestKey> ParseRequestKey(std::string_view field,
                                           std::string_view request_id,
                                           std::string_view method,
                                           std::string_view who,
                                           std::string_view content) {
  ASSIGN_OR_RETURN(const std::string normalized,
                   NormalizeRequestId(field, request_id));
  return domain::MakeRequestKey(method, who, normalized, content);
}

absl::StatusOr<std::set<std::string>> PathsToUpdate(
    const google::protobuf::FieldMask& mask,
    const google::protobuf::Message& resource,
    std::initializer_list<std::string_view> allowed) {
  std::set<std::string> all(allowed.begin(), allowed.end());
  if (mask.paths().empty()) {
    std::erase_if(all, [&](const std::string& path) {
      return !resource.GetReflection()->HasField(
          resource, resource.GetDescriptor()->FindFieldByName(path));
    });
    return all;
  }
  std::set<std::string> paths;
  for (const std::string& path : mask.paths()) {
    if (path == "*") {
      paths.insert(all.begin(), all.end());
    } else if (all.contains(path)) {
      paths.insert(path);
    } else {
      return InvalidField(
          "update_mask",
          fmt::format("has the path \"{}\", which is not a field that can be "
                      "changed",
                      path));
    }
  }
  return paths;
}

absl::StatusOr<Visibility> ParseVisibility(std::string_view field,
                                           v1::Visibility visibility) {
  switch (visibility) {
    case v1::VISIBILITY_PUBLIC:
      return Visibility::kPublic;
    case v1::VISIBILITY_FOLLOWERS:
      return Visibility::kFollowers;
    case v1::VISIBILITY_PRIVATE:
      return Visibility::kPrivate;
    default:
      return InvalidField(field,
                          "must be VISIBILITY_PUBLIC, VISIBILITY_FOLLOWERS or "
                          "VISIBILITY_PRIVATE");
  }
}

absl::StatusOr<media::RenditionSize> ParseRendition(std::string_view field,
                                                    v1::Rendition rendition) {
  if (rendition == v1::RENDITION_UNSPECIFIED) {
    return media::RenditionSize::kLarge;
  }
  if (!v1::Rendition_IsValid(rendition)) {
    return InvalidField(field, "must be a known rendition");
  }
  return static_cast<media::RenditionSize>(rendition);
}

}  // namespace pinhole::rpc
