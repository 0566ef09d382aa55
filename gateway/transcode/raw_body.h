// SPDX-License-Identifier: Apache-2.0

// Conversion between raw bytes over HTTP and messages.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/rules/route.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// Makes the first message of an upload, without bytes.  Query parameters set
// fields of the head, with or without the name of the head in front.  For an
// HttpBody, they and the path variables (`values`) set fields of the request.
// Errors: INVALID_ARGUMENT, with the parameter.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> MakeUploadHead(
    const Route& route, const std::vector<std::string>& values,
    std::string_view query, std::string_view content_type,
    std::optional<std::uint64_t> size);

// Makes the following messages.
std::unique_ptr<google::protobuf::Message> MakeUploadChunk(const Route& route,
                                                           std::string bytes);

// Sets the bytes of an upload that is a single message.
void SetUploadBytes(const Route& route, std::string bytes,
                    google::protobuf::Message* message);

// The properties of downloaded bytes.
struct DownloadHead {
  std::string content_type;
  std::string etag;                   // In quotes; can be empty.
  std::optional<std::uint64_t> size;  // Nothing: unknown.
  std::string redirect_uri;           // If set, the response has no bytes.
};

// Reads the first message.  Errors: INTERNAL (it has no head, or a negative
// length).
absl::StatusOr<DownloadHead> GetDownloadHead(
    const Route& route, const google::protobuf::Message& message);

// Returns the bytes of a message, which `message` or `scratch` owns.
const std::string& GetDownloadChunk(const Route& route,
                                    const google::protobuf::Message& message,
                                    std::string* scratch);

}  // namespace pinhole::gateway
