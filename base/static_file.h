// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

namespace pinhole {

// A file that is served over HTTP unchanged.
struct StaticFile {
  std::string path;  // For example "/metrics.html".
  std::string type;  // For example "text/html; charset=utf-8".
  std::string body;
};

}  // namespace pinhole
