// SPDX-License-Identifier: Apache-2.0

#pragma once

namespace pinhole::auth {

// Initializes libsodium once per process; every function that uses it calls
// this. Aborts if there is no source of random numbers.
void StartSodium();

}  // namespace pinhole::auth
