// SPDX-License-Identifier: Apache-2.0

// What both doors think of the media type that a client declares for an upload.

#ifndef PINHOLE_PROTO_PINHOLE_V1_CONTENT_TYPE_H_
#define PINHOLE_PROTO_PINHOLE_V1_CONTENT_TYPE_H_

#include <string>
#include <string_view>

#include "pinhole/v1/options.pb.h"

namespace pinhole::v1 {

// The type of a Content-Type without its parameters, in lower case; empty if it
// is not stated.
std::string MediaType(std::string_view content_type);

// Whether `content_type` tells nothing of the file: it is missing, or what
// programs send for any file (`application/octet-stream`, `*/*`; for curl
// --data-binary, `application/x-www-form-urlencoded`).
bool IsUnspecific(std::string_view content_type);

// Whether a file declared as `content_type` may be one that `upload` accepts:
// the declaration tells nothing, is one of the accepted types or another name
// of one, or a wildcard such as `image/*` that covers one.  The bytes decide
// what the file is; this only refuses early what can never be accepted.  Always
// true if `upload` lists no types.
bool MayBeAccepted(std::string_view content_type, const RawBody& upload);

// The accepted types for an error message: "image/jpeg, image/png".
std::string AcceptedTypes(const RawBody& upload);

}  // namespace pinhole::v1

#endif  // PINHOLE_PROTO_PINHOLE_V1_CONTENT_TYPE_H_
