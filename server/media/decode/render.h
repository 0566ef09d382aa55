// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/media/renditions.h"

namespace pinhole::media {

// Initializes the picture libraries and loads what they load from disk.  Call
// it once, before any picture.  Errors: INTERNAL.
absl::Status StartLibraries();

// Checks the bytes of a picture and makes its renditions.  Uses up to two
// threads at a time.  Errors: INVALID_ARGUMENT with a reason of
// picture_refusal.h.
absl::StatusOr<Renditions> Render(std::string_view file);

}  // namespace pinhole::media
