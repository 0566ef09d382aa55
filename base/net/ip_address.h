// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_NET_IP_ADDRESS_H_
#define PINHOLE_BASE_NET_IP_ADDRESS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pinhole {

// IPv4 addresses are kept in their IPv6 form, ::ffff:a.b.c.d, so that both
// spellings of an address are equal.
using IpAddress = std::array<std::uint8_t, 16>;

// Parses "192.0.2.1" or "2001:db8::1", with or without a port ("192.0.2.1:5",
// "[2001:db8::1]:5") or a zone ("fe80::1%eth0"), and with the brackets as
// gRPC escapes them ("%5B2001:db8::1%5D:5").  Anything else is no address.
std::optional<IpAddress> ParseIpAddress(std::string_view text);

// "192.0.2.1" or "2001:db8::1".
std::string FormatIpAddress(const IpAddress& address);

bool IsIpv4(const IpAddress& address);
// 127.0.0.0/8 and ::1.
bool IsLoopback(const IpAddress& address);
// Whether the first `bits` bits of both are equal.
bool SharePrefix(const IpAddress& a, const IpAddress& b, int bits);

// The number under which limits count an address: an IPv4 address itself, or
// the first 64 bits of an IPv6 address, since a customer of a provider has at
// least that many addresses.
std::uint64_t NetworkOf(const IpAddress& address);

// `text` without a port, and without brackets around the rest.  Unchanged if
// what follows the last colon is not a port.
std::string_view WithoutPort(std::string_view text);

}  // namespace pinhole

#endif  // PINHOLE_BASE_NET_IP_ADDRESS_H_
