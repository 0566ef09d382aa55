// SPDX-License-Identifier: Apache-2.0

#include "server/domain/text/token_signer.h"

#include "absl/strings/escaping.h"
#include "server/auth/token.h"

namespace pinhole::domain {
namespace {

// version (1 byte) | payload | MAC (16 bytes)
constexpr char kVersion = 1;
constexpr std::size_t kMacBytes = 16;

}  // namespace

TokenSigner::TokenSigner(const Store& store) : store_(store) {}

std::string TokenSigner::Sign(std::string_view context,
                              std::string_view payload) const {
  std::string sealed(1, kVersion);
  sealed += payload;
  sealed += MacOf(context, payload);
  return absl::WebSafeBase64Escape(sealed);
}

std::optional<std::string> TokenSigner::Verify(std::string_view context,
                                               std::string_view token) const {
  std::string sealed;
  if (!absl::WebSafeBase64Unescape({token.data(), token.size()}, &sealed) ||
      sealed.size() < 1 + kMacBytes || sealed[0] != kVersion) {
    return std::nullopt;
  }
  std::string payload = sealed.substr(1, sealed.size() - 1 - kMacBytes);
  const std::string_view mac =
      std::string_view(sealed).substr(1 + payload.size());
  if (!auth::EqualInConstantTime(mac, MacOf(context, payload))) {
    return std::nullopt;
  }
  return payload;
}

std::string TokenSigner::MacOf(std::string_view context,
                               std::string_view payload) const {
  return auth::Mac(store_.secret(),
                   auth::Digest({"seal", {&kVersion, 1}, context, payload}),
                   kMacBytes);
}

}  // namespace pinhole::domain
