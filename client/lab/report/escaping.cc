// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/escaping.h"

#include <string_view>

#include "absl/strings/str_replace.h"
#include "base/utf8.h"

namespace pinhole::lab {

std::string EscapeMarkdown(const std::string& text) {
  std::string result;
  for (const char c : Escape(text)) {
    // What may begin markup in the middle of a line; HTML is markup, too.
    if (std::string_view("\\`*_[]|#~").find(c) != std::string_view::npos) {
      result += '\\';
    }
    result += c;
  }
  return absl::StrReplaceAll(result, {{"&", "&amp;"}, {"<", "&lt;"}});
}

std::string EscapeMarkup(const std::string& text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}});
}

std::string QuoteJson(const std::string& text) {
  return "\"" +
         EscapeScript(absl::StrReplaceAll(Escape(text),
                                          {{"\\", "\\\\"}, {"\"", "\\\""}})) +
         "\"";
}

std::string EscapeScript(const std::string& json) {
  return absl::StrReplaceAll(json, {{"<", "\\u003c"}});
}

}  // namespace pinhole::lab
