// SPDX-License-Identifier: Apache-2.0

// Machine-readable details of errors, attached to an absl::Status as payloads.
// The server and the gateway send them as details of a google.rpc.Status.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/error_reasons.h"

namespace pinhole {

// The domain of each google.rpc.ErrorInfo that Pinhole sends.
inline constexpr std::string_view kErrorDomain = "pinhole";

// An error with `reason` and its code.  Clients receive the reason as a
// google.rpc.ErrorInfo.
absl::Status MakeError(Reason reason, std::string_view message);

// An error for a field, named by its path in the request ("photo.caption"),
// that violates `rule` ("must be at most 2000 characters").  Clients receive it
// as a google.rpc.BadRequest.  The code is that of `reason`, which is usually
// INVALID_ARGUMENT.
absl::Status InvalidField(std::string_view field, std::string_view rule,
                          Reason reason = Reason::kInvalidField);

// Sets the reason of an error that already has a code, which it keeps.
absl::Status WithReason(absl::Status status, Reason reason);

// Adds the name of the resource that the error is about ("photos/12").  Clients
// receive it as `resource` in the metadata of the google.rpc.ErrorInfo.
absl::Status WithResource(absl::Status status, std::string_view name);

// Adds the delay after which to retry to `status`.  Clients receive it as a
// google.rpc.RetryInfo and as a trailer.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

// The details attached to `status`, if any.
std::optional<std::string> FieldOf(const absl::Status& status);
std::optional<std::string> RuleOf(const absl::Status& status);
std::optional<Reason> ReasonOf(const absl::Status& status);
std::optional<std::string> ResourceOf(const absl::Status& status);
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

// Whether a call was rejected because the server is overloaded.  A full disk
// and the limits on a single client also have a retry delay, but are not
// overload.
bool IsOverload(const absl::Status& status);

}  // namespace pinhole
