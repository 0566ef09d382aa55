// SPDX-License-Identifier: Apache-2.0

#include "gateway/openapi/openapi.h"

#include <array>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "boost/json/serialize.hpp"
#include "fmt/format.h"
#include "gateway/openapi/openapi_comments.h"
#include "gateway/openapi/openapi_errors.h"
#include "gateway/openapi/openapi_operation.h"
#include "gateway/openapi/openapi_path.h"
#include "gateway/openapi/openapi_schema.h"
#include "gateway/rules/json_names.h"
#include "google/rpc/status.pb.h"

namespace pinhole::gateway {

namespace json = boost::json;

namespace {

// Takes the sentence about the names of fields.
constexpr char kAbout[] =
    "This document is generated from the proto files.\n\n"
    "- 64-bit integers are strings. Requests may use numbers instead.\n"
    "- {} In errors, `BadRequest` has the names in the proto files.\n"
    "- Responses contain fields that are zero or empty, but not messages and "
    "optional fields that are not set.\n"
    "- The header `Grpc-Timeout` sets the deadline of a call, for example "
    "`10S` or `250m`.\n"
    "- Every path that takes `GET` also takes `HEAD`.";

std::string_view AboutNames(JsonNames names) {
  switch (names) {
    case JsonNames::kJson:
      return "Names of fields are in lowerCamelCase. Requests may use the "
             "names in the proto files (`create_time`) instead.";
    case JsonNames::kProto:
      return "Fields have the names in the proto files. Requests may use "
             "lowerCamelCase (`createTime`) instead.";
  }
  return "";
}

// Returns the path of the route with its variables under their names in JSON.
OpenApiPath PathOf(const Route& route, JsonNames names) {
  PathTemplate shown = route.path;
  for (std::size_t i = 0; i < shown.variables.size(); ++i) {
    shown.variables[i].field_path = FieldPathText(route.variables[i], names);
  }
  return ToOpenApiPath(shown);
}

// The key of a Path Item Object, or empty if OpenAPI does not have the method.
std::string OperationKey(const std::string& http_method) {
  static constexpr std::array<std::string_view, 8> kKnown = {
      "GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"};
  for (const std::string_view known : kKnown) {
    if (known == http_method) return absl::AsciiStrToLower(http_method);
  }
  return {};
}

// Returns an id that is unique and depends only on the proto files.
std::string ChooseId(const Route& route, std::set<std::string>& taken) {
  const std::string base = fmt::format("{}_{}", route.method->service()->name(),
                                       route.method->name());
  std::string id = base;
  for (int i = 2; !taken.insert(id).second; ++i) {
    id = fmt::format("{}_{}", base, i);
  }
  return id;
}

json::object Paths(const std::vector<Route>& routes,
                   const OpenApiComments& comments, OpenApiSchemas& schemas) {
  json::object paths;
  std::set<std::string> ids;
  // For OpenAPI, paths that differ only in the names of parameters are equal.
  std::map<std::string, OpenApiPath> by_shape;
  for (const Route& route : routes) {
    const std::string key = OperationKey(route.http_method);
    if (key.empty() || route.implicit) continue;
    OpenApiPath path = PathOf(route, schemas.names());
    const auto [known, is_new] = by_shape.try_emplace(path.shape, path);
    if (!is_new) {
      path.text = known->second.text;
      for (std::size_t i = 0; i < path.parameters.size(); ++i) {
        path.parameters[i].name = known->second.parameters[i].name;
      }
    }
    json::value& item = paths[path.text];
    if (item.is_null()) item.emplace_object();
    if (item.as_object().contains(key)) continue;
    item.as_object()[key] = MakeOpenApiOperation(
        route, path, ChooseId(route, ids), comments, schemas);
  }
  return paths;
}

json::array Tags(const std::vector<Route>& routes,
                 const OpenApiComments& comments) {
  json::array tags;
  std::set<const google::protobuf::ServiceDescriptor*> seen;
  for (const Route& route : routes) {
    const auto* service = route.method->service();
    if (!seen.insert(service).second) continue;
    json::object tag = {{"name", service->name()}};
    const std::string comment = comments.Of(*service);
    if (!comment.empty()) tag["description"] = comment;
    tags.push_back(std::move(tag));
  }
  return tags;
}

}  // namespace

std::string MakeOpenApi(const std::vector<Route>& routes, const ApiInfo& api,
                        JsonNames names) {
  const OpenApiComments comments(api.descriptors, names);
  OpenApiSchemas schemas(
      comments, names,
      routes.empty() ? "" : routes.front().method->file()->package());
  json::object document = {
      {"openapi", "3.1.0"},
      {"info",
       {{"title", api.title},
        {"version", api.version},
        {"description", fmt::format(kAbout, AboutNames(names))}}},
      {"servers", json::array{json::object{{"url", "/"}}}},
      {"tags", Tags(routes, comments)}};
  document["paths"] = Paths(routes, comments, schemas);
  const json::object error = {
      {"description", DescribeErrors()},
      {"content",
       {{"application/json",
         {{"schema",
           schemas.OfMessage(*google::rpc::Status::descriptor())}}}}}};
  json::object session = {{"type", "http"}, {"scheme", "bearer"}};
  if (!api.sign_in.empty()) session["description"] = api.sign_in;
  document["components"] = {{"schemas", schemas.Take()},
                            {"responses", {{"Error", error}}},
                            {"securitySchemes", {{"session", session}}}};
  return json::serialize(document);
}

}  // namespace pinhole::gateway
