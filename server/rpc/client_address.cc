// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "absl/status/status.h"
#include "fmt/format.h"

namespace pinhole::rpc {
namespace {

constexpr IpAddress kIpv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr int kIpv4Bits = 96;  // Of them.

bool BeginsAlike(const IpAddress& a, const IpAddress& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(a.begin(), a.begin() + bits / 8, b.begin())) return false;
  const int rest = bits % 8;
  return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

bool IsIpv4(const IpAddress& address) {
  return BeginsAlike(address, kIpv4, kIpv4Bits);
}

bool IsLoopback(const IpAddress& address) {
  if (IsIpv4(address)) return address[12] == 127;
  IpAddress loopback = {};
  loopback[15] = 1;
  return address == loopback;
}

std::uint64_t NetworkOf(const IpAddress& address) {
  const std::size_t first = IsIpv4(address) ? 12 : 0;
  const std::size_t count = IsIpv4(address) ? 4 : 8;
  std::uint64_t network = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    network = network << 8 | address[i];
  }
  return network;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool RemovePrefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Without brackets, port and zone.
std::string_view HostOf(std::string_view text) {
  if (RemovePrefix(text, "[") || RemovePrefix(text, "%5B")) {
    text = text.substr(0, std::min(text.find(']'), text.find("%5D")));
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  return text.substr(0, text.find('%'));
}

// Where the walk stands: what it has found, and whether it may go on.
struct Walk {
  ClientAddress client;
  bool trusted = false;
};

Walk At(const IpAddress& address, const TrustedProxies& proxies) {
  const bool local = IsLoopback(address);
  return {.client = {.local = local, .network = NetworkOf(address)},
          .trusted = local || proxies.Contain(address)};
}

Walk AtPeer(std::string_view peer, const TrustedProxies& proxies) {
  if (peer.substr(0, 4) == "unix") {  // "unix:", "unix-abstract:"
    return {.client = {.local = true}, .trusted = true};
  }
  if (!RemovePrefix(peer, "ipv4:")) RemovePrefix(peer, "ipv6:");
  const auto address = ParseIpAddress(peer);
  return address ? At(*address, proxies) : Walk();
}

// Goes on through `list` from its right end while it may.
void Continue(std::string_view list, const TrustedProxies& proxies,
              Walk& walk) {
  while (walk.trusted) {
    const std::size_t comma = list.rfind(',');
    const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
    const auto address = ParseIpAddress(Trim(list.substr(begin)));
    if (!address) {  // It is not to be guessed who came before it.
      walk.trusted = false;
      return;
    }
    walk = At(*address, proxies);
    if (comma == std::string_view::npos) return;
    list = list.substr(0, comma);
  }
}

}  // namespace

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  text = HostOf(text);
  char host[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof(host)) return std::nullopt;
  text.copy(host, text.size());
  IpAddress address = kIpv4;
  if (inet_pton(AF_INET, host, address.data() + 12) == 1) return address;
  if (inet_pton(AF_INET6, host, address.data()) == 1) return address;
  return std::nullopt;
}

absl::StatusOr<TrustedProxies> TrustedProxies::Parse(
    const std::vector<std::string>& texts) {
  TrustedProxies proxies;
  for (const std::string& text : texts) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::string host = text.substr(0, slash);
    const auto address = ParseIpAddress(host);
    const bool plain = HostOf(host) == host;
    const int most = address && IsIpv4(*address) && host.find(':') == host.npos
                         ? 128 - kIpv4Bits
                         : 128;
    int bits = most;
    const char* const end = text.data() + text.size();
    if (slash < text.size()) {
      const auto [rest, error] =
          std::from_chars(text.data() + slash + 1, end, bits);
      if (error != std::errc() || rest != end) bits = -1;
    }
    if (!address || !plain || bits < 0 || bits > most) {
      return absl::InvalidArgumentError(fmt::format(
          "\"{}\" must be an address or a network of the proxies, such as "
          "10.0.0.7 or 10.0.0.0/8",
          text));
    }
    proxies.networks_.push_back(
        {.address = *address, .bits = bits + 128 - most});
  }
  return proxies;
}

bool TrustedProxies::Contain(const IpAddress& address) const {
  return std::any_of(
      networks_.begin(), networks_.end(), [&address](const Network& network) {
        return BeginsAlike(network.address, address, network.bits);
      });
}

ClientAddress FindClient(
    const std::vector<std::pair<std::string, std::string>>& metadata,
    std::string_view peer, const TrustedProxies& proxies) {
  Walk walk = AtPeer(peer, proxies);
  for (auto header = metadata.rbegin();
       walk.trusted && header != metadata.rend(); ++header) {
    if (header->first != "x-forwarded-for") continue;
    Continue(header->second, proxies, walk);
  }
  return walk.client;
}

}  // namespace pinhole::rpc
