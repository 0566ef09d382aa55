// SPDX-License-Identifier: Apache-2.0

#include "server/auth/sodium.h"

#include <sodium.h>

#include <cstdlib>

namespace pinhole::auth {

void StartSodium() {
  static const int started = sodium_init();
  // Going on without randomness would hand out guessable tokens.
  if (started < 0) std::abort();
}

}  // namespace pinhole::auth
