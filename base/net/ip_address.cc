// SPDX-License-Identifier: Apache-2.0

#include "base/net/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace pinhole {
namespace {

constexpr IpAddress kIpv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr int kIpv4Bits = 96;

bool RemovePrefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Whether `text` is empty or ":" and digits.
bool IsPort(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() != ':') return false;
  return std::all_of(text.begin() + 1, text.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::uint64_t NetworkOf(const IpAddress& address) {
  const std::size_t first = IsIpv4(address) ? 12 : 0;
  const std::size_t count = IsIpv4(address) ? 4 : 8;
  std::uint64_t network = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    network = network << 8 | address[i];
  }
  return network;
}

std::string_view WithoutPort(std::string_view text) {
  std::string_view rest = text;
  const bool escaped = RemovePrefix(rest, "%5B");
  if (escaped || RemovePrefix(rest, "[")) {
    const std::string_view close = escaped ? "%5D" : "]";
    const std::size_t end = rest.find(close);
    if (end == std::string_view::npos) return text;
    return IsPort(rest.substr(end + close.size())) ? rest.substr(0, end) : text;
  }
  const std::size_t colon = text.find(':');
  if (colon != text.rfind(':')) return text;  // IPv6 without a port.
  if (colon == std::string_view::npos) return text;
  return IsPort(text.substr(colon)) ? text.substr(0, colon) : text;
}

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  text = WithoutPort(text);
  text = text.substr(0, text.find('%'));
  char host[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof(host)) return std::nullopt;
  // inet_pton stops at a NUL byte.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  text.copy(host, text.size());
  IpAddress address = kIpv4;
  if (inet_pton(AF_INET, host, address.data() + 12) == 1) return address;
  if (inet_pton(AF_INET6, host, address.data()) == 1) return address;
  return std::nullopt;
}

std::string FormatIpAddress(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const bool ipv4 = IsIpv4(address);
  inet_ntop(ipv4 ? AF_INET : AF_INET6, address.data() + (ipv4 ? 12 : 0), text,
            sizeof(text));
  return text;
}

bool IsIpv4(const IpAddress& address) {
  return SharePrefix(address, kIpv4, kIpv4Bits);
}

bool IsLoopback(const IpAddress& address) {
  if (IsIpv4(address)) return address[12] == 127;
  IpAddress loopback = {};
  loopback[15] = 1;
  return address == loopback;
}

bool SharePrefix(const IpAddress& a, const IpAddress& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(a.begin(), a.begin() + bits / 8, b.begin())) return false;
  const int rest = bits % 8;
  return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

}  // namespace pinhole
