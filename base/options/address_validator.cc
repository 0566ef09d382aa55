// SPDX-License-Identifier: Apache-2.0

#include "base/options/address_validator.h"

#include <string>

#include "base/net/host_port.h"
#include "fmt/format.h"

namespace pinhole {
namespace {

bool IsHostPort(const std::string& address) {
  // gRPC takes unix:80 for a path.
  return !address.starts_with("unix:") && ParseHostPort(address);
}

// Empty means good.
std::string Rule(bool good, const std::string& address, const char* forms) {
  return good ? ""
              : fmt::format(
                    "'{}' must be {}, for example 127.0.0.1:8080 or [::1]:8080",
                    address, forms);
}

}  // namespace

std::string CheckHostPort(const std::string& address) {
  return Rule(IsHostPort(address), address, "HOST:PORT");
}

std::string CheckHostPortOrOff(const std::string& address) {
  return Rule(address == "off" || IsHostPort(address), address,
              "HOST:PORT or off");
}

std::string CheckHostPortOrUnix(const std::string& address) {
  const bool path = address.starts_with("unix:") && address.size() > 5;
  return Rule(path || IsHostPort(address), address, "HOST:PORT or unix:PATH");
}

}  // namespace pinhole
