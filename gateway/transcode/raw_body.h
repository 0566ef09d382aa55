// SPDX-License-Identifier: Apache-2.0

// Raw bytes over HTTP as the messages of a stream, and back.

#ifndef PINHOLE_GATEWAY_TRANSCODE_RAW_BODY_H_
#define PINHOLE_GATEWAY_TRANSCODE_RAW_BODY_H_

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

// The first message of a raw upload, without bytes.  Query parameters name
// fields of the head, with or without the head's own name in front; those of an
// HttpBody, and path variables (`values`), fields of the request beside it.
// Errors: INVALID_ARGUMENT, naming the parameter.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> MakeUploadHead(
    const Route& route, const std::vector<std::string>& values,
    std::string_view query, std::string_view content_type,
    std::optional<std::uint64_t> size);

// The following ones.
std::unique_ptr<google::protobuf::Message> MakeUploadChunk(const Route& route,
                                                           std::string bytes);

// Sets the bytes of an upload that is a single message.
void SetUploadBytes(const Route& route, std::string bytes,
                    google::protobuf::Message* message);

// What a raw download says of its bytes.
struct DownloadHead {
  std::string content_type;
  std::string etag;                   // Quoted; may be empty.
  std::optional<std::uint64_t> size;  // Nothing if the type does not say.
};

// What the first message says.  Errors: INTERNAL (there is no head in it, or a
// length that is none).
absl::StatusOr<DownloadHead> GetDownloadHead(
    const Route& route, const google::protobuf::Message& message);

// The bytes of a message; `message` keeps them.
const std::string& GetDownloadChunk(const Route& route,
                                    const google::protobuf::Message& message,
                                    std::string* scratch);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_TRANSCODE_RAW_BODY_H_
