// SPDX-License-Identifier: Apache-2.0

#include "base/error_reasons.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <ostream>
#include <string>

namespace pinhole {
namespace {

using Code = absl::StatusCode;

constexpr std::string_view kCorrect = "Correct the request.";
constexpr std::string_view kLater = "Retry after the retry delay.";
constexpr std::string_view kIdempotent =
    "Retry idempotent calls, and other calls with the same `request_id`.";
constexpr std::string_view kReport =
    "Report the request id to the operator of the server.";

constexpr ReasonInfo kReasons[] = {
    {Reason::kInvalidArgument, "INVALID_ARGUMENT", Code::kInvalidArgument,
     "The request breaks a rule; the message says which.", kCorrect},
    {Reason::kInvalidField, "INVALID_FIELD", Code::kInvalidArgument,
     "A field, parameter or header breaks a rule; `BadRequest` names it.",
     kCorrect},
    {Reason::kInvalidPageToken, "INVALID_PAGE_TOKEN", Code::kInvalidArgument,
     "The page token does not belong to this query.",
     "Start at the first "
     "page."},
    {Reason::kInvalidResumeToken, "INVALID_RESUME_TOKEN",
     Code::kInvalidArgument,
     "The resume token does not belong to an entry that the caller received.",
     "Start the watch without a resume token."},
    {Reason::kRequestIdReused, "REQUEST_ID_REUSED", Code::kInvalidArgument,
     "The `request_id` was used before, for a request with other content.",
     "Use a new `request_id` for each new request."},
    {Reason::kMalformedMessage, "MALFORMED_MESSAGE", Code::kInvalidArgument,
     "The bytes of a gRPC message are not a valid request message.",
     "Use the published protos."},
    {Reason::kMalformedJson, "MALFORMED_JSON", Code::kInvalidArgument,
     "The body is not JSON, or does not have the form of the request message.",
     kCorrect},
    {Reason::kMalformedHttp, "MALFORMED_HTTP", Code::kInvalidArgument,
     "The request is not well-formed HTTP/1.1, or its path or query is not "
     "correctly escaped.",
     kCorrect},
    {Reason::kUnsupportedType, "UNSUPPORTED_TYPE", Code::kInvalidArgument,
     "The file is not of an accepted media type, or uses a coding that is not "
     "accepted.",
     "Convert the picture to JPEG, PNG, WebP or HEIC.",
     "400; 415 for the declared type"},
    {Reason::kEmptyFile, "EMPTY_FILE", Code::kInvalidArgument,
     "The file is empty.", "Send a picture."},
    {Reason::kDamagedFile, "DAMAGED_FILE", Code::kInvalidArgument,
     "The file is damaged or truncated.", "Save the picture again."},
    {Reason::kMultipleFrames, "MULTIPLE_FRAMES", Code::kInvalidArgument,
     "The file is an animation or a sequence.", "Send a single picture."},
    {Reason::kTooManyBytes, "TOO_MANY_BYTES", Code::kInvalidArgument,
     "The file is larger than the limit.", "Send a smaller file.",
     "400; 413 from the gateway"},
    {Reason::kTooManyPixels, "TOO_MANY_PIXELS", Code::kInvalidArgument,
     "The picture has more pixels than the limit.", "Scale the picture down."},
    {Reason::kSideTooLong, "SIDE_TOO_LONG", Code::kInvalidArgument,
     "The picture is wider or higher than the limit.",
     "Scale the picture down."},
    {Reason::kSizeMismatch, "SIZE_MISMATCH", Code::kInvalidArgument,
     "The number of bytes that were sent differs from the declared size.",
     "Send the whole file, and declare its size or nothing."},
    {Reason::kDecoderCrashed, "DECODER_CRASHED", Code::kInvalidArgument,
     "The picture made its decoder fail.", "Save the picture again."},
    {Reason::kDecoderOutOfMemory, "DECODER_OUT_OF_MEMORY",
     Code::kInvalidArgument,
     "Decoding the picture took more memory than the server allows.",
     "Scale the picture down."},
    {Reason::kDecoderOutOfTime, "DECODER_OUT_OF_TIME", Code::kInvalidArgument,
     "Decoding the picture took longer than the server allows.",
     "Save the picture as a baseline JPEG or scale it down."},
    {Reason::kNotAcceptable, "NOT_ACCEPTABLE", Code::kInvalidArgument,
     "`Accept` excludes every media type in which the gateway sends a stream.",
     "Accept `application/x-ndjson` or `text/event-stream`.", "406"},
    {Reason::kRequestLineTooLong, "REQUEST_LINE_TOO_LONG",
     Code::kInvalidArgument, "The request line is too long.",
     "Shorten the query.", "414"},
    {Reason::kHeadersTooLarge, "HEADERS_TOO_LARGE", Code::kInvalidArgument,
     "The headers are too large.", "Send fewer or shorter headers.", "431"},
    {Reason::kUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE",
     Code::kInvalidArgument,
     "The method does not take a body of this media type or encoding.",
     "See the headers `Accept`, `Accept-Encoding` and `Accept-Patch` of the "
     "response.",
     "415"},
    {Reason::kExpectationFailed, "EXPECTATION_FAILED", Code::kInvalidArgument,
     "`Expect` is not `100-continue`.", kCorrect, "417"},

    {Reason::kFailedPrecondition, "FAILED_PRECONDITION",
     Code::kFailedPrecondition, "The current state does not permit the call.",
     "Change the state first."},
    {Reason::kTooManyFollowed, "TOO_MANY_FOLLOWED", Code::kFailedPrecondition,
     "The caller follows as many users as permitted.",
     "Unfollow a user first."},
    {Reason::kTooManyBlocked, "TOO_MANY_BLOCKED", Code::kFailedPrecondition,
     "The caller blocks as many users as permitted.", "Unblock a user first."},
    {Reason::kSessionOfRequestEnded, "SESSION_OF_REQUEST_ENDED",
     Code::kFailedPrecondition,
     "The session that the first request with this `request_id` created has "
     "ended.",
     "Sign in with a new `request_id`."},
    {Reason::kImportDisabled, "IMPORT_DISABLED", Code::kFailedPrecondition,
     "The server does not permit imports.",
     "Ask the operator to start the server with `--allow-import`."},
    {Reason::kBackupRunning, "BACKUP_RUNNING", Code::kFailedPrecondition,
     "A backup is already in progress.", "Wait until it has finished."},
    {Reason::kBackupUnsupported, "BACKUP_UNSUPPORTED",
     Code::kFailedPrecondition,
     "The server cannot make backups: it runs with `--writes direct`, its "
     "database is PostgreSQL, or its photos are in S3.",
     "Use the tools of PostgreSQL and S3, or restart the server without "
     "`--writes direct`."},
    {Reason::kEtagMismatch, "ETAG_MISMATCH", Code::kFailedPrecondition,
     "`If-Match` names another version of the bytes.",
     "Download the file from its beginning.", "412"},
    {Reason::kDataDirInUse, "DATA_DIR_IN_USE", Code::kFailedPrecondition,
     "Another process uses the data directory; only commands of "
     "`pinhole-server` report it, never a call.",
     "Stop the other process or name another directory.", "none"},

    {Reason::kOutOfRange, "OUT_OF_RANGE", Code::kOutOfRange,
     "A value is past the end.", kCorrect},
    {Reason::kRangeNotSatisfiable, "RANGE_NOT_SATISFIABLE", Code::kOutOfRange,
     "`Range` begins after the end of the file.",
     "See the header `Content-Range` of the response for the size.", "416"},

    {Reason::kUnauthenticated, "UNAUTHENTICATED", Code::kUnauthenticated,
     "The method requires a signed-in caller.", "Sign in."},
    {Reason::kNotSignedIn, "NOT_SIGNED_IN", Code::kUnauthenticated,
     "The call carries no session token.",
     "Sign in and send the token as `authorization: Bearer TOKEN`."},
    {Reason::kInvalidAuthorization, "INVALID_AUTHORIZATION",
     Code::kUnauthenticated,
     "The call has several authorization headers, or one that is not of the "
     "form `Bearer TOKEN`.",
     "Send exactly one header of this form."},
    {Reason::kSessionEnded, "SESSION_ENDED", Code::kUnauthenticated,
     "The token is not valid, or its session has ended or expired.",
     "Sign in again."},
    {Reason::kWrongCredentials, "WRONG_CREDENTIALS", Code::kUnauthenticated,
     "The handle and the password do not match.",
     "Check the handle and the password."},

    {Reason::kPermissionDenied, "PERMISSION_DENIED", Code::kPermissionDenied,
     "The caller is not permitted to do this.", ""},
    {Reason::kAdministratorRequired, "ADMINISTRATOR_REQUIRED",
     Code::kPermissionDenied, "The method is for administrators.", ""},
    {Reason::kAccountNotOwned, "ACCOUNT_NOT_OWNED", Code::kPermissionDenied,
     "The account belongs to another user.", ""},
    {Reason::kPhotoNotOwned, "PHOTO_NOT_OWNED", Code::kPermissionDenied,
     "The photo belongs to another user; only its owner can change it or "
     "download the original.",
     ""},
    {Reason::kCommentNotOwned, "COMMENT_NOT_OWNED", Code::kPermissionDenied,
     "Only the author of a comment and the owner of the photo can delete it.",
     ""},
    {Reason::kRegistrationClosed, "REGISTRATION_CLOSED",
     Code::kPermissionDenied, "Registration is closed on this server.",
     "Ask the operator for an account."},
    {Reason::kWrongPassword, "WRONG_PASSWORD", Code::kPermissionDenied,
     "The password that confirms the call is wrong.", "Check the password."},

    {Reason::kNotFound, "NOT_FOUND", Code::kNotFound,
     "The resource does not exist, or the caller may not see it.", ""},
    {Reason::kUserNotFound, "USER_NOT_FOUND", Code::kNotFound,
     "The user does not exist, or the caller may not see them.", ""},
    {Reason::kPhotoNotFound, "PHOTO_NOT_FOUND", Code::kNotFound,
     "The photo does not exist, or the caller may not see it.", ""},
    {Reason::kCommentNotFound, "COMMENT_NOT_FOUND", Code::kNotFound,
     "The comment does not exist, or the caller may not see it.", ""},
    {Reason::kSessionNotFound, "SESSION_NOT_FOUND", Code::kNotFound,
     "The session does not exist, has ended, or belongs to another user.", ""},
    {Reason::kServiceNotFound, "SERVICE_NOT_FOUND", Code::kNotFound,
     "A health check names a service that the server does not have.", kCorrect},
    {Reason::kPathNotFound, "PATH_NOT_FOUND", Code::kNotFound,
     "No method has this HTTP path.", "See `/docs` for all paths."},

    {Reason::kAlreadyExists, "ALREADY_EXISTS", Code::kAlreadyExists,
     "The resource that the call creates exists already.", ""},
    {Reason::kHandleTaken, "HANDLE_TAKEN", Code::kAlreadyExists,
     "Another account has the handle.", "Choose another handle."},
    {Reason::kHandleReserved, "HANDLE_RESERVED", Code::kAlreadyExists,
     "The handle belonged to an account that was deleted in the last 30 days.",
     "Choose another handle."},

    {Reason::kAborted, "ABORTED", Code::kAborted,
     "Another call changed the same data at the same time.", "Retry."},

    {Reason::kResourceExhausted, "RESOURCE_EXHAUSTED", Code::kResourceExhausted,
     "A limit was reached.",
     "Retry after the retry delay; without a delay, waiting does not help."},
    {Reason::kRateLimited, "RATE_LIMITED", Code::kResourceExhausted,
     "The user or the address makes too many calls per second.", kLater},
    {Reason::kConcurrencyLimited, "CONCURRENCY_LIMITED",
     Code::kResourceExhausted,
     "The user or the address has too many calls in progress.",
     "Retry when one of them has ended."},
    {Reason::kLoginThrottled, "LOGIN_THROTTLED", Code::kResourceExhausted,
     "Too many wrong passwords were sent.", kLater},
    {Reason::kTooManyAccounts, "TOO_MANY_ACCOUNTS", Code::kResourceExhausted,
     "The address has created as many accounts as permitted per hour.", kLater},
    {Reason::kTooManyUploads, "TOO_MANY_UPLOADS", Code::kResourceExhausted,
     "The user has too many uploads in progress.",
     "Retry when one of them has ended."},
    {Reason::kTooManyWatches, "TOO_MANY_WATCHES", Code::kResourceExhausted,
     "The user or the address has too many watches open.",
     "End one of them first."},
    {Reason::kTooManyCalls, "TOO_MANY_CALLS", Code::kResourceExhausted,
     "The server has as many calls in progress as it accepts.", kLater},
    {Reason::kOverloaded, "OVERLOADED", Code::kResourceExhausted,
     "Too much work is waiting in the server.", kLater},
    {Reason::kWriteQueueFull, "WRITE_QUEUE_FULL", Code::kResourceExhausted,
     "Too many writes are waiting in the server.", kLater},
    {Reason::kHashQueueFull, "HASH_QUEUE_FULL", Code::kResourceExhausted,
     "Too many passwords are waiting to be checked.", kLater},
    {Reason::kOutOfMemory, "OUT_OF_MEMORY", Code::kResourceExhausted,
     "The server or the gateway has not enough memory for the call.",
     "Retry later."},
    {Reason::kDiskFull, "DISK_FULL", Code::kResourceExhausted,
     "The disk of the server is full.",
     "Retry after the retry delay, if there is one; the operator must free "
     "space."},
    {Reason::kBodyTooLarge, "BODY_TOO_LARGE", Code::kResourceExhausted,
     "The JSON body, or one of its lines, is too large.",
     "Send a smaller body.", "413"},

    {Reason::kUnimplemented, "UNIMPLEMENTED", Code::kUnimplemented,
     "The server does not have the method or this part of it.", ""},
    {Reason::kMethodNotFound, "METHOD_NOT_FOUND", Code::kUnimplemented,
     "The server does not have the method or the service.",
     "Check the name and the version of the server."},
    {Reason::kMethodNotAllowed, "METHOD_NOT_ALLOWED", Code::kUnimplemented,
     "The path does not take this HTTP method.",
     "See the header `Allow` of the response.", "405"},

    {Reason::kUnavailable, "UNAVAILABLE", Code::kUnavailable,
     "The server cannot answer at the moment.", kIdempotent},
    {Reason::kShuttingDown, "SHUTTING_DOWN", Code::kUnavailable,
     "The server is shutting down.", kIdempotent},
    {Reason::kNoDecoder, "NO_DECODER", Code::kUnavailable,
     "The server cannot start its picture decoder and accepts no photos.",
     kLater},
    {Reason::kDatabaseBusy, "DATABASE_BUSY", Code::kUnavailable,
     "Another connection holds a lock in the database, or a query took too "
     "long.",
     kLater},
    {Reason::kStorageUnavailable, "STORAGE_UNAVAILABLE", Code::kUnavailable,
     "The server cannot access its database or its files.", kIdempotent},
    {Reason::kWritesStopped, "WRITES_STOPPED", Code::kUnavailable,
     "The disk failed, and the server takes no more writes.",
     "The operator must restart the server."},
    {Reason::kOutcomeUnknown, "OUTCOME_UNKNOWN", Code::kUnavailable,
     "The disk or the connection to the database failed during a write, which "
     "may or may not have happened; the code is that of the failure.",
     "Retry with the same `request_id`.", "503, or that of the code"},
    {Reason::kBackendUnavailable, "BACKEND_UNAVAILABLE", Code::kUnavailable,
     "The gateway cannot reach a server.", kIdempotent},
    {Reason::kBackendNotReady, "BACKEND_NOT_READY", Code::kUnavailable,
     "`/readyz`: the server does not serve calls at the moment.",
     "Retry later."},
    {Reason::kTooManyConnections, "TOO_MANY_CONNECTIONS", Code::kUnavailable,
     "The gateway has as many connections as it accepts.", "Retry later."},
    {Reason::kFileChanged, "FILE_CHANGED", Code::kUnavailable,
     "The file changed while its download began.", "Retry."},

    {Reason::kDeadlineExceeded, "DEADLINE_EXCEEDED", Code::kDeadlineExceeded,
     "The deadline passed; a write may have happened.", kIdempotent},
    {Reason::kWriteExpired, "WRITE_EXPIRED", Code::kDeadlineExceeded,
     "The deadline passed while a write was waiting; it has no effect.",
     "Retry with a later deadline."},
    {Reason::kUploadTooSlow, "UPLOAD_TOO_SLOW", Code::kDeadlineExceeded,
     "The upload was slower than the server permits.",
     "Retry over a faster connection."},
    {Reason::kRequestTimeout, "REQUEST_TIMEOUT", Code::kDeadlineExceeded,
     "The client took too long to send the HTTP request.", "Retry.", "408"},

    {Reason::kCancelled, "CANCELLED", Code::kCancelled,
     "The call was cancelled, usually by the client.", ""},

    {Reason::kInternal, "INTERNAL", Code::kInternal, "A fault of the server.",
     kReport},
    {Reason::kDataLoss, "DATA_LOSS", Code::kDataLoss,
     "Stored data is missing or damaged.", kReport},
    {Reason::kUnknown, "UNKNOWN", Code::kUnknown,
     "A fault of the server, or of a program between client and server.",
     kReport},
};

constexpr bool IsInOrder() {
  for (std::size_t i = 0; i < std::size(kReasons); ++i) {
    if (kReasons[i].reason != static_cast<Reason>(i)) return false;
  }
  return kReasons[std::size(kReasons) - 1].reason == Reason::kUnknown;
}
static_assert(IsInOrder(), "the table must have a row for each enumerator");

}  // namespace

std::span<const ReasonInfo> AllReasons() { return kReasons; }

const ReasonInfo& InfoOf(Reason reason) {
  return kReasons[static_cast<std::size_t>(reason)];
}

std::string_view NameOf(Reason reason) { return InfoOf(reason).name; }

std::optional<Reason> FindReason(std::string_view name) {
  const auto* const found = std::find_if(
      std::begin(kReasons), std::end(kReasons),
      [name](const ReasonInfo& info) { return info.name == name; });
  if (found == std::end(kReasons)) return std::nullopt;
  return found->reason;
}

Reason DefaultReason(absl::StatusCode code) {
  const std::string name = absl::StatusCodeToString(code);
  return FindReason(name).value_or(Reason::kUnknown);
}

std::ostream& operator<<(std::ostream& out, Reason reason) {
  return out << NameOf(reason);
}

}  // namespace pinhole
