// SPDX-License-Identifier: Apache-2.0

// Checks of the media type that a client declares for an upload, shared by the
// gRPC server and the HTTP gateway.

#pragma once

#include <string>
#include <string_view>

#include "pinhole/v1/options.pb.h"

namespace pinhole::v1 {

// Returns the media type of a Content-Type without its parameters, in lower
// case; empty if there is none.
std::string MediaType(std::string_view content_type);

// Whether `content_type` says nothing about the file: it is missing, or a type
// that programs send for any file (`application/octet-stream`, `*/*`, and
// `application/x-www-form-urlencoded`, the default of curl --data-binary).
bool IsUnspecific(std::string_view content_type);

// Whether `upload` may accept a file declared as `content_type`: the type is
// unspecific, an accepted type, a synonym of one, or a wildcard such as
// `image/*` that covers one.  The file's content decides its type; this check
// only refuses early what can never be accepted.  Always true if `upload` lists
// no types.
bool MayBeAccepted(std::string_view content_type, const RawBody& upload);

// Returns the accepted types for an error message: "image/jpeg, image/png".
std::string AcceptedTypes(const RawBody& upload);

}  // namespace pinhole::v1
