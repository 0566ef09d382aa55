// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/rules/path_template.h"

namespace pinhole::gateway {

// A path template in OpenAPI's form, where a parameter is one segment:
// /v1/{name=photos/*} becomes /v1/photos/{photo}.
struct OpenApiPath {
  struct Parameter {
    std::string name;   // From the collection, else from the field.
    bool many = false;  // `**`: can contain slashes.
    // Index into PathTemplate::variables; nothing if no field has the segment.
    std::optional<std::size_t> variable;
    // The pattern of the variable's value: photos/{photo}
    std::string value;
  };

  std::string text;
  std::string shape;  // `text` without parameter names.
  std::vector<Parameter> parameters;
};

OpenApiPath ToOpenApiPath(const PathTemplate& path);

}  // namespace pinhole::gateway
