// SPDX-License-Identifier: Apache-2.0

#include "gateway/raw_body.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "gateway/query_fields.h"
#include "gateway/request_message.h"

namespace pinhole::gateway {

using google::protobuf::Message;

namespace {

std::string Quoted(std::string etag) {
  if (etag.empty() || etag.back() == '"') return etag;
  return fmt::format("\"{}\"", etag);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Message>> MakeUploadHead(
    const Route& route, std::string_view query, std::string_view content_type,
    std::optional<std::uint64_t> size) {
  const RawFields& raw = route.raw_request;
  std::unique_ptr<Message> first = NewMessage(*route.method->input_type());
  Message& head =
      *first->GetReflection()->MutableMessage(first.get(), raw.head);

  // Both `caption` and `metadata.caption` are taken.
  const std::string prefix = raw.head->name() + ".";
  std::string relative;
  for (std::string_view rest = query; !rest.empty();) {
    std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.substr(0, prefix.size()) == prefix) {
      pair.remove_prefix(prefix.size());
    }
    if (!relative.empty()) relative += '&';
    relative += pair;
  }
  const auto refuses = [&](const FieldPath& path) -> std::string_view {
    if (path.size() != 1) return "";
    if (path[0] == raw.content_type && !content_type.empty()) {
      return "is given by the Content-Type header";
    }
    if (path[0] == raw.size && size) {
      return "is given by the Content-Length header";
    }
    return "";
  };
  if (absl::Status status = ApplyQuery(relative, head, refuses); !status.ok()) {
    return status;
  }
  const auto* reflection = head.GetReflection();
  if (raw.content_type != nullptr && !content_type.empty()) {
    reflection->SetString(&head, raw.content_type, std::string(content_type));
  }
  if (raw.size != nullptr && size) {
    reflection->SetInt64(&head, raw.size, static_cast<std::int64_t>(*size));
  }
  return first;
}

std::unique_ptr<Message> MakeUploadChunk(const Route& route,
                                         std::string bytes) {
  std::unique_ptr<Message> message = NewMessage(*route.method->input_type());
  message->GetReflection()->SetString(message.get(), route.raw_request.data,
                                      std::move(bytes));
  return message;
}

std::optional<DownloadHead> GetDownloadHead(const Route& route,
                                            const Message& message) {
  const RawFields& raw = route.raw_response;
  const auto* outer = message.GetReflection();
  if (!outer->HasField(message, raw.head)) return std::nullopt;
  const Message& head = outer->GetMessage(message, raw.head);
  const auto* reflection = head.GetReflection();
  DownloadHead result;
  if (raw.content_type != nullptr) {
    result.content_type = reflection->GetString(head, raw.content_type);
  }
  if (raw.etag != nullptr) {
    result.etag = Quoted(reflection->GetString(head, raw.etag));
  }
  if (raw.size != nullptr) result.size = reflection->GetInt64(head, raw.size);
  return result;
}

const std::string& GetDownloadChunk(const Route& route, const Message& message,
                                    std::string* scratch) {
  return message.GetReflection()->GetStringReference(
      message, route.raw_response.data, scratch);
}

}  // namespace pinhole::gateway
