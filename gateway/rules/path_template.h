// SPDX-License-Identifier: Apache-2.0

// PathTemplate: the parsed path of a google.api.http rule.
//
//   Template  = "/" Segments [ ":" Literal ]
//   Segments  = Segment { "/" Segment }
//   Segment   = "*" | "**" | Literal | "{" FieldPath [ "=" Segments ] "}"
//   FieldPath = Identifier { "." Identifier }
//
// `*` matches one segment of a path, `**` any number.  After `**` there can
// only be literals.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace pinhole::gateway {

struct PathTemplate {
  enum class Kind { kLiteral, kStar, kDoubleStar };

  struct Segment {
    Kind kind = Kind::kLiteral;
    std::string text;  // For kLiteral.
  };

  // A field whose value is the segments [begin, end).
  struct Variable {
    std::string field_path;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  std::vector<Segment> segments;
  std::vector<Variable> variables;
  std::string verb;  // The text after the last colon; often empty.
};

// Errors: INVALID_ARGUMENT, with the problem and its position.
absl::StatusOr<PathTemplate> ParsePathTemplate(std::string_view text);

}  // namespace pinhole::gateway
