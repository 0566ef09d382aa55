// SPDX-License-Identifier: Apache-2.0

// Ranges: what is read of a Range header lies within the file, whatever its
// numbers, and says the same when it is written again.

#include <cstdint>
#include <limits>
#include <string>

#include "fmt/format.h"
#include "gateway/http/range.h"
#include "tests/fuzz/fuzz.h"

namespace pinhole::gateway {
namespace {

constexpr std::uint64_t kSizes[] = {0,
                                    1,
                                    10,
                                    262'144,
                                    std::uint64_t{1} << 31,
                                    std::uint64_t{1} << 44,
                                    std::numeric_limits<std::int64_t>::max()};

std::string Print(const RequestedRange& range) {
  return fmt::format("bytes={}-{}",
                     range.first ? std::to_string(*range.first) : "",
                     range.last ? std::to_string(*range.last) : "");
}

void CheckSize(const RequestedRange& range, std::uint64_t size,
               std::string_view header) {
  const auto span = Resolve(range, size);
  if (!span) {
    const bool beyond =
        range.first ? *range.first >= size : *range.last == 0 || size == 0;
    Expect(beyond, "only what begins beyond the end has no bytes", header);
    return;
  }
  Expect(span->length > 0 && span->offset < size &&
             span->length <= size - span->offset,
         "a range lies within the file", header);
  Expect(!range.first || span->offset == *range.first,
         "a range begins where the client says", header);
}

void Check(std::string_view header) {
  const auto range = ParseRange(header);
  if (!range) return;
  Expect(range->first || range->last, "a range has a number", header);
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  Expect(range->first.value_or(0) <= kMost && range->last.value_or(0) <= kMost,
         "numbers fit into a field of 63 bits", header);
  const auto again = ParseRange(Print(*range));
  Expect(again && again->first == range->first && again->last == range->last,
         "a range that is written again is the same", header);
  for (const std::uint64_t size : kSizes) CheckSize(*range, size, header);
}

}  // namespace
}  // namespace pinhole::gateway

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pinhole::gateway::Check(pinhole::gateway::Text(data, size));
  return 0;
}
