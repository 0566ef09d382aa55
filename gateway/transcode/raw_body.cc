// SPDX-License-Identifier: Apache-2.0

#include "gateway/transcode/raw_body.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "gateway/transcode/query_fields.h"
#include "gateway/transcode/request_message.h"

namespace pinhole::gateway {

using google::protobuf::Message;

namespace {

// Converts text to an entity tag of RFC 9110; empty if that is impossible.
std::string Quoted(std::string_view etag) {
  std::string_view inner = etag;
  const bool weak = inner.substr(0, 3) == "W/\"";
  if (weak) inner.remove_prefix(2);
  if (inner.size() >= 2 && inner.front() == '"' && inner.back() == '"') {
    inner = inner.substr(1, inner.size() - 2);
  }
  if (inner.empty() || !std::all_of(inner.begin(), inner.end(), [](char c) {
        return c > ' ' && c != '"' && c < 0x7f;
      })) {
    return "";
  }
  return fmt::format("{}\"{}\"", weak ? "W/" : "", inner);
}

// Returns the message with the properties of the bytes; an HttpBody also has
// the bytes.
Message& MutableHead(const RawFields& raw, Message* message) {
  if (raw.head == nullptr) return *message;
  return *message->GetReflection()->MutableMessage(message, raw.head);
}

const Message& GetHead(const RawFields& raw, const Message& message) {
  if (raw.head == nullptr) return message;
  return message.GetReflection()->GetMessage(message, raw.head);
}

// Replaces `metadata.caption` by `caption` in the query, where `head` is the
// field `metadata`.
std::string RelativeQuery(std::string_view query,
                          const google::protobuf::FieldDescriptor& head) {
  std::string relative;
  while (!query.empty()) {
    std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::string_view outer = pair.substr(0, pair.find_first_of(".="));
    if (outer.size() < pair.size() && pair[outer.size()] == '.' &&
        (outer == head.name() || outer == head.json_name())) {
      pair.remove_prefix(outer.size() + 1);
    }
    if (!relative.empty()) relative += '&';
    relative += pair;
  }
  return relative;
}

// With Pinhole's option, the query sets fields of the head.
absl::Status FillHead(const RawFields& raw, std::string_view query,
                      bool has_type, std::optional<std::uint64_t> size,
                      Message* head) {
  const std::string relative = RelativeQuery(query, *raw.head);
  const auto refuses = [&](const FieldPath& path) -> std::string_view {
    if (path.size() != 1) return "";
    if (path[0] == raw.content_type && has_type) {
      return "is given by Content-Type";
    }
    if (path[0] == raw.size && size) {
      return "is given by the Content-Length header";
    }
    return "";
  };
  if (absl::Status status =
          ApplyQuery(relative, raw.head->name(), *head, refuses);
      !status.ok()) {
    return status;
  }
  if (raw.size != nullptr && size) {
    head->GetReflection()->SetInt64(head, raw.size,
                                    static_cast<std::int64_t>(*size));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Message>> MakeUploadHead(
    const Route& route, const std::vector<std::string>& values,
    std::string_view query, std::string_view content_type,
    std::optional<std::uint64_t> size) {
  const RawFields& raw = route.raw_request;
  std::unique_ptr<Message> first;
  if (raw.http_body) {
    auto request = MakeRequest(route, values, query, "", 0);
    if (!request.ok()) return request.status();
    first = *std::move(request);
  } else {
    first = NewMessage(*route.method->input_type());
  }
  Message& head = MutableHead(raw, first.get());
  if (!raw.http_body) {
    absl::Status status =
        FillHead(raw, query, !content_type.empty(), size, &head);
    if (!status.ok()) return status;
  }
  if (raw.content_type != nullptr && !content_type.empty()) {
    head.GetReflection()->SetString(&head, raw.content_type,
                                    std::string(content_type));
  }
  return first;
}

std::unique_ptr<Message> MakeUploadChunk(const Route& route,
                                         std::string bytes) {
  std::unique_ptr<Message> message = NewMessage(*route.method->input_type());
  SetUploadBytes(route, std::move(bytes), message.get());
  return message;
}

void SetUploadBytes(const Route& route, std::string bytes, Message* message) {
  const RawFields& raw = route.raw_request;
  Message& holder = raw.http_body ? MutableHead(raw, message) : *message;
  holder.GetReflection()->SetString(&holder, raw.data, std::move(bytes));
}

absl::StatusOr<DownloadHead> GetDownloadHead(const Route& route,
                                             const Message& message) {
  const RawFields& raw = route.raw_response;
  if (!raw.http_body && !message.GetReflection()->HasField(message, raw.head)) {
    return absl::InternalError("the response of the server has no head");
  }
  const Message& head = GetHead(raw, message);
  const auto* reflection = head.GetReflection();
  DownloadHead result;
  if (raw.content_type != nullptr) {
    result.content_type = reflection->GetString(head, raw.content_type);
  }
  if (raw.etag != nullptr) {
    result.etag = Quoted(reflection->GetString(head, raw.etag));
  }
  if (raw.redirect_uri != nullptr) {
    result.redirect_uri = reflection->GetString(head, raw.redirect_uri);
  }
  if (raw.size != nullptr) {
    const std::int64_t size = reflection->GetInt64(head, raw.size);
    if (size < 0)
      return absl::InternalError(
          "the response of the server has a negative length");
    result.size = static_cast<std::uint64_t>(size);
  }
  return result;
}

const std::string& GetDownloadChunk(const Route& route, const Message& message,
                                    std::string* scratch) {
  const RawFields& raw = route.raw_response;
  const Message& holder = raw.http_body ? GetHead(raw, message) : message;
  return holder.GetReflection()->GetStringReference(holder, raw.data, scratch);
}

}  // namespace pinhole::gateway
