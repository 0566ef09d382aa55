// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

namespace pinhole {

// Whether `address` (HOST:PORT or unix:PATH) can be reached only from this
// machine.
bool IsLocalAddress(const std::string& address);

// Whether `host`, the HOST[:PORT] of a request, is localhost or a loopback
// address.
bool IsLoopbackHost(std::string_view host);

}  // namespace pinhole
