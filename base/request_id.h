// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_REQUEST_ID_H_
#define PINHOLE_BASE_REQUEST_ID_H_

#include <string>
#include <string_view>

namespace pinhole {

// The id under which logs mention a request: the client's X-Request-Id if it
// matches [A-Za-z0-9._-]{1,64}, else 32 random hexadecimal digits.
std::string ChooseRequestId(std::string_view given);

}  // namespace pinhole

#endif  // PINHOLE_BASE_REQUEST_ID_H_
