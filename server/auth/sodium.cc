// SPDX-License-Identifier: Apache-2.0

#include "server/auth/sodium.h"

#include <sodium.h>

#include <cstdlib>

namespace pinhole::auth {

void StartSodium() {
  static const int started = sodium_init();
  // Without random numbers, tokens could be guessed.
  if (started < 0) std::abort();
}

}  // namespace pinhole::auth
