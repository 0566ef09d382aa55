// SPDX-License-Identifier: Apache-2.0

#include "base/log/log_line.h"

#include <ctime>
#include <iterator>
#include <string>

#include "fmt/chrono.h"
#include "google/protobuf/stubs/common.h"

namespace pinhole {
namespace {

bool IsControl(unsigned char byte) { return byte < 0x20 || byte == 0x7F; }

// What cannot stand as it is, or has to be looked at.
bool IsSpecial(unsigned char byte) {
  return IsControl(byte) || byte == '"' || byte == '\\' || byte >= 0x80;
}

bool AnySpecial(std::string_view text) {
  // All of it, without a way out in the middle: that is done 32 at a time.
  bool any = false;
  for (const char c : text) any |= IsSpecial(static_cast<unsigned char>(c));
  return any;
}

bool IsUtf8(std::string_view text) {
  return google::protobuf::internal::IsStructurallyValidUTF8(
      text.data(), static_cast<int>(text.size()));
}

// Whether a value can stand in text without quotes.
bool IsWord(std::string_view text) {
  return !text.empty() &&
         text.find_first_of(" =\"\\") == std::string_view::npos;
}

// The begin of a line in one second of one style.  Kept for each thread, since
// most lines have that of the line before.
const std::string& BeginOf(LogStyle style, std::time_t second) {
  struct Kept {
    LogStyle style = LogStyle::kText;
    std::time_t second = -1;
    std::string text;
  };
  thread_local Kept kept;
  if (kept.second != second || kept.style != style) {
    const std::tm utc = fmt::gmtime(second);
    kept.text = style == LogStyle::kJson
                    ? fmt::format(R"({{"ts":"{:%Y-%m-%dT%H:%M:%S}.)", utc)
                    : fmt::format("{:%Y-%m-%d %H:%M:%S}.", utc);
    kept.second = second;
    kept.style = style;
  }
  return kept.text;
}

}  // namespace

LogLine::LogLine(LogStyle style, spdlog::level::level_enum level,
                 std::string_view message, Time now)
    : style_(style) {
  const auto since_epoch = now.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(since_epoch - whole);
  const auto name = spdlog::level::to_string_view(level);
  Append(BeginOf(style, whole.count()));
  fmt::format_to(std::back_inserter(line_), "{:03}", milliseconds.count());
  const bool json = style == LogStyle::kJson;
  Append(json ? R"(Z","level":")" : " ");
  Append({name.data(), name.size()});
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
  // As whole numbers: printing a fraction costs more than the rest.
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

// In text, quotes of a message stand as they are; those of a value are escaped,
// as it is quoted then.  Telling the two apart is not worth a parameter: a
// backslash before a quote reads well in both.
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
