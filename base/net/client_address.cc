// SPDX-License-Identifier: Apache-2.0

#include "base/net/client_address.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace pinhole {
namespace {

constexpr std::size_t kMaxReports = 8;
constexpr std::string_view kForwardedFor = "x-forwarded-for";

std::string_view Trim(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

absl::string_view ForAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

bool AnyForwarding(const ClientAddressResolver::Headers& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    return IsForwardingHeader(header.first);
  });
}

}  // namespace

std::string ClientAddress::Text() const {
  if (local) return "127.0.0.1";
  return address ? FormatIpAddress(*address) : "unknown";
}

bool IsForwardingHeader(std::string_view name) {
  constexpr std::array<std::string_view, 8> kNames = {
      "forwarded",   "forwarded-for",      "via",
      "x-real-ip",   "true-client-ip",     "cf-connecting-ip",
      "x-client-ip", "x-cluster-client-ip"};
  return absl::StartsWith(ForAbsl(name), "x-forwarded") ||
         absl::StartsWith(ForAbsl(name), "x-original-forwarded") ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool IsLocalHost(std::string_view host) {
  host = WithoutPort(Trim(host));
  if (host.empty()) return true;
  if (const auto address = ParseIpAddress(host)) return IsLoopback(*address);
  if (host.back() == '.') host.remove_suffix(1);
  // RFC 6761, section 6.3: names below localhost are loopback, too.
  return absl::EqualsIgnoreCase(ForAbsl(host), "localhost") ||
         absl::EndsWithIgnoreCase(ForAbsl(host), ".localhost");
}

ClientAddressResolver::ClientAddressResolver(
    TrustedProxies proxies, OnUntrustedProxy on_untrusted_proxy)
    : proxies_(std::move(proxies)),
      on_untrusted_proxy_(std::move(on_untrusted_proxy)) {}

ClientAddress ClientAddressResolver::ToClient(const Hop& hop) {
  if (!hop.address) return {};
  return {.network = NetworkOf(*hop.address), .address = hop.address};
}

ClientAddressResolver::Hop ClientAddressResolver::At(
    const IpAddress& address) const {
  return {.address = address,
          .local = IsLoopback(address),
          .trusted = proxies_.Contain(address)};
}

ClientAddressResolver::Hop ClientAddressResolver::AtPeer(
    std::string_view peer) const {
  if (absl::StartsWith(ForAbsl(peer), "unix")) {  // "unix:", "unix-abstract:"
    return {.address = std::nullopt,
            .local = true,
            .trusted = proxies_.contain_unix_sockets()};
  }
  const std::size_t scheme = peer.find(':');
  const auto address = ParseIpAddress(
      peer.substr(scheme == std::string_view::npos ? 0 : scheme + 1));
  return address ? At(*address) : Hop();
}

ClientAddressResolver::Hop ClientAddressResolver::Follow(
    Hop hop, const Headers& headers) const {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (header->first != kForwardedFor) continue;
    std::string_view list = header->second;
    for (bool more = true; more;) {
      if (!hop.trusted) return hop;
      const std::size_t comma = list.rfind(',');
      more = comma != std::string_view::npos;
      const auto address =
          ParseIpAddress(Trim(list.substr(more ? comma + 1 : 0)));
      if (!address) return {};  // The client cannot be determined.
      hop = At(*address);
      if (more) list = list.substr(0, comma);
    }
  }
  return hop;
}

ClientAddress ClientAddressResolver::Find(const Headers& headers,
                                          std::string_view peer,
                                          std::string_view host) const {
  const Hop from = AtPeer(peer);
  const bool forwarded = AnyForwarding(headers);
  const bool for_local_host = !forwarded && IsLocalHost(host);
  if (from.local && for_local_host) return {.local = true};
  if (!from.trusted && (forwarded || from.local)) ReportUntrusted(from);
  if (from.trusted) return ToClient(Follow(from, headers));
  // An untrusted proxy on this machine hides the address of its clients.
  return from.local ? ClientAddress() : ToClient(from);
}

void ClientAddressResolver::ReportUntrusted(const Hop& proxy) const {
  if (!on_untrusted_proxy_ || (!proxy.local && !proxy.address)) return;
  const std::string address =
      proxy.address ? FormatIpAddress(*proxy.address) : "unix";
  {
    absl::MutexLock lock(&mutex_);
    if (reported_.size() >= kMaxReports || !reported_.insert(address).second)
      return;
  }
  on_untrusted_proxy_(address);
}

}  // namespace pinhole
