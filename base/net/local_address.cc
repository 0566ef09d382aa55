// SPDX-License-Identifier: Apache-2.0

#include "base/net/local_address.h"

#include <arpa/inet.h>

#include <cstddef>

#include "absl/strings/ascii.h"

namespace pinhole {
namespace {

bool IsLoopback(const std::string& host) {
  if (host == "localhost" || host == "[::1]") return true;
  // A name such as 127.example.org is not a loopback address.
  in_addr number{};
  return inet_pton(AF_INET, host.c_str(), &number) == 1 &&
         host.rfind("127.", 0) == 0;
}

}  // namespace

bool IsLocalAddress(const std::string& address) {
  if (address.rfind("unix:", 0) == 0) return true;
  return IsLoopback(address.substr(0, address.rfind(':')));
}

bool IsLoopbackHost(std::string_view host) {
  // A port follows the last colon, unless that colon is within [::1].
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  if (colon != std::string_view::npos &&
      (bracket == std::string_view::npos || bracket < colon)) {
    // Rejects "localhost:1@example.org".
    if (host.find_first_not_of("0123456789", colon + 1) !=
        std::string_view::npos) {
      return false;
    }
    host = host.substr(0, colon);
  }
  return IsLoopback(absl::AsciiStrToLower({host.data(), host.size()}));
}

}  // namespace pinhole
