// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_OPTIONS_ADDRESS_VALIDATOR_H_
#define PINHOLE_BASE_OPTIONS_ADDRESS_VALIDATOR_H_

#include "CLI/CLI.hpp"

namespace pinhole {

// For `check`: addresses to listen on.  A host that has no address shows when
// the program listens.
CLI::Validator HostPort();
CLI::Validator HostPortOrOff();
CLI::Validator HostPortOrUnix();  // Or unix:PATH.

}  // namespace pinhole

#endif  // PINHOLE_BASE_OPTIONS_ADDRESS_VALIDATOR_H_
