// SPDX-License-Identifier: Apache-2.0

// Errors with details that programs read, attached to an absl::Status as
// payloads.  rpc/dispatch turns them into the details of google.rpc.Status.

#ifndef PINHOLE_BASE_ERRORS_H_
#define PINHOLE_BASE_ERRORS_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace pinhole {

// INVALID_ARGUMENT about one field, by its path in the request
// ("photo.caption"), and the rule it breaks ("must be at most 2000
// characters").  Reaches clients as a google.rpc.BadRequest.
absl::Status InvalidField(std::string_view field, std::string_view rule);

// `status` with a reason in upper snake case.  Reaches clients as a
// google.rpc.ErrorInfo of the domain "pinhole".
absl::Status WithReason(absl::Status status, std::string_view reason);

// `status` with a delay after which to try again.  Reaches clients as a
// google.rpc.RetryInfo and a trailer.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

// What was attached, if anything.
std::optional<std::string> FieldOf(const absl::Status& status);
std::optional<std::string> ReasonOf(const absl::Status& status);
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

// Whether a call was turned away because the server has too much to do.  A disk
// that is full also says when to try again, and so do limits of what one may
// ask for; they are not this.
bool IsOverload(const absl::Status& status);

}  // namespace pinhole

#endif  // PINHOLE_BASE_ERRORS_H_
