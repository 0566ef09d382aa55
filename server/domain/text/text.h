// SPDX-License-Identifier: Apache-2.0

// Text: the rules for everything people type.
//
// Free text is UTF-8 without control characters.  It is normalized (line ends
// become LF, white space at both ends goes away) and then counted in code
// points against model/limits.h.  A text without a visible character
// (unicode.h) says nothing: it becomes empty where a text is optional, and is
// refused as a comment or a name.  `field` is the path of the field in the
// request; a broken rule is INVALID_ARGUMENT that names it (base/errors.h).
// The operations of the domain expect texts that have been through here.

#ifndef PINHOLE_SERVER_DOMAIN_TEXT_TEXT_H_
#define PINHOLE_SERVER_DOMAIN_TEXT_TEXT_H_

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
// No line breaks and no bidirectional controls, which would turn what stands
// next to the name around.  Refused if it is not empty but shows nothing.
absl::StatusOr<std::string> NormalizeDisplayName(std::string_view field,
                                                 std::string_view text);
// At least one visible character.
absl::StatusOr<std::string> NormalizeComment(std::string_view field,
                                             std::string_view text);

// The handle in lower case; 3 to 30 of a-z, 0-9, `_` and `.`, beginning with a
// letter or digit.
absl::StatusOr<std::string> NormalizeHandle(std::string_view field,
                                            std::string_view handle);

// The beginning of a handle in lower case, 1 to 30 characters.
absl::StatusOr<std::string> NormalizeHandlePrefix(std::string_view field,
                                                  std::string_view prefix);

// The form in which passwords are hashed, so that the same characters are the
// same password whatever a keyboard makes of them: OpaqueString of RFC 8265
// (unicode.h).  What is not UTF-8, or longer than any password can be, stays as
// it is.
std::string NormalizePassword(std::string_view password);

// A password to be set: 8 to 128 bytes in the form of `NormalizePassword`.
// Never part of the message.
absl::Status CheckNewPassword(std::string_view field,
                              std::string_view password);

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_TEXT_TEXT_H_
