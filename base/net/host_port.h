// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pinhole {

// A host name or number, and a TCP port.
struct HostPort {
  std::string host;  // Without the brackets of an IPv6 address; never empty.
  std::uint16_t port = 0;

  // HOST:PORT, with an IPv6 address in brackets.
  std::string Text() const;
};

// Parses HOST:PORT, where PORT is 0 to 65535 and an IPv6 address must be in
// brackets: "example.org:80", "192.0.2.1:80", "[2001:db8::1]:80".  With
// `default_port`, ":PORT" may be left out.  Does not check that the host exists
// or is well-formed.  Returns nothing if the text has another form.
std::optional<HostPort> ParseHostPort(
    std::string_view text,
    std::optional<std::uint16_t> default_port = std::nullopt);

}  // namespace pinhole
