// SPDX-License-Identifier: Apache-2.0

#include "server/domain/text.h"

#include <cstdint>
#include <optional>

#include "fmt/format.h"
#include "server/base/errors.h"
#include "server/base/status_macros.h"
#include "server/model/limits.h"

namespace pinhole::domain {
namespace {

enum class LineBreaks { kAllowed, kRefused };

// The code point at the front of `text`, which is made shorter by it; nothing
// if it is not UTF-8 (overlong forms, surrogates and beyond U+10FFFF included).
std::optional<char32_t> TakeCodePoint(std::string_view& text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || text.size() < length) return std::nullopt;
  char32_t code = length == 1 ? lead : lead & (0x7F >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    code = code << 6 | (byte(i) & 0x3F);
  }
  const bool overlong =
      (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code > 0x10FFFF) return std::nullopt;
  text.remove_prefix(length);
  return code;
}

// White space and what is as invisible.
bool IsBlank(char32_t code) {
  return code == ' ' || code == '\n' || code == '\t' || code == 0xA0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200B) ||
         code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F ||
         code == 0x2060 || code == 0x3000 || code == 0xFEFF;
}

bool IsLineBreak(char32_t code) {
  return code == '\n' || code == 0x2028 || code == 0x2029;
}

bool IsControl(char32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t') ||
         (code >= 0x7F && code < 0xA0);
}

std::string WithUnixLineEnds(std::string_view text) {
  std::string unix;
  unix.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      unix += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      unix += '\n';
    }
  }
  return unix;
}

absl::StatusOr<std::string> Normalize(std::string_view field,
                                      std::string_view text,
                                      std::int32_t max_characters,
                                      LineBreaks line_breaks) {
  const std::string unix = WithUnixLineEnds(text);
  std::string_view rest = unix;
  std::size_t begin = unix.size();  // Of the text without blanks at its ends.
  std::size_t end = 0;
  std::int32_t characters = 0;  // From `begin` to here.
  std::int32_t kept = 0;        // From `begin` to `end`.
  while (!rest.empty()) {
    const std::size_t here = unix.size() - rest.size();
    const std::optional<char32_t> code = TakeCodePoint(rest);
    if (!code) return InvalidField(field, "must be valid UTF-8");
    if (IsControl(*code)) {
      return InvalidField(field, "must not have control characters");
    }
    if (!IsBlank(*code) && begin == unix.size()) begin = here;
    if (begin == unix.size()) continue;
    ++characters;
    if (IsBlank(*code)) continue;
    end = unix.size() - rest.size();
    kept = characters;
  }
  if (begin >= end) return std::string();
  std::string normalized = unix.substr(begin, end - begin);
  if (kept > max_characters) {
    return InvalidField(
        field, fmt::format("must be at most {} characters", max_characters));
  }
  if (line_breaks == LineBreaks::kRefused) {
    for (std::string_view left = normalized; !left.empty();) {
      if (IsLineBreak(*TakeCodePoint(left))) {
        return InvalidField(field, "must not have line breaks");
      }
    }
  }
  return normalized;
}

std::string InLowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

absl::StatusOr<std::string> NormalizeCaption(std::string_view field,
                                             std::string_view text) {
  return Normalize(field, text, limits::kMaxCaptionCharacters,
                   LineBreaks::kAllowed);
}

absl::StatusOr<std::string> NormalizeAltText(std::string_view field,
                                             std::string_view text) {
  return Normalize(field, text, limits::kMaxAltTextCharacters,
                   LineBreaks::kAllowed);
}

absl::StatusOr<std::string> NormalizeBio(std::string_view field,
                                         std::string_view text) {
  return Normalize(field, text, limits::kMaxBioCharacters,
                   LineBreaks::kAllowed);
}

absl::StatusOr<std::string> NormalizeDisplayName(std::string_view field,
                                                 std::string_view text) {
  return Normalize(field, text, limits::kMaxDisplayNameCharacters,
                   LineBreaks::kRefused);
}

absl::StatusOr<std::string> NormalizeComment(std::string_view field,
                                             std::string_view text) {
  ASSIGN_OR_RETURN(std::string comment,
                   Normalize(field, text, limits::kMaxCommentCharacters,
                             LineBreaks::kAllowed));
  if (comment.empty()) {
    return InvalidField(field, "must have more than white space");
  }
  return comment;
}

absl::StatusOr<std::string> NormalizeHandle(std::string_view field,
                                            std::string_view handle) {
  std::string lower = InLowerCase(handle);
  if (lower.size() < limits::kMinHandleCharacters ||
      lower.size() > limits::kMaxHandleCharacters ||
      lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") !=
          std::string::npos ||
      lower[0] == '_' || lower[0] == '.') {
    return InvalidField(
        field, fmt::format(
                   "must be {} to {} of a-z, 0-9, _ and ., beginning with a "
                   "letter or digit",
                   limits::kMinHandleCharacters, limits::kMaxHandleCharacters));
  }
  return lower;
}

absl::StatusOr<std::string> NormalizeHandlePrefix(std::string_view field,
                                                  std::string_view prefix) {
  std::int32_t characters = 0;
  for (std::string_view rest = prefix; !rest.empty(); ++characters) {
    if (!TakeCodePoint(rest)) return InvalidField(field, "must be valid UTF-8");
  }
  if (characters < 1 || characters > limits::kMaxHandleCharacters) {
    return InvalidField(field, fmt::format("must be 1 to {} characters",
                                           limits::kMaxHandleCharacters));
  }
  return InLowerCase(prefix);
}

absl::Status CheckNewPassword(std::string_view field,
                              std::string_view password) {
  if (password.size() < limits::kMinPasswordBytes ||
      password.size() > limits::kMaxPasswordBytes) {
    return InvalidField(
        field, fmt::format("must be {} to {} bytes", limits::kMinPasswordBytes,
                           limits::kMaxPasswordBytes));
  }
  return absl::OkStatus();
}

}  // namespace pinhole::domain
