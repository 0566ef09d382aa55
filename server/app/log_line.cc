// SPDX-License-Identifier: Apache-2.0

#include "server/app/log_line.h"

#include <chrono>
#include <iterator>
#include <string_view>

#include "fmt/chrono.h"
#include "fmt/format.h"
#include "spdlog/common.h"

namespace pinhole::app {
namespace {

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

void Append(std::string_view text, spdlog::memory_buf_t& line) {
  line.append(text.data(), text.data() + text.size());
}

}  // namespace

void LogLine::format(const spdlog::details::log_msg& message,
                     spdlog::memory_buf_t& line) {
  const auto since_epoch = message.time.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(since_epoch - whole);
  if (whole.count() != second_) {
    second_ = whole.count();
    const std::tm utc = fmt::gmtime(second_);
    begin_ = json_ ? fmt::format(R"({{"ts":"{:%Y-%m-%dT%H:%M:%S}.)", utc)
                   : fmt::format("{:%Y-%m-%d %H:%M:%S}.", utc);
  }
  const auto level = spdlog::level::to_string_view(message.level);
  Append(begin_, line);
  fmt::format_to(std::back_inserter(line), "{:03}", milliseconds.count());
  Append(json_ ? R"(Z","level":")" : " ", line);
  Append({level.data(), level.size()}, line);
  Append(json_ ? R"(","msg":")" : " ", line);
  AppendMessage(message.payload, line);
  Append(json_ ? "\"}\n" : "\n", line);
}

void LogLine::AppendMessage(spdlog::string_view_t text,
                            spdlog::memory_buf_t& line) {
  const auto special = [this](char c) {
    return IsControl(c) || (json_ && (c == '"' || c == '\\'));
  };
  // All of it, without a way out in the middle: that is done 32 at a time.
  bool any = false;
  for (const char c : text) any |= special(c);
  if (!any) {
    line.append(text);
    return;
  }
  for (const char c : text) {
    if (IsControl(c)) {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}",
                     static_cast<unsigned char>(c));
    } else {
      if (special(c)) line.push_back('\\');
      line.push_back(c);
    }
  }
}

}  // namespace pinhole::app
