// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "boost/json/object.hpp"
#include "gateway/openapi/openapi_comments.h"
#include "gateway/openapi/openapi_path.h"
#include "gateway/openapi/openapi_schema.h"
#include "gateway/rules/route.h"

namespace pinhole::gateway {

// Makes the Operation Object of `route`, which is at `path`.  It refers to
// #/components/responses/Error and to the security scheme `session`.
boost::json::object MakeOpenApiOperation(const Route& route,
                                         const OpenApiPath& path,
                                         const std::string& operation_id,
                                         const OpenApiComments& comments,
                                         OpenApiSchemas& schemas);

}  // namespace pinhole::gateway
