// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/route_check.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "fmt/format.h"

namespace pinhole::gateway {
namespace {

// Paths that the gateway serves itself, before it looks for a route.
constexpr std::array<std::string_view, 5> kReserved = {
    "healthz", "livez", "readyz", "openapi.json", "docs"};

absl::Status Broken(const std::string& rule) {
  return absl::InvalidArgumentError(rule);
}

// Whether the paths lead to different members of a oneof.
bool Exclude(const FieldPath& one, const FieldPath& other) {
  const auto [mine, its] =
      std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  return mine != one.end() && its != other.end() &&
         (*mine)->real_containing_oneof() != nullptr &&
         (*mine)->real_containing_oneof() == (*its)->real_containing_oneof();
}

absl::Status CheckPair(const Route& route, std::size_t one, std::size_t other) {
  const FieldPath& first = route.variables[one];
  const FieldPath& second = route.variables[other];
  const std::string& name = route.path.variables[one].field_path;
  const std::string& its_name = route.path.variables[other].field_path;
  if (first == second) {
    return Broken(fmt::format("{} and {} are the same field", name, its_name));
  }
  if (IsPrefix(first, second) || IsPrefix(second, first)) {
    return Broken(
        fmt::format("one of {} and {} is inside the other", name, its_name));
  }
  if (Exclude(first, second)) {
    return Broken(
        fmt::format("{} and {} are members of one oneof", name, its_name));
  }
  return absl::OkStatus();
}

absl::Status CheckVariables(const Route& route) {
  for (std::size_t i = 0; i < route.variables.size(); ++i) {
    for (std::size_t j = i + 1; j < route.variables.size(); ++j) {
      if (absl::Status status = CheckPair(route, i, j); !status.ok()) {
        return status;
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBody(const Route& route) {
  if (route.body != Route::Body::kField) return absl::OkStatus();
  const FieldPath body = {route.body_field};
  for (std::size_t i = 0; i < route.variables.size(); ++i) {
    const std::string& name = route.path.variables[i].field_path;
    if (route.variables[i] == body) {
      return Broken(fmt::format("{} is both the body and a variable", name));
    }
    if (Exclude(body, route.variables[i])) {
      return Broken(fmt::format("the body {} and {} are members of one oneof",
                                route.body_field->name(), name));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRawBodies(const Route& route) {
  if (route.raw_request && !route.raw_request.http_body &&
      route.body != Route::Body::kWhole) {
    return Broken("a method with raw_request requires body: \"*\"");
  }
  if (route.raw_response && !route.raw_response.http_body &&
      route.response_field != nullptr) {
    return Broken("response_body cannot be used together with raw_response");
  }
  return absl::OkStatus();
}

absl::Status CheckReserved(const Route& route) {
  const PathTemplate& path = route.path;
  const bool reserved = path.segments.size() == 1 && path.verb.empty() &&
                        path.segments[0].kind == PathTemplate::Kind::kLiteral &&
                        std::find(kReserved.begin(), kReserved.end(),
                                  path.segments[0].text) != kReserved.end();
  if (!reserved) return absl::OkStatus();
  return Broken("the gateway serves this path itself; choose another");
}

}  // namespace

absl::Status CheckHttpMethod(std::string_view method) {
  const bool token =
      !method.empty() &&
      std::all_of(method.begin(), method.end(), [](const char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) !=
                   std::string_view::npos;
      });
  if (token) return absl::OkStatus();
  return Broken("the HTTP method is missing or malformed");
}

absl::Status CheckRoute(const Route& route) {
  for (const auto check :
       {CheckVariables, CheckBody, CheckRawBodies, CheckReserved}) {
    if (absl::Status status = check(route); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace pinhole::gateway
