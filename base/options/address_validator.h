// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_OPTIONS_ADDRESS_VALIDATOR_H_
#define PINHOLE_BASE_OPTIONS_ADDRESS_VALIDATOR_H_

#include <string>

namespace pinhole {

// For `Option::Check`: the error in an address to listen on, or an empty
// string. Host names are not resolved; a name without an address fails at
// start-up.
std::string CheckHostPort(const std::string& address);
std::string CheckHostPortOrOff(const std::string& address);
std::string CheckHostPortOrUnix(const std::string& address);  // Or unix:PATH.

}  // namespace pinhole

#endif  // PINHOLE_BASE_OPTIONS_ADDRESS_VALIDATOR_H_
