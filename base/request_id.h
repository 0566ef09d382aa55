// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

namespace pinhole {

// The id under which logs mention a request: the client's X-Request-Id if it
// matches [A-Za-z0-9._-]{1,64}, else 32 random hexadecimal digits.
std::string ChooseRequestId(std::string_view given);

}  // namespace pinhole
