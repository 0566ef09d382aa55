// SPDX-License-Identifier: Apache-2.0

// What a JSON body may cost.  Together the limits keep the time for a body of
// 64 KiB below 5 ms, in which the one thread of HTTP answers nobody else.

#ifndef PINHOLE_GATEWAY_TRANSCODE_JSON_LIMITS_H_
#define PINHOLE_GATEWAY_TRANSCODE_JSON_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/http/limits.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// Of a method that does not declare `max_json_bytes`, in bytes.
inline constexpr std::uint64_t kUndeclaredJsonBytes = 64 * 1024;

// Names and values in one text, however short they are.  They cost about half a
// microsecond each.  An import of 1000 users has 5,006.
inline constexpr std::size_t kMaxJsonParts = 8000;

// A body inflates to at most so many times its size, or to 16 KiB.  JSON that
// people send is compressed to a tenth; the format itself allows 1032.
inline constexpr std::uint64_t kMaxInflateRatio = 100;
inline constexpr std::uint64_t kFreelyInflatedBytes = 16 * 1024;

// The longest JSON body of a method, also when it is inflated: what the method
// declares, but never more than the operator allows all of them.
std::uint64_t MaxJsonBytes(const google::protobuf::MethodDescriptor& method,
                           const Limits& limits);

// Errors: INVALID_ARGUMENT (not gzip, or not all of it), RESOURCE_EXHAUSTED
// (more than `limit` bytes come out, or too many for what went in).
absl::StatusOr<std::string> InflateJson(std::string_view data,
                                        std::uint64_t limit);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_TRANSCODE_JSON_LIMITS_H_
