// SPDX-License-Identifier: Apache-2.0

#include "gateway/local_address.h"

#include <arpa/inet.h>

namespace pinhole::gateway {

bool IsLocalAddress(const std::string& address) {
  if (address.rfind("unix:", 0) == 0) return true;
  const std::string host = address.substr(0, address.rfind(':'));
  if (host == "localhost" || host == "[::1]") return true;
  // A name such as 127.example.org can be anywhere.
  in_addr number{};
  return inet_pton(AF_INET, host.c_str(), &number) == 1 &&
         host.rfind("127.", 0) == 0;
}

}  // namespace pinhole::gateway
