// SPDX-License-Identifier: Apache-2.0

#include "gateway/request_message.h"

#include <algorithm>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "gateway/field_value.h"
#include "gateway/http_error.h"
#include "gateway/json.h"
#include "gateway/uri.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Set(Message& message, const FieldPath& path,
                 std::string_view shown_name, std::string_view text) {
  Message* inner = &message;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    inner = inner->GetReflection()->MutableMessage(inner, path[i]);
  }
  const absl::Status status = SetFromText(*inner, *path.back(), text);
  if (status.ok()) return status;
  return InvalidField(shown_name,
                      {status.message().data(), status.message().size()});
}

// Sets the fields that the query names, each once unless it is a list.
// `refuses` says what is wrong with naming a path at all; empty if nothing is.
template <typename Refuses>
absl::Status ApplyQuery(std::string_view query, Message& message,
                        Refuses refuses) {
  const auto parameters = ParseQuery(query);
  if (!parameters.ok()) return parameters.status();
  std::set<FieldPath> seen;
  for (const auto& [name, value] : *parameters) {
    const auto path = FindFieldPath(*message.GetDescriptor(), name);
    if (!path.ok()) return InvalidField(name, "is not a known parameter");
    if (const std::string_view reason = refuses(*path); !reason.empty()) {
      return InvalidField(name, reason);
    }
    if (!path->back()->is_repeated() && !seen.insert(*path).second) {
      return InvalidField(name, "is given twice");
    }
    if (absl::Status status = Set(message, *path, name, value); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status ApplyBody(const Route& route, std::string_view body,
                       std::size_t max_depth, Message& request) {
  if (body.empty()) return absl::OkStatus();
  switch (route.body) {
    case Route::Body::kNone:
      return absl::InvalidArgumentError("this method takes no body");
    case Route::Body::kWhole:
      return JsonToMessage(body, max_depth, request);
    case Route::Body::kField:
      return JsonToField(body, max_depth, *route.body_field, request);
  }
  return absl::OkStatus();
}

std::string Quoted(std::string etag) {
  if (etag.empty() || etag.back() == '"') return etag;
  return fmt::format("\"{}\"", etag);
}

}  // namespace

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(&type)
          ->New());
}

absl::StatusOr<std::unique_ptr<Message>> MakeRequest(
    const Route& route, const std::vector<std::string>& values,
    std::string_view query, std::string_view body, std::size_t max_json_depth) {
  std::unique_ptr<Message> request = NewMessage(*route.method->input_type());
  if (absl::Status status = ApplyBody(route, body, max_json_depth, *request);
      !status.ok()) {
    return status;
  }
  const auto refuses = [&route](const FieldPath& path) -> std::string_view {
    for (const FieldPath& variable : route.variables) {
      if (path == variable) return "is given by the path";
    }
    if (route.body == Route::Body::kWhole || path.front() == route.body_field) {
      return "belongs into the body";
    }
    return "";
  };
  if (absl::Status status = ApplyQuery(query, *request, refuses);
      !status.ok()) {
    return status;
  }
  for (std::size_t i = 0; i < route.variables.size(); ++i) {
    const std::string& name = route.path.variables[i].field_path;
    if (absl::Status status =
            Set(*request, route.variables[i], name, values[i]);
        !status.ok()) {
      return status;
    }
  }
  return request;
}

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
