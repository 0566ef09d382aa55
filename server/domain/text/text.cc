// SPDX-License-Identifier: Apache-2.0

#include "server/domain/text/text.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/domain/text/unicode.h"
#include "server/model/limits.h"

namespace pinhole::domain {
namespace {

// A name has a single line and a single direction.
enum class Kind { kText, kName };

struct Normalized {
  std::string text;
  bool visible = false;  // Whether any character is visible.
};

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

absl::Status CheckName(std::string_view field, std::string_view name) {
  while (!name.empty()) {
    const char32_t code = *TakeCodePoint(name);
    if (IsLineBreak(code)) {
      return InvalidField(field, "must not contain line breaks");
    }
    if (IsBidiControl(code)) {
      return InvalidField(
          field, fmt::format("must not contain characters that set the "
                             "direction of text, such as U+{:04X}",
                             static_cast<std::uint32_t>(code)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Normalized> Normalize(std::string_view field,
                                     std::string_view text,
                                     std::int32_t max_characters, Kind kind) {
  const std::string unix = WithUnixLineEnds(text);
  std::string_view rest = unix;
  std::size_t begin = unix.size();  // Start of the trimmed text.
  std::size_t end = 0;
  std::int32_t characters = 0;  // From `begin` to here.
  std::int32_t kept = 0;        // From `begin` to `end`.
  bool visible = false;
  while (!rest.empty()) {
    const std::size_t here = unix.size() - rest.size();
    const std::optional<char32_t> code = TakeCodePoint(rest);
    if (!code) return InvalidField(field, "must be valid UTF-8");
    if (IsControl(*code)) {
      return InvalidField(field, "must not contain control characters");
    }
    const bool blank = IsBlank(*code);
    if (!blank && begin == unix.size()) begin = here;
    if (begin == unix.size()) continue;
    ++characters;
    if (blank) continue;
    visible = visible || IsVisible(*code);
    end = unix.size() - rest.size();
    kept = characters;
  }
  if (begin >= end) return Normalized();
  if (kept > max_characters) {
    return InvalidField(
        field, fmt::format("has {} characters; at most {} are allowed", kept,
                           max_characters));
  }
  Normalized normalized{.text = unix.substr(begin, end - begin),
                        .visible = visible};
  if (kind == Kind::kName) RETURN_IF_ERROR(CheckName(field, normalized.text));
  return normalized;
}

// Normalizes an optional text; one without a visible character becomes empty.
absl::StatusOr<std::string> NormalizeOptional(std::string_view field,
                                              std::string_view text,
                                              std::int32_t max_characters) {
  ASSIGN_OR_RETURN(Normalized normalized,
                   Normalize(field, text, max_characters, Kind::kText));
  return normalized.visible ? std::move(normalized.text) : std::string();
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
  return NormalizeOptional(field, text, limits::kMaxCaptionCharacters);
}

absl::StatusOr<std::string> NormalizeAltText(std::string_view field,
                                             std::string_view text) {
  return NormalizeOptional(field, text, limits::kMaxAltTextCharacters);
}

absl::StatusOr<std::string> NormalizeBio(std::string_view field,
                                         std::string_view text) {
  return NormalizeOptional(field, text, limits::kMaxBioCharacters);
}

absl::StatusOr<std::string> NormalizeDisplayName(std::string_view field,
                                                 std::string_view text) {
  ASSIGN_OR_RETURN(
      Normalized name,
      Normalize(field, text, limits::kMaxDisplayNameCharacters, Kind::kName));
  if (!text.empty() && !name.visible) {
    return InvalidField(
        field, "must contain a visible character; leave it empty for no name");
  }
  return std::move(name.text);
}

absl::StatusOr<std::string> NormalizeComment(std::string_view field,
                                             std::string_view text) {
  ASSIGN_OR_RETURN(
      Normalized comment,
      Normalize(field, text, limits::kMaxCommentCharacters, Kind::kText));
  if (!comment.visible) {
    return InvalidField(field, "must contain a visible character");
  }
  return std::move(comment.text);
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
        field,
        fmt::format(
            "must be {} to {} characters of a-z, 0-9, _ and ., starting with a "
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

std::string NormalizePassword(std::string_view password) {
  // Normalization never shrinks a text to less than a third (Hangul: three
  // letters of three bytes become one).
  constexpr std::size_t kLongest = std::size_t{4} * limits::kMaxPasswordBytes;
  if (password.size() > kLongest) return std::string(password);
  return OpaqueString(password).value_or(std::string(password));
}

absl::Status CheckNewPassword(std::string_view field,
                              std::string_view password) {
  const std::size_t bytes = NormalizePassword(password).size();
  if (bytes < limits::kMinPasswordBytes || bytes > limits::kMaxPasswordBytes) {
    return InvalidField(
        field,
        fmt::format("must be {} to {} bytes in UTF-8, after "
                    "normalization (NFC)",
                    limits::kMinPasswordBytes, limits::kMaxPasswordBytes));
  }
  return absl::OkStatus();
}

}  // namespace pinhole::domain
