// SPDX-License-Identifier: Apache-2.0

#include "base/process/file_limit.h"

#include <sys/resource.h>

namespace pinhole {

void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace pinhole
