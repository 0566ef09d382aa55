// SPDX-License-Identifier: Apache-2.0

#include "base/log/log_line.h"

#include <ctime>
#include <iterator>
#include <string>

#include "base/utf8.h"
#include "fmt/chrono.h"

namespace pinhole {
namespace {

bool IsControl(unsigned char byte) { return byte < 0x20 || byte == 0x7F; }

// Whether `byte` must be escaped or checked.
bool IsSpecial(unsigned char byte) {
  return IsControl(byte) || byte == '"' || byte == '\\' || byte >= 0x80;
}

bool AnySpecial(std::string_view text) {
  // Without an early exit, so that the compiler vectorizes the loop.
  bool any = false;
  for (const char c : text) any |= IsSpecial(static_cast<unsigned char>(c));
  return any;
}

// Whether a value needs no quotes in the text style.
bool IsWord(std::string_view text) {
  return !text.empty() &&
         text.find_first_of(" =\"\\") == std::string_view::npos;
}

// The beginning of lines in the second `second`.  Cached for each thread, since
// consecutive lines usually have the same.
const std::string& LinePrefix(LogStyle style, std::time_t second) {
  struct Cached {
    LogStyle style = LogStyle::kText;
    std::time_t second = -1;
    std::string text;
  };
  thread_local Cached cached;
  if (cached.second != second || cached.style != style) {
    const std::tm utc = fmt::gmtime(second);
    cached.text = style == LogStyle::kJson
                      ? fmt::format(R"({{"ts":"{:%Y-%m-%dT%H:%M:%S}.)", utc)
                      : fmt::format("{:%Y-%m-%d %H:%M:%S}.", utc);
    cached.second = second;
    cached.style = style;
  }
  return cached.text;
}

}  // namespace

LogLine::LogLine(LogStyle style, LogLevel level, std::string_view message,
                 Time now)
    : style_(style) {
  const auto since_epoch = now.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(since_epoch - whole);
  Append(LinePrefix(style, whole.count()));
  fmt::format_to(std::back_inserter(line_), "{:03}", milliseconds.count());
  const bool json = style == LogStyle::kJson;
  Append(json ? R"(Z","level":")" : " ");
  Append(kLogLevelNames.at(static_cast<std::size_t>(level)));
  Append(json ? R"(","msg":")" : " ");
  AppendEscaped(message);
  if (json) Append("\"");
}

void LogLine::Add(std::string_view key, std::string_view value) {
  AddKey(key);
  const bool quoted = style_ == LogStyle::kJson || !IsWord(value);
  if (quoted) Append("\"");
  AppendEscaped(value);
  if (quoted) Append("\"");
}

void LogLine::Add(std::string_view key, std::int64_t value) {
  AddKey(key);
  fmt::format_to(std::back_inserter(line_), "{}", value);
}

void LogLine::AddMilliseconds(std::string_view key, absl::Duration value) {
  AddKey(key);
  // Integers are formatted much faster than fractions.
  const std::int64_t microseconds = absl::ToInt64Microseconds(value);
  fmt::format_to(std::back_inserter(line_), "{}.{:03}", microseconds / 1000,
                 microseconds % 1000);
}

std::string_view LogLine::Finish() {
  Append(style_ == LogStyle::kJson ? "}\n" : "\n");
  return {line_.data(), line_.size()};
}

void LogLine::AddKey(std::string_view key) {
  const bool json = style_ == LogStyle::kJson;
  Append(json ? ",\"" : " ");
  Append(key);
  Append(json ? "\":" : "=");
}

void LogLine::Append(std::string_view text) {
  line_.append(text.data(), text.data() + text.size());
}

void LogLine::AppendEscaped(std::string_view text) {
  if (AnySpecial(text)) {
    AppendSlowly(text);
  } else {
    Append(text);
  }
}

// In the text style, quotes need no escape in a message, only in a value.  They
// are escaped in both, which is simpler and equally readable.
void LogLine::AppendSlowly(std::string_view text) {
  const bool utf8 = IsUtf8(text);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsControl(byte)) {
      fmt::format_to(std::back_inserter(line_), "\\u{:04x}", byte);
    } else if (byte >= 0x80 && !utf8) {
      Append("\uFFFD");
    } else {
      if (c == '"' || c == '\\') line_.push_back('\\');
      line_.push_back(c);
    }
  }
}

}  // namespace pinhole
