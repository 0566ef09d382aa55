// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_STATIC_FILE_H_
#define PINHOLE_BASE_STATIC_FILE_H_

#include <string>

namespace pinhole {

// A file that is served over HTTP unchanged.
struct StaticFile {
  std::string path;  // For example "/metrics.html".
  std::string type;  // For example "text/html; charset=utf-8".
  std::string body;
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_STATIC_FILE_H_
