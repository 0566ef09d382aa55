// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_AUTH_SODIUM_H_
#define PINHOLE_SERVER_AUTH_SODIUM_H_

namespace pinhole::auth {

// Starts libsodium once per process; called by everything that uses it, so that
// no caller has to remember.  Aborts if there is no source of random numbers.
void StartSodium();

}  // namespace pinhole::auth

#endif  // PINHOLE_SERVER_AUTH_SODIUM_H_
