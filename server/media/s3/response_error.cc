// SPDX-License-Identifier: Apache-2.0

#include "server/media/s3/response_error.h"

#include "fmt/format.h"

namespace pinhole::media::s3 {
namespace {

// Names the response, for the support of the provider.
std::string Signed(std::string_view message, int status, std::string_view code,
                   const HttpResponse& response) {
  const std::string_view id = response.Header("x-amz-request-id");
  return fmt::format("{} (S3 answered {}{}{}{}{})", message, status,
                     code.empty() ? "" : " ", code,
                     id.empty() ? "" : ", request ", id);
}

// What to check if S3 refuses the credentials; empty for other codes.
std::string_view CredentialsMessage(std::string_view code) {
  if (code == "InvalidAccessKeyId") {
    return "S3 does not know the access key; check the credentials";
  }
  if (code == "SignatureDoesNotMatch") {
    return "S3 refused the signature; check the secret access key, and that no "
           "proxy changes the Host header or the path";
  }
  if (code == "ExpiredToken" || code == "InvalidToken" ||
      code == "TokenRefreshRequired") {
    return "the session token is not valid or has expired; provide new "
           "credentials";
  }
  return {};
}

std::string AccessMessage(std::string_view bucket) {
  return fmt::format(
      "access to the bucket {} was denied; check that the access key may use "
      "s3:GetObject, s3:PutObject and s3:DeleteObject on its objects and "
      "s3:ListBucket on the bucket (without it, S3 denies access to objects "
      "that do not exist)",
      bucket);
}

}  // namespace

std::string ElementOf(std::string_view xml, std::string_view name) {
  const std::string open = fmt::format("<{}>", name);
  const std::size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return {};
  xml.remove_prefix(begin + open.size());
  return std::string(xml.substr(0, xml.find('<')));
}

absl::Status ErrorOf(const HttpResponse& response, std::string_view body,
                     std::string_view bucket, std::string_view region) {
  const std::string code = ElementOf(body, "Code");
  const auto text = [&](std::string_view message) {
    return Signed(message, response.status, code, response);
  };
  // A wrong region is reported with several status codes; the answer to HEAD
  // has no body, but this header.
  std::string actual = ElementOf(body, "Region");
  if (actual.empty()) actual = response.Header("x-amz-bucket-region");
  if (response.status >= 300 && response.status < 500 && !actual.empty() &&
      actual != region) {
    return absl::FailedPreconditionError(
        text(fmt::format("the bucket {} is in the region {}, not {}; set "
                         "--s3-region {}",
                         bucket, actual, region, actual)));
  }
  if (code == "RequestTimeTooSkewed") {
    const std::string theirs = ElementOf(body, "ServerTime");
    return absl::FailedPreconditionError(text(fmt::format(
        "the clock of this machine differs too much from that of S3{}{}; "
        "synchronize it (NTP)",
        theirs.empty() ? "" : ", where it is ", theirs)));
  }
  if (const std::string_view message = CredentialsMessage(code);
      !message.empty()) {
    return absl::FailedPreconditionError(text(message));
  }
  if (code == "NoSuchBucket") {
    return absl::FailedPreconditionError(
        text(fmt::format("the bucket {} does not exist; create it", bucket)));
  }
  if (code == "XAmzContentSHA256Mismatch" || code == "BadDigest") {
    return absl::DataLossError(text("the file changed while it was sent"));
  }
  // A request that lost a race with another for the same key, or that arrived
  // too slowly, can be repeated.
  if (code == "ConditionalRequestConflict" || code == "OperationAborted" ||
      code == "RequestTimeout") {
    return absl::UnavailableError(text("S3 asks to repeat the request"));
  }
  switch (response.status) {
    case 301:
    case 307:
    case 308:
      return absl::FailedPreconditionError(text(fmt::format(
          "the bucket {} is at another endpoint; check --s3-endpoint and "
          "--s3-region",
          bucket)));
    case 401:
    case 403:
      return absl::FailedPreconditionError(text(AccessMessage(bucket)));
    case 404:
      return absl::NotFoundError(text("no such object"));
    case 412:
      return absl::AlreadyExistsError(text("the object exists"));
    case 416:
      return absl::OutOfRangeError(text("the object ends before the range"));
    case 429:
    case 503:
      return absl::UnavailableError(
          text("S3 asks to send fewer requests, or is not available"));
    default:
      break;
  }
  const std::string message =
      fmt::format("S3 reports an error: {}", ElementOf(body, "Message"));
  if (response.status >= 500 && code != "NotImplemented") {
    return absl::UnavailableError(text(message));
  }
  return absl::FailedPreconditionError(text(message));
}

}  // namespace pinhole::media::s3
