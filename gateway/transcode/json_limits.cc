// SPDX-License-Identifier: Apache-2.0

#include "gateway/transcode/json_limits.h"

#include <algorithm>

#include "base/errors.h"
#include "fmt/format.h"
#include "gateway/http/compression.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {

std::uint64_t MaxJsonBytes(const google::protobuf::MethodDescriptor& method,
                           const Limits& limits) {
  const auto declared = method.options().GetExtension(v1::max_json_bytes);
  return std::min(limits.json_bytes, declared > 0
                                         ? static_cast<std::uint64_t>(declared)
                                         : kUndeclaredJsonBytes);
}

absl::StatusOr<std::string> InflateJson(std::string_view data,
                                        std::uint64_t limit) {
  const std::uint64_t usual =
      std::max(kFreelyInflatedBytes, kMaxInflateRatio * data.size());
  auto plain = Gunzip(data, std::min(limit, usual));
  if (usual < limit && absl::IsResourceExhausted(plain.status())) {
    return MakeError(
        Reason::kBodyTooLarge,
        fmt::format("the body inflates to more than {} times its size; send it "
                    "without Content-Encoding",
                    kMaxInflateRatio));
  }
  return plain;
}

}  // namespace pinhole::gateway
