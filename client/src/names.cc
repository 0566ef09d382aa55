// SPDX-License-Identifier: Apache-2.0

#include "pinhole/names.h"

#include <cstdint>
#include <random>

#include "absl/strings/ascii.h"
#include "fmt/format.h"

namespace pinhole::client {
namespace {

constexpr std::string_view kUsers = "users/";
constexpr std::string_view kPhotos = "photos/";

std::string_view Without(std::string_view text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) == prefix)
    text.remove_prefix(prefix.size());
  return text;
}

bool IsHandleCharacter(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' ||
         c == '.';
}

}  // namespace

absl::StatusOr<std::string> UserName(std::string_view text) {
  std::string handle(Without(Without(text, kUsers), "@"));
  absl::AsciiStrToLower(&handle);
  bool good = handle == "me" || (handle.size() >= 3 && handle.size() <= 30 &&
                                 absl::ascii_isalnum(handle.front()));
  for (const char c : handle) good = good && IsHandleCharacter(c);
  if (!good) {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is not a handle, which must have 3 to 30 "
                    "characters of a-z, 0-9, "
                    "_ and ., and begin with a letter or digit",
                    text));
  }
  return std::string(kUsers) + handle;
}

absl::StatusOr<std::string> PhotoName(std::string_view text) {
  const std::string_view id = Without(text, kPhotos);
  bool good = !id.empty() && id.size() <= 64;
  for (const char c : id)
    good = good && (absl::ascii_isalnum(c) || c == '_' || c == '-');
  if (!good) {
    return absl::InvalidArgumentError(fmt::format(
        "\"{}\" is not a photo, which must be like photos/123 or 123", text));
  }
  return std::string(kPhotos) + std::string(id);
}

std::string HandleOf(std::string_view user_name) {
  return std::string(Without(user_name, kUsers));
}

std::string NewRequestId() {
  // Uses the system's random numbers, so that identifiers are distinct across
  // forks and threads.
  std::random_device random;
  const auto word = [&random] {
    return (std::uint64_t{random()} << 32) | random();
  };
  const std::uint64_t a = (word() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t b = (word() & ~(3ULL << 62)) | (2ULL << 62);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", a >> 32,
                     (a >> 16) & 0xffff, a & 0xffff, b >> 48,
                     b & 0xffffffffffffULL);
}

}  // namespace pinhole::client
