// SPDX-License-Identifier: Apache-2.0

#include "base/net/local_address.h"

#include "absl/strings/match.h"
#include "base/net/host_port.h"
#include "base/net/ip_address.h"

namespace pinhole {
namespace {

bool IsOfLoopback(const std::optional<HostPort>& address) {
  if (!address) return false;
  if (absl::EqualsIgnoreCase(address->host, "localhost")) return true;
  // A name such as 127.example.org can be anywhere.
  const auto number = ParseIpAddress(address->host);
  return number && IsLoopback(*number);
}

}  // namespace

bool IsLocalAddress(const std::string& address) {
  return address.starts_with("unix:") || IsOfLoopback(ParseHostPort(address));
}

bool IsLoopbackHost(std::string_view host) {
  return IsOfLoopback(ParseHostPort(host, 0));
}

}  // namespace pinhole
