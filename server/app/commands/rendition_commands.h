// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_APP_COMMANDS_RENDITION_COMMANDS_H_
#define PINHOLE_SERVER_APP_COMMANDS_RENDITION_COMMANDS_H_

#include <filesystem>
#include <ostream>

#include "absl/status/status.h"

namespace pinhole::app {

// Rebuilds the outdated renditions of a data folder whose server is stopped, on
// all cores; those of all photos if `all`.  Tells `out` how far it is.  What is
// left to do when it is killed is done by the next run without `all`, or by the
// server.
// Errors: as `Offline::Open` and `Renditions::RebuildNext`; DATA_LOSS (files of
// a photo are missing or damaged; the others are rebuilt all the same).
absl::Status RebuildRenditions(const std::filesystem::path& data_dir, bool all,
                               std::ostream& out);

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_COMMANDS_RENDITION_COMMANDS_H_
