// SPDX-License-Identifier: Apache-2.0

#include "gateway/openapi/openapi_path.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "fmt/format.h"

namespace pinhole::gateway {
namespace {

using Kind = PathTemplate::Kind;

// "photos" -> "photo"; empty if the text does not look like a plural.
std::string Singular(const std::string& text) {
  const bool word = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  });
  if (!word || text.size() < 3 || !absl::EndsWith(text, "s") ||
      absl::EndsWith(text, "ss")) {
    return {};
  }
  if (absl::EndsWith(text, "ies")) return text.substr(0, text.size() - 3) + 'y';
  return text.substr(0, text.size() - 1);
}

std::optional<std::size_t> VariableOf(const PathTemplate& path,
                                      std::size_t segment) {
  for (std::size_t i = 0; i < path.variables.size(); ++i) {
    if (path.variables[i].begin <= segment && segment < path.variables[i].end) {
      return i;
    }
  }
  return std::nullopt;
}

std::string ChooseName(const PathTemplate& path, std::size_t segment,
                       const std::vector<OpenApiPath::Parameter>& taken) {
  std::string name;
  const auto variable = VariableOf(path, segment);
  if (segment > 0 && path.segments[segment - 1].kind == Kind::kLiteral) {
    name = Singular(path.segments[segment - 1].text);
  }
  if (name.empty()) {
    name = variable ? path.variables[*variable].field_path : "segment";
  }
  const auto is_taken = [&taken](const std::string& candidate) {
    return std::any_of(taken.begin(), taken.end(), [&](const auto& parameter) {
      return parameter.name == candidate;
    });
  };
  std::string unique = name;
  for (int i = 2; is_taken(unique); ++i) unique = fmt::format("{}_{}", name, i);
  return unique;
}

}  // namespace

OpenApiPath ToOpenApiPath(const PathTemplate& path) {
  OpenApiPath result;
  std::vector<std::string> values(path.variables.size());
  for (std::size_t i = 0; i < path.segments.size(); ++i) {
    const PathTemplate::Segment& segment = path.segments[i];
    const auto variable = VariableOf(path, i);
    std::string text = segment.text;
    if (segment.kind != Kind::kLiteral) {
      text = ChooseName(path, i, result.parameters);
      result.parameters.push_back(
          {text, segment.kind == Kind::kDoubleStar, variable, {}});
      text = fmt::format("{{{}}}", text);
    }
    result.text += '/' + text;
    result.shape += segment.kind == Kind::kLiteral ? '/' + text : "/{}";
    if (!variable) continue;
    std::string& value = values[*variable];
    if (!value.empty()) value += '/';
    value += text;
  }
  if (!path.verb.empty()) {
    result.text += ':' + path.verb;
    result.shape += ':' + path.verb;
  }
  for (auto& parameter : result.parameters) {
    if (parameter.variable) parameter.value = values[*parameter.variable];
  }
  return result;
}

}  // namespace pinhole::gateway
