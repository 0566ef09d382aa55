// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

namespace pinhole {

// Warns the operator of an untrusted proxy; see ClientAddressResolver.
void WarnOfUntrustedProxy(std::string_view address);

}  // namespace pinhole
