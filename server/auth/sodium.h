// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_AUTH_SODIUM_H_
#define PINHOLE_SERVER_AUTH_SODIUM_H_

namespace pinhole::auth {

// Initializes libsodium once per process; every function that uses it calls
// this. Aborts if there is no source of random numbers.
void StartSodium();

}  // namespace pinhole::auth

#endif  // PINHOLE_SERVER_AUTH_SODIUM_H_
