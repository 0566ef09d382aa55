// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

namespace pinhole {

// Validators of listening addresses for `Option::Check`.  Return an error
// message, or an empty string if `address` is valid.  Host names are not
// resolved; an unknown name fails at start-up.
std::string CheckHostPort(const std::string& address);
std::string CheckHostPortOrOff(const std::string& address);
std::string CheckHostPortOrUnix(const std::string& address);

}  // namespace pinhole
