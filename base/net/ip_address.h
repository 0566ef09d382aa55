// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pinhole {

// An IPv6 address, or an IPv4 address as ::ffff:a.b.c.d, so that both forms of
// an IPv4 address are equal.
using IpAddress = std::array<std::uint8_t, 16>;

// Parses "192.0.2.1" or "2001:db8::1", with or without a port ("192.0.2.1:5",
// "[2001:db8::1]:5") or a zone ("fe80::1%eth0"), and with brackets as escaped
// by gRPC ("%5B2001:db8::1%5D:5").  Returns nothing for any other text.
std::optional<IpAddress> ParseIpAddress(std::string_view text);

// Formats as "192.0.2.1" or "2001:db8::1".
std::string FormatIpAddress(const IpAddress& address);

bool IsIpv4(const IpAddress& address);
// Whether `address` is in 127.0.0.0/8 or ::1.
bool IsLoopback(const IpAddress& address);
// Whether the first `bits` bits of `a` and `b` are equal.
bool SharePrefix(const IpAddress& a, const IpAddress& b, int bits);

// The key of an address for limits: an IPv4 address itself, or the first 64
// bits of an IPv6 address, since a provider's customer has at least a /64
// network.
std::uint64_t NetworkOf(const IpAddress& address);

// Removes a port from `text`, and brackets around the rest.  Returns `text`
// unchanged if the part after the last colon is not a port.
std::string_view WithoutPort(std::string_view text);

}  // namespace pinhole
