// SPDX-License-Identifier: Apache-2.0

// The structure of picture files: what can be told from their markers, chunks
// and boxes without decoding.  Says for certain that a file is cut off, which
// decoders that stop at the last pixel do not.

#ifndef PINHOLE_SERVER_MEDIA_STRUCTURE_H_
#define PINHOLE_SERVER_MEDIA_STRUCTURE_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/media/file.h"

namespace pinhole::media {

struct Structure {
  std::int64_t width = 0;   // As stored; 0 if only the decoder can tell.
  std::int64_t height = 0;  // As stored; 0 if only the decoder can tell.
  bool moving = false;      // Says that it is an animation or a sequence.
  int scans = 0;            // Of a JPEG.
  bool complete = false;    // Well-formed from the first byte to its end.
};

// Reads the structure of `file`, whose type is `content_type` (picture.h).
// Memory does not depend on the file.  Errors: DATA_LOSS (unreadable disk).
absl::StatusOr<Structure> ReadStructure(File& file,
                                        std::string_view content_type);

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_STRUCTURE_H_
