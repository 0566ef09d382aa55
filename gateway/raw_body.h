// SPDX-License-Identifier: Apache-2.0

// Raw bytes over HTTP as the messages of a stream, and back.

#ifndef PINHOLE_GATEWAY_RAW_BODY_H_
#define PINHOLE_GATEWAY_RAW_BODY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/route.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// The first message of a raw upload.  Query parameters name fields of the head,
// with or without the head's own name in front.
// Errors: INVALID_ARGUMENT, naming the parameter.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> MakeUploadHead(
    const Route& route, std::string_view query, std::string_view content_type,
    std::optional<std::uint64_t> size);

// The following ones.
std::unique_ptr<google::protobuf::Message> MakeUploadChunk(const Route& route,
                                                           std::string bytes);

// What a raw download says of its bytes.
struct DownloadHead {
  std::string content_type;
  std::string etag;                  // Quoted; may be empty.
  std::optional<std::int64_t> size;  // Nothing if the type does not say.
};

// Nothing if `message` carries no head.
std::optional<DownloadHead> GetDownloadHead(
    const Route& route, const google::protobuf::Message& message);

// The bytes of a following message; `message` keeps them.
const std::string& GetDownloadChunk(const Route& route,
                                    const google::protobuf::Message& message,
                                    std::string* scratch);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_RAW_BODY_H_
