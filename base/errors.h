// SPDX-License-Identifier: Apache-2.0

// Machine-readable details of errors, attached to an absl::Status as payloads.
// The server and the gateway send them as details of a google.rpc.Status.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace pinhole {

// An INVALID_ARGUMENT error for a field, named by its path in the request
// ("photo.caption"), that violates `rule` ("must be at most 2000 characters").
// Clients receive it as a google.rpc.BadRequest.
absl::Status InvalidField(std::string_view field, std::string_view rule);

// Adds a reason in upper snake case to `status`.  Clients receive it as a
// google.rpc.ErrorInfo of the domain "pinhole".
absl::Status WithReason(absl::Status status, std::string_view reason);

// Adds the delay after which to retry to `status`.  Clients receive it as a
// google.rpc.RetryInfo and as a trailer.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

// The details attached to `status`, if any.
std::optional<std::string> FieldOf(const absl::Status& status);
std::optional<std::string> RuleOf(const absl::Status& status);
std::optional<std::string> ReasonOf(const absl::Status& status);
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

// Whether a call was rejected because the server is overloaded.  A full disk
// and the limits on a single client also have a retry delay, but are not
// overload.
bool IsOverload(const absl::Status& status);

}  // namespace pinhole
