// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/health.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/errors.h"
#include "gateway/http/http_error.h"
#include "grpc/health/v1/health.pb.h"

namespace pinhole::gateway {

namespace {

// Says why a server of Pinhole is not serving.
constexpr std::string_view kReasonKey = "x-pinhole-not-serving";
// Says what acknowledged writes survive.
constexpr std::string_view kDurabilityKey = "x-pinhole-durability";

}  // namespace

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

const Upstream::Method& HealthMethod() {
  static const Upstream::Method& method =
      *HealthCheckRequest::descriptor()->file()->service(0)->FindMethodByName(
          "Check");
  return method;
}

Upstream::MessagePtr HealthRequest() {
  return std::make_unique<HealthCheckRequest>();
}

UpstreamReply Readiness(const UpstreamReply& answer) {
  const auto* response =
      dynamic_cast<const HealthCheckResponse*>(answer.message.get());
  UpstreamReply verdict;
  if (response == nullptr ||
      response->status() != HealthCheckResponse::SERVING) {
    std::string text = "the server is not ready";
    for (const auto& [key, value] : answer.metadata) {
      if (key == kReasonKey) text += ": " + value;
    }
    verdict.status = ToProto(MakeError(Reason::kBackendNotReady, text));
    return verdict;
  }
  for (const auto& [key, value] : answer.metadata) {
    if (key == kDurabilityKey)
      verdict.metadata.emplace_back("durability", value);
  }
  return verdict;
}

std::unique_ptr<UpstreamCall> Upstream::Admit(const Method& /*method*/,
                                              const CallHeaders& /*headers*/,
                                              bool /*costly*/,
                                              ReplyCallback /*done*/) {
  return nullptr;
}

std::unique_ptr<UpstreamCall> Upstream::Check(CallHeaders headers,
                                              ReplyCallback done) {
  return Unary(HealthMethod(), std::move(headers), HealthRequest(),
               [done = std::move(done)](UpstreamReply answer) mutable {
                 done(Readiness(answer));
               });
}

}  // namespace pinhole::gateway
