// SPDX-License-Identifier: Apache-2.0

// Compressed bodies: whatever they say, no more comes out than is allowed, and
// what was packed comes out as it was.

#include <string>

#include "absl/status/status.h"
#include "gateway/http/compression.h"
#include "tests/fuzz/fuzz.h"

namespace pinhole::gateway {
namespace {

constexpr std::uint64_t kLimit = 16 * 1024;

void CheckPacked(std::string_view text) {
  const std::string packed = Gzip(text);
  const auto same = Gunzip(packed, text.size());
  Expect(same.ok() && *same == text, "what was packed comes out", text);
  const auto twice = Gunzip(packed + packed, 2 * text.size());
  Expect(twice.ok() && *twice == std::string(text) + std::string(text),
         "two members are one text", text);
  Expect(text.empty() || absl::IsResourceExhausted(
                             Gunzip(packed, text.size() - 1).status()),
         "what is longer than allowed is refused", text);
  const std::string cut = packed.substr(0, packed.size() - 1);
  Expect(absl::IsInvalidArgument(Gunzip(cut, text.size()).status()),
         "what is cut off is refused", text);
}

void Check(std::string_view bytes) {
  const auto plain = Gunzip(bytes, kLimit);
  if (plain.ok()) {
    Expect(plain->size() <= kLimit, "no more comes out than is allowed", bytes);
    const auto again = Gunzip(Gzip(*plain), kLimit);
    Expect(again.ok() && *again == *plain, "what came out goes in", bytes);
  } else {
    Expect(absl::IsInvalidArgument(plain.status()) ||
               absl::IsResourceExhausted(plain.status()),
           "a refusal says whose fault it is", plain.status().message().data());
  }
  CheckPacked(bytes);
}

}  // namespace
}  // namespace pinhole::gateway

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pinhole::gateway::Check(pinhole::gateway::Text(data, size));
  return 0;
}
