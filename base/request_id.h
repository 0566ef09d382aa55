// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_REQUEST_ID_H_
#define PINHOLE_BASE_REQUEST_ID_H_

#include <string>
#include <string_view>

namespace pinhole {

// Whether `text` is accepted as the x-request-id of a client: it must match
// [A-Za-z0-9._-]{1,64}.
bool IsRequestId(std::string_view text);

// Returns a new random identifier of 32 hexadecimal digits.  Not
// cryptographically secure.
std::string NewRequestId();

}  // namespace pinhole

#endif  // PINHOLE_BASE_REQUEST_ID_H_
