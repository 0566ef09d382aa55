// SPDX-License-Identifier: Apache-2.0

// Text from a server or a file, made safe to insert into another language.

#pragma once

#include <string>

namespace pinhole::lab {

// For a paragraph or table cell in markdown.  Control characters are spelled
// out as Escape() in base/utf8.h does.
std::string EscapeMarkdown(const std::string& text);

// For the content of an element in HTML.
std::string EscapeMarkup(const std::string& text);

// A JSON string with its quotes, for the content of a <script> element. Control
// characters are spelled out.
std::string QuoteJson(const std::string& text);

// JSON for the content of a <script> element: each "<" becomes "\u003c", so
// that neither "</script>" nor "<!--" can occur.
std::string EscapeScript(const std::string& json);

}  // namespace pinhole::lab
