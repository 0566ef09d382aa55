// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_OPENAPI_OPENAPI_PATH_H_
#define PINHOLE_GATEWAY_OPENAPI_OPENAPI_PATH_H_

#include <optional>
#include <string>
#include <vector>

#include "gateway/rules/path_template.h"

namespace pinhole::gateway {

// A path template as OpenAPI has it, where a parameter is one segment:
// /v1/{name=photos/*} is /v1/photos/{photo}.
struct OpenApiPath {
  struct Parameter {
    std::string name;   // After the collection, else after the field.
    bool many = false;  // `**`: may have slashes in it.
    // Of PathTemplate::variables; none if the segment is bound to nothing.
    std::optional<std::size_t> variable;
    // What the variable's value is made of: photos/{photo}
    std::string value;
  };

  std::string text;
  std::string shape;  // `text` without the names, the same for equal paths.
  std::vector<Parameter> parameters;
};

OpenApiPath ToOpenApiPath(const PathTemplate& path);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_OPENAPI_OPENAPI_PATH_H_
