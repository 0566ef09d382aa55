// SPDX-License-Identifier: Apache-2.0

// The OpenAPI 3.1 document of what the gateway serves.
//
// Left out, since OpenAPI has no words for them: rules of methods that it does
// not know (`custom`), the second of two rules whose paths differ in `*` and
// `**` only; and the paths `POST /package.Service/Method`, which would say
// everything twice.

#ifndef PINHOLE_GATEWAY_OPENAPI_OPENAPI_H_
#define PINHOLE_GATEWAY_OPENAPI_OPENAPI_H_

#include <string>
#include <string_view>
#include <vector>

#include "gateway/rules/route.h"

namespace pinhole::gateway {

struct ApiInfo {
  std::string title;
  std::string version = "0";
  // Where the comments are: a serialized FileDescriptorSet with source info and
  // imports.  Without it the document has none.
  std::string_view descriptors;
};

// JSON; the same for the same input, byte by byte.
std::string MakeOpenApi(const std::vector<Route>& routes, const ApiInfo& api);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_OPENAPI_OPENAPI_H_
