// SPDX-License-Identifier: Apache-2.0

#include "client/cli/terminal/text.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "base/utf8.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t kSize>
bool In(const Range (&ranges)[kSize], char32_t value) {
  return std::any_of(std::begin(ranges), std::end(ranges), [value](Range r) {
    return value >= r.first && value <= r.last;
  });
}

constexpr Range kCombining[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},
    {0x064b, 0x065f}, {0x1ab0, 0x1aff}, {0x200c, 0x200d},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};

int WidthOf(char32_t value) {
  if (In(kCombining, value)) return 0;
  return In(kWide, value) ? 2 : 1;
}

}  // namespace

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const CodePoint point = FirstCodePoint(text);
    width += WidthOf(point.value);
    text.remove_prefix(std::max(point.bytes, 1));
  }
  return width;
}

std::string Shorten(std::string_view text, int columns) {
  if (DisplayWidth(text) <= columns) return std::string(text);
  int width = 0;
  std::size_t end = 0;
  while (true) {
    const CodePoint point = FirstCodePoint(text.substr(end));
    width += WidthOf(point.value);
    if (width > columns - 1) break;
    end += std::max(point.bytes, 1);
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string ShellWord(std::string_view text) {
  const bool plain =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
               std::string_view("-_./:@%+=,").find(c) != std::string_view::npos;
      });
  if (plain) return std::string(text);
  return "'" + absl::StrReplaceAll(std::string(text), {{"'", "'\\''"}}) + "'";
}

std::string FormatTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  return absl::FormatTime("%Y-%m-%d %H:%M",
                          absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

std::string FormatBytes(std::int64_t bytes) {
  constexpr std::int64_t kKibi = 1024;
  if (bytes < kKibi) return fmt::format("{} bytes", bytes);
  if (bytes < kKibi * kKibi) {
    return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / kKibi);
  }
  return fmt::format("{:.1f} MiB",
                     static_cast<double>(bytes) / (kKibi * kKibi));
}

}  // namespace pinhole::cli
