// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/http_error.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "boost/json/serialize.hpp"
#include "boost/json/string.hpp"
#include "boost/json/value.hpp"
#include "fmt/format.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"

namespace pinhole::gateway {
namespace {

int CodeOfStatus(int code) {
  switch (code) {
    case google::rpc::OK:
      return 200;
    case google::rpc::CANCELLED:
      return 499;
    case google::rpc::INVALID_ARGUMENT:
    case google::rpc::FAILED_PRECONDITION:
    case google::rpc::OUT_OF_RANGE:
      return 400;
    case google::rpc::UNAUTHENTICATED:
      return 401;
    case google::rpc::PERMISSION_DENIED:
      return 403;
    case google::rpc::NOT_FOUND:
      return 404;
    case google::rpc::ALREADY_EXISTS:
    case google::rpc::ABORTED:
      return 409;
    case google::rpc::RESOURCE_EXHAUSTED:
      return 429;
    case google::rpc::UNIMPLEMENTED:
      return 501;
    case google::rpc::UNAVAILABLE:
      return 503;
    case google::rpc::DEADLINE_EXCEEDED:
      return 504;
    default:  // UNKNOWN, INTERNAL, DATA_LOSS and numbers that are not codes.
      return 500;
  }
}

std::string Quote(std::string_view text) {
  return boost::json::serialize(
      boost::json::string(boost::json::string_view(text.data(), text.size())));
}

std::string DetailToJson(const google::protobuf::Any& detail) {
  // A failed print leaves partial output behind, so use a separate string.
  std::string json;
  if (google::protobuf::util::MessageToJsonString(detail, &json).ok())
    return json;
  return fmt::format(R"({{"@type":{},"value":"{}"}})", Quote(detail.type_url()),
                     absl::Base64Escape(detail.value()));
}

template <typename Detail>
bool Has(const google::rpc::Status& status) {
  return std::any_of(
      status.details().begin(), status.details().end(),
      [](const google::protobuf::Any& detail) { return detail.Is<Detail>(); });
}

void AddErrorInfo(Reason reason, google::rpc::Status* status) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(NameOf(reason)));
  info.set_domain(std::string(kErrorDomain));
  status->add_details()->PackFrom(info);
}

// Returns the seconds for Retry-After, rounded up, at least 1.
std::int64_t RetryAfterSeconds(const google::rpc::Status& status) {
  google::rpc::RetryInfo retry;
  for (const google::protobuf::Any& detail : status.details()) {
    if (!detail.UnpackTo(&retry)) continue;
    const auto& delay = retry.retry_delay();
    const std::int64_t up = delay.seconds() + (delay.nanos() > 0 ? 1 : 0);
    return std::max<std::int64_t>(up, 1);
  }
  return 1;
}

}  // namespace

int HttpCode(int code, Refusal refusal) {
  switch (refusal) {
    case Refusal::kNone:
      return CodeOfStatus(code);
    case Refusal::kMethodNotAllowed:
      return 405;
    case Refusal::kNotAcceptable:
      return 406;
    case Refusal::kTimeout:
      return 408;
    case Refusal::kPrecondition:
      return 412;
    case Refusal::kBodyTooLarge:
      return 413;
    case Refusal::kTargetTooLong:
      return 414;
    case Refusal::kMediaType:
      return 415;
    case Refusal::kRange:
      return 416;
    case Refusal::kExpectation:
      return 417;
    case Refusal::kHeaderTooLarge:
      return 431;
  }
  return 500;
}

google::rpc::Status ToProto(const absl::Status& status) {
  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(status.message().data(), status.message().size());
  if (const auto field = FieldOf(status)) {
    google::rpc::BadRequest bad_request;
    auto* violation = bad_request.add_field_violations();
    violation->set_field(*field);
    violation->set_description(RuleOf(status).value_or(""));
    proto.add_details()->PackFrom(bad_request);
  }
  if (const auto reason = ReasonOf(status)) AddErrorInfo(*reason, &proto);
  return proto;
}

void AddCommonDetails(std::string_view request_id,
                      google::rpc::Status* status) {
  if (!Has<google::rpc::ErrorInfo>(*status)) {
    AddErrorInfo(DefaultReason(static_cast<absl::StatusCode>(status->code())),
                 status);
  }
  if (Has<google::rpc::RequestInfo>(*status)) return;
  google::rpc::RequestInfo info;
  info.set_request_id(request_id.data(), request_id.size());
  status->add_details()->PackFrom(info);
}

std::string StatusToJson(const google::rpc::Status& status) {
  std::string details;
  for (const google::protobuf::Any& detail : status.details()) {
    if (!details.empty()) details += ',';
    details += DetailToJson(detail);
  }
  return fmt::format(R"({{"code":{},"message":{},"details":[{}]}})",
                     status.code(), Quote(status.message()), details);
}

HttpError MakeHttpError(const google::rpc::Status& status, Refusal refusal) {
  HttpError error;
  error.code = HttpCode(status.code(), refusal);
  error.body = StatusToJson(status);
  if (error.code == 401) {
    error.headers.emplace_back("WWW-Authenticate", "Bearer");
  }
  if (error.code == 429 || error.code == 503) {
    error.headers.emplace_back("Retry-After",
                               std::to_string(RetryAfterSeconds(status)));
  }
  return error;
}

}  // namespace pinhole::gateway
