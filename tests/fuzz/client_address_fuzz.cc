// SPDX-License-Identifier: Apache-2.0

// X-Forwarded-For: what a stranger says to the left of the last proxy that is
// believed makes no difference, and several headers say what one would.  An
// input is the header's list.

#include <arpa/inet.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/net/client_address.h"
#include "tests/fuzz/fuzz.h"

namespace pinhole::v1 {
namespace {

using gateway::Expect;

constexpr char kProxy[] = "ipv4:10.1.2.3:4567";  // Trusted.
constexpr char kStranger[] = "ipv4:192.0.2.1:4567";
constexpr char kLoopback[] = "ipv4:127.0.0.1:4567";
constexpr char kHeader[] = "x-forwarded-for";

const TrustedProxies& Proxies() {
  static const auto& proxies = *new TrustedProxies(
      TrustedProxies::Parse({"10.0.0.0/8", "2001:db8::/32"}).value());
  return proxies;
}

const ClientAddressResolver& Finder() {
  static const auto& finder = *new ClientAddressResolver(Proxies());
  return finder;
}

ClientAddress Find(const std::vector<std::string>& lists,
                   std::string_view peer) {
  std::vector<std::pair<std::string, std::string>> metadata;
  for (const std::string& list : lists) metadata.emplace_back(kHeader, list);
  return Finder().Find(metadata, peer, "photos.example");
}

bool Same(const ClientAddress& a, const ClientAddress& b) {
  return a.local == b.local && a.network == b.network;
}

void CheckAddress(std::string_view text) {
  const auto address = ParseIpAddress(text);
  if (!address) return;
  char printed[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, address->data(), printed, sizeof(printed));
  Expect(ParseIpAddress(printed) == address,
         "an address that is written again is the same", text);
}

void Check(const std::string& list) {
  CheckAddress(list);
  const ClientAddress client = Find({list}, kProxy);
  Expect(!client.local, "no header makes a caller elsewhere local", list);
  Expect(Same(Find({list}, kStranger), Find({}, kStranger)),
         "nobody else is believed", list);
  const ClientAddress here = Finder().Find({{kHeader, list}}, kLoopback, "");
  Expect(!here.local && here.network == 0,
         "loopback is not believed unless it is named", list);
  if (IsLocalHost(list) && ParseIpAddress(list)) {
    Expect(IsLoopback(*ParseIpAddress(list)), "a local host is loopback", list);
  }
  for (std::size_t comma = list.find(','); comma != std::string::npos;
       comma = list.find(',', comma + 1)) {
    Expect(Same(Find({list.substr(0, comma), list.substr(comma + 1)}, kProxy),
                client),
           "two headers say what one would", list);
  }
  const std::size_t comma = list.rfind(',');
  const std::string last =
      list.substr(comma == std::string::npos ? 0 : comma + 1);
  CheckAddress(last);
  const bool plain = last.find_first_of(" \t") == std::string::npos;
  const auto address = ParseIpAddress(last);
  if (!plain || !address || Proxies().Contain(*address)) return;
  const ClientAddress alone = Find({last}, kProxy);
  Expect(
      Same(client, alone) && Same(Find({"192.0.2.9, " + list}, kProxy), client),
      "what is left of the first stranger makes no difference", list);
}

}  // namespace
}  // namespace pinhole::v1

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pinhole::v1::Check(std::string(pinhole::gateway::Text(data, size)));
  return 0;
}
