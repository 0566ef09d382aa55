// SPDX-License-Identifier: Apache-2.0

// PathTemplate: the path of a google.api.http rule, taken apart.
//
//   Template  = "/" Segments [ ":" Literal ]
//   Segments  = Segment { "/" Segment }
//   Segment   = "*" | "**" | Literal | "{" FieldPath [ "=" Segments ] "}"
//   FieldPath = Identifier { "." Identifier }
//
// `*` is one segment of a path, `**` any number of them.  After a `**` only
// literals may follow.

#ifndef PINHOLE_GATEWAY_RULES_PATH_TEMPLATE_H_
#define PINHOLE_GATEWAY_RULES_PATH_TEMPLATE_H_

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
    std::string text;  // Of a literal.
  };

  // A field and the segments [begin, end) that are its value.
  struct Variable {
    std::string field_path;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  std::vector<Segment> segments;
  std::vector<Variable> variables;
  std::string verb;  // What follows the last colon; often empty.
};

// Errors: INVALID_ARGUMENT, saying what is wrong and where.
absl::StatusOr<PathTemplate> ParsePathTemplate(std::string_view text);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_RULES_PATH_TEMPLATE_H_
