// SPDX-License-Identifier: Apache-2.0

#include "base/traceparent.h"

#include <algorithm>

#include "base/random.h"
#include "fmt/format.h"

namespace pinhole {
namespace {

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

bool IsId(std::string_view text) {
  return IsLowerHex(text) &&
         text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::optional<Traceparent> ParseTraceparent(std::string_view text) {
  constexpr std::size_t kSize = 55;
  if (text.size() < kSize || text[2] != '-' || text[35] != '-' ||
      text[52] != '-') {
    return std::nullopt;
  }
  const std::string_view version = text.substr(0, 2);
  const Traceparent parts = {.trace_id = text.substr(3, 32),
                             .parent_id = text.substr(36, 16)};
  if (!IsLowerHex(version) || version == "ff" || !IsId(parts.trace_id) ||
      !IsId(parts.parent_id) || !IsLowerHex(text.substr(53, 2))) {
    return std::nullopt;
  }
  if (text.size() > kSize && (version == "00" || text[kSize] != '-')) {
    return std::nullopt;
  }
  return parts;
}

std::string NewTraceparent() {
  return fmt::format("00-{:016x}{:016x}-{:016x}-00", RandomNumber(),
                     RandomNumber() | 1, RandomNumber() | 1);
}

}  // namespace pinhole
