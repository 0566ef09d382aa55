// SPDX-License-Identifier: Apache-2.0

// The parser of traceparent takes what W3C's grammar says, and gives the parts
// of the text itself.

#include <regex>
#include <string>

#include "base/traceparent.h"
#include "tests/fuzz/fuzz.h"

namespace pinhole::gateway {
namespace {

// Version 00 ends after the flags; later ones may go on after a dash.
const std::regex& Grammar() {
  static const auto& grammar = *new std::regex(
      "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-"
      "[0-9a-f]{2}");
  return grammar;
}

bool IsGrammatical(const std::string& text) {
  constexpr std::size_t kSize = 55;
  const bool goes_on = text.size() > kSize;
  return std::regex_match(text.substr(0, kSize), Grammar()) &&
         (!goes_on || (text.substr(0, 2) != "00" && text[kSize] == '-'));
}

void Check(std::string_view text) {
  const auto parsed = ParseTraceparent(text);
  Expect(parsed.has_value() == IsGrammatical(std::string(text)),
         "what is taken is what the grammar says", text);
  if (!parsed) return;
  Expect(parsed->trace_id.data() == text.data() + 3 &&
             parsed->trace_id.size() == 32 &&
             parsed->parent_id.data() == text.data() + 36 &&
             parsed->parent_id.size() == 16,
         "the parts are views of the text", text);
}

}  // namespace
}  // namespace pinhole::gateway

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pinhole::gateway::Check(pinhole::gateway::Text(data, size));
  return 0;
}
