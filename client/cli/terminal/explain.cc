// SPDX-License-Identifier: Apache-2.0

#include "client/cli/terminal/explain.h"

#include "base/error_reasons.h"
#include "client/cli/terminal/text.h"
#include "fmt/format.h"
#include "pinhole/errors.h"

namespace pinhole::cli {
namespace {

std::string NextStep(const absl::Status& status, const Situation& situation) {
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated:
      if (situation.signing_in) return "check the handle and the password";
      return situation.handle.empty()
                 ? fmt::format("you are not signed in; run `{} login HANDLE`",
                               situation.program)
                 : fmt::format(
                       "the session of @{1} has ended; run `{0} login {1}`",
                       situation.program, situation.handle);
    case absl::StatusCode::kUnavailable:
      // gRPC's messages about failed handshakes vary, and often do not mention
      // a missing client certificate.
      if (situation.target.starts_with("grpcs://")) {
        return fmt::format(
            "check that pinhole-server is running at {} with TLS; --ca sets "
            "its certificate authority, --client-certificate and --client-key "
            "the certificate that it may request",
            situation.target);
      }
      return fmt::format(
          "check that pinhole-server is running at {}; set another server with "
          "--target or PINHOLE_TARGET",
          situation.target);
    case absl::StatusCode::kDeadlineExceeded:
      return "the server did not answer in time; try again";
    default:
      break;
  }
  if (client::DetailsOf(status).reason == NameOf(Reason::kImportDisabled)) {
    return "start pinhole-server with --allow-import, or seed without --import";
  }
  if (const auto delay = client::DetailsOf(status).retry_delay) {
    return fmt::format("try again in {}", absl::FormatDuration(*delay));
  }
  return "";
}

}  // namespace

std::string Explain(const absl::Status& status, const Situation& situation) {
  const client::ErrorDetails details = client::DetailsOf(status);
  std::string text =
      fmt::format("pinhole: {}: {}\n", absl::StatusCodeToString(status.code()),
                  Escape(std::string(status.message())));
  for (const auto& violation : details.fields) {
    text += fmt::format("  {}: {}\n", Escape(violation.field),
                        Escape(violation.description));
  }
  // The default reasons repeat the code.
  if (!details.reason.empty() &&
      details.reason != absl::StatusCodeToString(status.code())) {
    text += fmt::format("  reason: {}\n", Escape(details.reason));
  }
  const std::string next = NextStep(status, situation);
  if (!next.empty()) text += fmt::format("  {}\n", next);
  return text;
}

}  // namespace pinhole::cli
