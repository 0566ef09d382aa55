// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_STATIC_FILE_H_
#define PINHOLE_BASE_STATIC_FILE_H_

#include <string>

namespace pinhole {

// A file that is served unchanged.
struct StaticFile {
  std::string path;  // "/metrics.html".
  std::string type;  // "text/html; charset=utf-8".
  std::string body;
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_STATIC_FILE_H_
