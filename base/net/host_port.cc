// SPDX-License-Identifier: Apache-2.0

#include "base/net/host_port.h"

#include <charconv>
#include <cstddef>
#include <system_error>

#include "fmt/format.h"

namespace pinhole {
namespace {

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return port;
}

}  // namespace

std::string HostPort::Text() const {
  return host.find(':') == std::string::npos
             ? fmt::format("{}:{}", host, port)
             : fmt::format("[{}]:{}", host, port);
}

std::optional<HostPort> ParseHostPort(
    std::string_view text, std::optional<std::uint16_t> default_port) {
  const bool bracketed = !text.empty() && text.front() == '[';
  if (bracketed) text.remove_prefix(1);
  const std::size_t end = text.find(bracketed ? ']' : ':');
  if (bracketed && end == std::string_view::npos) return std::nullopt;
  const std::string_view host = text.substr(0, end);
  if (host.empty()) return std::nullopt;
  std::string_view rest;
  if (end != std::string_view::npos) rest = text.substr(end + bracketed);
  if (rest.empty() && default_port)
    return HostPort{std::string(host), *default_port};
  if (rest.empty() || rest.front() != ':') return std::nullopt;
  const auto port = ParsePort(rest.substr(1));
  if (!port) return std::nullopt;
  return HostPort{std::string(host), *port};
}

}  // namespace pinhole
