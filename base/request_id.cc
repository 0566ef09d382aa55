// SPDX-License-Identifier: Apache-2.0

#include "base/request_id.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "base/random.h"
#include "fmt/format.h"

namespace pinhole {

bool IsRequestId(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

std::string NewRequestId() {
  return fmt::format("{:016x}{:016x}", RandomNumber(), RandomNumber());
}

}  // namespace pinhole
