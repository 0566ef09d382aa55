// SPDX-License-Identifier: Apache-2.0

// What the parser takes is what the grammar says, and its parts say the same as
// the text.

#include <regex>
#include <string>

#include "gateway/rules/path_template.h"
#include "tests/fuzz/fuzz.h"

namespace pinhole::gateway {
namespace {

using Kind = PathTemplate::Kind;

// The grammar of path_template.h; what a regular expression cannot say (one
// `**`, each variable once) is not in it.
const std::regex& Grammar() {
  static const auto& grammar = *new std::regex([] {
    const std::string literal = R"([-A-Za-z0-9._~!$&'()+,;@]+)";
    const std::string plain = R"((\*\*?|)" + literal + ")";
    const std::string name = "[A-Za-z_][A-Za-z0-9_]*";
    const std::string variable = R"(\{)" + name + R"((\.)" + name +
                                 ")*(=" + plain + "(/" + plain + R"()*)?\})";
    const std::string segment = "(" + plain + "|" + variable + ")";
    return "/" + segment + "(/" + segment + ")*(:" + literal + ")?";
  }());
  return grammar;
}

std::string Print(const PathTemplate& path) {
  std::string text;
  for (std::size_t i = 0; i < path.segments.size(); ++i) {
    text += '/';
    for (const PathTemplate::Variable& variable : path.variables) {
      if (variable.begin == i) text += "{" + variable.field_path + "=";
    }
    const PathTemplate::Segment& segment = path.segments[i];
    text += segment.kind == Kind::kLiteral ? segment.text
            : segment.kind == Kind::kStar  ? "*"
                                           : "**";
    for (const PathTemplate::Variable& variable : path.variables) {
      if (variable.end == i + 1) text += "}";
    }
  }
  if (!path.verb.empty()) text += ":" + path.verb;
  return text;
}

void Check(std::string_view text) {
  const auto path = ParsePathTemplate(text);
  const std::string copy(text);
  // The library's regular expressions recurse for each character.
  const bool grammatical =
      text.size() > 200 || std::regex_match(copy, Grammar());
  if (!path.ok()) {
    Expect(!path.status().message().empty(), "an error has a text");
    return;
  }
  Expect(grammatical, "what is taken is in the grammar", text);
  const std::string printed = Print(*path);
  const auto again = ParsePathTemplate(printed);
  Expect(again.ok() && Print(*again) == printed,
         "what is printed from the parts has the same parts", printed);
}

}  // namespace
}  // namespace pinhole::gateway

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pinhole::gateway::Check(pinhole::gateway::Text(data, size));
  return 0;
}
