// SPDX-License-Identifier: Apache-2.0

#include "base/net/trusted_proxies.h"

#include <algorithm>
#include <charconv>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace pinhole {
namespace {

constexpr int kIpv6Bits = 128;
constexpr int kIpv4Bits = 32;

}  // namespace

absl::StatusOr<TrustedProxies> TrustedProxies::Parse(
    const std::vector<std::string>& texts) {
  TrustedProxies proxies;
  for (const std::string& text : texts) {
    if (text == "unix") {
      proxies.unix_sockets_ = true;
      continue;
    }
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::string host = text.substr(0, slash);
    const auto address = ParseIpAddress(host);
    const bool plain = host.find_first_of("[]%") == std::string::npos &&
                       WithoutPort(host) == host;
    const int most =
        host.find(':') == std::string::npos ? kIpv4Bits : kIpv6Bits;
    int bits = most;
    const char* const end = text.data() + text.size();
    if (slash < text.size()) {
      const auto [rest, error] =
          std::from_chars(text.data() + slash + 1, end, bits);
      if (error != std::errc() || rest != end) bits = -1;
    }
    if (!address || !plain || bits < 0 || bits > most) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", text,
          "\" must be the address or the network of proxies, such as 10.0.0.7 "
          "or 10.0.0.0/8, or \"unix\" for Unix sockets"));
    }
    proxies.networks_.push_back(
        {.address = *address, .bits = bits + kIpv6Bits - most});
  }
  return proxies;
}

bool TrustedProxies::Contain(const IpAddress& address) const {
  return std::any_of(
      networks_.begin(), networks_.end(), [&address](const Network& network) {
        return SharePrefix(network.address, address, network.bits);
      });
}

}  // namespace pinhole
