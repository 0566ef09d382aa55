// SPDX-License-Identifier: Apache-2.0

// Limits of JSON bodies.  Together they keep the time to parse a body of 64 KiB
// below 5 ms, during which the HTTP thread serves nobody else.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/http/limits.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// Bytes of a body if the method does not declare `max_json_bytes`.
inline constexpr std::uint64_t kUndeclaredJsonBytes = 64 * 1024;

// Names and values in a body.  Each takes about half a microsecond.  An import
// of 1000 users has 5,006.
inline constexpr std::size_t kMaxJsonParts = 8000;

// A body can inflate to at most this many times its size, or to 16 KiB.  Normal
// JSON is compressed to a tenth; the format allows a factor of 1032.
inline constexpr std::uint64_t kMaxInflateRatio = 100;
inline constexpr std::uint64_t kFreelyInflatedBytes = 16 * 1024;

// Returns the maximum bytes of a JSON body, also when inflated: what the method
// declares, but at most what the operator permits.
std::uint64_t MaxJsonBytes(const google::protobuf::MethodDescriptor& method,
                           const Limits& limits);

// Errors: INVALID_ARGUMENT (the data is not gzip, or is incomplete),
// RESOURCE_EXHAUSTED (the result exceeds `limit` or the maximum ratio).
absl::StatusOr<std::string> InflateJson(std::string_view data,
                                        std::uint64_t limit);

}  // namespace pinhole::gateway
