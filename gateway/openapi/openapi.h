// SPDX-License-Identifier: Apache-2.0

// The OpenAPI 3.1 document of what the gateway serves.
//
// Left out are rules with an HTTP method of their own (`custom`), which OpenAPI
// cannot describe, and the second of two rules whose paths differ only in `*`
// and `**`.  The paths `POST /package.Service/Method` are left out because they
// would repeat every method.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/rules/json_names.h"
#include "gateway/rules/route.h"

namespace pinhole::gateway {

struct ApiInfo {
  std::string title = {};
  std::string version = "0";
  // A serialized FileDescriptorSet with source info and imports, whose comments
  // become descriptions.  Without it there are none.
  std::string_view descriptors = {};
  // How to get a session token, in Markdown; can be empty.
  std::string sign_in = {};
};

// Returns JSON.  Equal input gives equal text.
std::string MakeOpenApi(const std::vector<Route>& routes, const ApiInfo& api,
                        JsonNames names);

}  // namespace pinhole::gateway
