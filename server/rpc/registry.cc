// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/registry.h"

#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "base/log/log.h"
#include "fmt/format.h"

namespace pinhole::rpc {
namespace {

[[noreturn]] void Die(std::string_view method, std::string_view why) {
  LogCritical("method {} {}", method, why);
  std::abort();
}

}  // namespace

bool IsOurs(const Method& method) {
  return absl::StartsWith(method.descriptor->file()->package(), "pinhole.");
}

bool IsWatch(const Method& method) {
  return method.descriptor->server_streaming() &&
         !method.descriptor->options().HasExtension(v1::raw_response);
}

const Method* Registry::Find(std::string_view full_name) const {
  const auto found = methods_.find(full_name);
  return found == methods_.end() ? nullptr : &found->second;
}

Method Registry::Describe(std::string_view full_name,
                          const Method::ProtoMessage& request,
                          const Method::ProtoMessage& response) {
  Method method;
  method.descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          std::string(full_name));
  if (method.descriptor == nullptr)
    Die(full_name, "is not defined in a proto file");
  if (method.descriptor->input_type() != request.GetDescriptor() ||
      method.descriptor->output_type() != response.GetDescriptor()) {
    Die(full_name, "has other message types in its proto file");
  }
  method.request_prototype = &request;
  method.response_prototype = &response;
  method.access = method.descriptor->options().GetExtension(v1::access);
  if (!IsOurs(method)) {
    method.access = v1::ACCESS_ANYONE;
  } else if (method.access == v1::ACCESS_UNSPECIFIED) {
    Die(full_name, "has no access option");
  }
  return method;
}

void Registry::Add(Method method) {
  const std::string name = method.descriptor->full_name();
  const bool reads = method.descriptor->client_streaming();
  const bool writes = method.descriptor->server_streaming();
  const bool fits = (method.unary && !reads && !writes) ||
                    (method.client_streaming && reads && !writes) ||
                    (method.server_streaming && !reads && writes) ||
                    (method.bidi_streaming && reads && writes);
  if (!fits) Die(name, "is of another kind in its proto file");
  method.number = methods_.size();
  if (!methods_.emplace(name, std::move(method)).second) {
    Die(name, "already has a handler");
  }
}

}  // namespace pinhole::rpc
