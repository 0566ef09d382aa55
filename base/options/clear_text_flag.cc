// SPDX-License-Identifier: Apache-2.0

#include "base/options/clear_text_flag.h"

#include "base/net/local_address.h"
#include "fmt/format.h"

namespace pinhole {

ClearTextFlag::ClearTextFlag(CliCommand app) {
  app.AddFlag(
      "--clear-text-on-network", on_network_,
      "Allow listeners without TLS on addresses that other machines can "
      "reach: passwords and session tokens can then be read on the "
      "network");
}

absl::Status ClearTextFlag::Check(std::string_view option,
                                  const std::string& listen,
                                  std::string_view certificate) const {
  if (on_network_ || IsLocalAddress(listen)) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "{} {} can be reached from other machines and has no TLS, so passwords "
      "and session tokens could be read on the network; listen on 127.0.0.1 "
      "behind a proxy, set {}, or add --clear-text-on-network to allow this",
      option, listen, certificate));
}

}  // namespace pinhole
