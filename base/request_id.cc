// SPDX-License-Identifier: Apache-2.0

#include "base/request_id.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "base/random.h"

namespace pinhole {

std::string ChooseRequestId(std::string_view given) {
  const bool valid =
      !given.empty() && given.size() <= 64 &&
      std::all_of(given.begin(), given.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
      });
  if (valid) return std::string(given);
  return RandomId();
}

}  // namespace pinhole
