// SPDX-License-Identifier: Apache-2.0

// The reasons of errors: the only list of the words that clients receive as
// google.rpc.ErrorInfo.reason.  docs/api.md and the page /docs show it
// (script/reasons-table).

#pragma once

#include <iosfwd>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace pinhole {

// The reasons that are named like a code are the defaults: an error that has no
// reason of its own is sent with the default of its code.
enum class Reason {
  kInvalidArgument,
  kInvalidField,
  kInvalidPageToken,
  kInvalidResumeToken,
  kRequestIdReused,
  kMalformedMessage,
  kMalformedJson,
  kMalformedHttp,
  kUnsupportedType,
  kEmptyFile,
  kDamagedFile,
  kMultipleFrames,
  kTooManyBytes,
  kTooManyPixels,
  kSideTooLong,
  kSizeMismatch,
  kDecoderCrashed,
  kDecoderOutOfMemory,
  kDecoderOutOfTime,
  kNotAcceptable,
  kRequestLineTooLong,
  kHeadersTooLarge,
  kUnsupportedMediaType,
  kExpectationFailed,

  kFailedPrecondition,
  kTooManyFollowed,
  kTooManyBlocked,
  kSessionOfRequestEnded,
  kImportDisabled,
  kBackupRunning,
  kBackupUnsupported,
  kEtagMismatch,
  kDataDirInUse,

  kOutOfRange,
  kRangeNotSatisfiable,

  kUnauthenticated,
  kNotSignedIn,
  kInvalidAuthorization,
  kSessionEnded,
  kWrongCredentials,

  kPermissionDenied,
  kAdministratorRequired,
  kAccountNotOwned,
  kPhotoNotOwned,
  kCommentNotOwned,
  kRegistrationClosed,
  kWrongPassword,

  kNotFound,
  kUserNotFound,
  kPhotoNotFound,
  kCommentNotFound,
  kSessionNotFound,
  kServiceNotFound,
  kPathNotFound,

  kAlreadyExists,
  kHandleTaken,
  kHandleReserved,

  kAborted,

  kResourceExhausted,
  kRateLimited,
  kConcurrencyLimited,
  kLoginThrottled,
  kTooManyAccounts,
  kTooManyUploads,
  kTooManyWatches,
  kTooManyCalls,
  kOverloaded,
  kWriteQueueFull,
  kHashQueueFull,
  kOutOfMemory,
  kDiskFull,
  kBodyTooLarge,

  kUnimplemented,
  kMethodNotFound,
  kMethodNotAllowed,

  kUnavailable,
  kShuttingDown,
  kNoDecoder,
  kDatabaseBusy,
  kStorageUnavailable,
  kWritesStopped,
  kOutcomeUnknown,
  kBackendUnavailable,
  kBackendNotReady,
  kTooManyConnections,
  kFileChanged,

  kDeadlineExceeded,
  kWriteExpired,
  kUploadTooSlow,
  kRequestTimeout,

  kCancelled,

  kInternal,
  kDataLoss,
  kUnknown,
};

struct ReasonInfo {
  Reason reason;
  std::string_view name;  // In upper snake case; never changes.
  // The code of errors with this reason.  `kOutcomeUnknown` also comes with the
  // other codes of a failed write.
  absl::StatusCode code;
  std::string_view meaning;  // A sentence for people, in Markdown.
  std::string_view action;   // What a client should do; a sentence or empty.
  // The HTTP status codes, if the gateway does not choose them by `code` alone.
  std::string_view http = "";
};

// All reasons, grouped by code, in the order of the enumerators.
std::span<const ReasonInfo> AllReasons();

const ReasonInfo& InfoOf(Reason reason);
std::string_view NameOf(Reason reason);
std::optional<Reason> FindReason(std::string_view name);

// Returns the reason for errors with `code` that carry no other reason.  For OK
// and for numbers that are not codes, returns the reason for UNKNOWN.
Reason DefaultReason(absl::StatusCode code);

// Prints the name.
std::ostream& operator<<(std::ostream& out, Reason reason);

}  // namespace pinhole
