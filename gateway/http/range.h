// SPDX-License-Identifier: Apache-2.0

// Parts of a download (RFC 9110 section 14).

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pinhole::gateway {

// A requested range, before the size is known.
struct RequestedRange {
  std::optional<std::uint64_t> first;  // Nothing: the last `last` bytes.
  std::optional<std::uint64_t> last;   // Inclusive.  Nothing: to the end.
};

// Parses a Range header.  Returns nothing if it is malformed, has another unit
// or has several ranges: the response is then the whole, which the RFC allows
// and which costs less than many small or overlapping ranges.  Larger numbers
// become 2^63 - 1.
std::optional<RequestedRange> ParseRange(std::string_view header);

struct ByteSpan {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  bool operator==(const ByteSpan&) const = default;
};

// Returns the bytes of `range` within `size` bytes; nothing if there are none.
std::optional<ByteSpan> Resolve(const RequestedRange& range,
                                std::uint64_t size);

}  // namespace pinhole::gateway
