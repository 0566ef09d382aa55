// SPDX-License-Identifier: Apache-2.0

// Rules for text that users enter.
//
// Free text is UTF-8 without control characters.  It is normalized (line ends
// become LF, surrounding white space is removed) and then counted in code
// points against model/limits.h.  A text without a visible character
// (unicode.h) becomes empty where the text is optional, and is refused as a
// comment or a name.
//
// `field` is the path of the field in the request; a violation is
// INVALID_ARGUMENT and names it (base/errors.h).  Domain operations expect
// normalized texts.

#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pinhole::domain {

absl::StatusOr<std::string> NormalizeCaption(std::string_view field,
                                             std::string_view text);
absl::StatusOr<std::string> NormalizeAltText(std::string_view field,
                                             std::string_view text);
absl::StatusOr<std::string> NormalizeBio(std::string_view field,
                                         std::string_view text);
// No line breaks and no bidirectional controls, which would reverse the text
// next to the name.  Refused if it is not empty but has no visible character.
absl::StatusOr<std::string> NormalizeDisplayName(std::string_view field,
                                                 std::string_view text);
// Requires at least one visible character.
absl::StatusOr<std::string> NormalizeComment(std::string_view field,
                                             std::string_view text);

// Returns the handle in lower case: 3 to 30 of a-z, 0-9, `_` and `.`, starting
// with a letter or digit.
absl::StatusOr<std::string> NormalizeHandle(std::string_view field,
                                            std::string_view handle);

// Returns the start of a handle in lower case, 1 to 30 characters.
absl::StatusOr<std::string> NormalizeHandlePrefix(std::string_view field,
                                                  std::string_view prefix);

// Returns the form in which passwords are hashed, so that the same characters
// are the same password on every keyboard: OpaqueString of RFC 8265
// (unicode.h).  Text that is not UTF-8, or longer than any password can be, is
// returned unchanged.
std::string NormalizePassword(std::string_view password);

// Checks a new password: 8 to 128 bytes in the form of `NormalizePassword`. The
// error message never contains it.
absl::Status CheckNewPassword(std::string_view field,
                              std::string_view password);

}  // namespace pinhole::domain
