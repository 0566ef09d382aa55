// SPDX-License-Identifier: Apache-2.0

#include "base/bearer_token.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace pinhole {
namespace {

constexpr std::string_view kScheme = "bearer ";
constexpr std::size_t kMaxHeader = 512;

}  // namespace

std::optional<std::string_view> ParseBearerToken(std::string_view header) {
  if (header.size() <= kScheme.size() || header.size() > kMaxHeader ||
      !absl::EqualsIgnoreCase({header.data(), kScheme.size()},
                              {kScheme.data(), kScheme.size()})) {
    return std::nullopt;
  }
  header.remove_prefix(kScheme.size());
  if (!std::all_of(header.begin(), header.end(), [](char c) {
        return absl::ascii_isgraph(static_cast<unsigned char>(c));
      })) {
    return std::nullopt;
  }
  return header;
}

}  // namespace pinhole
