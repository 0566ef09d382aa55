// SPDX-License-Identifier: Apache-2.0

#include "server/app/limit_flags.h"

#include "base/options/choice.h"

namespace pinhole::app {

LimitFlags::LimitFlags(CLI::App& app) {
  const auto number = [&app](const char* flag, const char* variable,
                             auto& value, auto least, auto most,
                             const char* help) {
    app.add_option(flag, value, help)
        ->envname(variable)
        ->check(CLI::Range(least, most))
        ->capture_default_str();
  };
  const auto rate = [&number](const char* flag, const char* variable,
                              double& value, const char* help) {
    number(flag, variable, value, 0.0, 100'000.0, help);
  };
  const auto count = [&number](const char* flag, const char* variable,
                               int& value, const char* help) {
    number(flag, variable, value, 1, 1'000'000, help);
  };
  rate("--user-rate", "PINHOLE_USER_RATE", limits_.rates.per_user,
       "Calls a second of one user, with bursts of ten seconds' "
       "worth; 0 means any number. Requests from loopback are not "
       "limited");
  rate("--address-rate", "PINHOLE_ADDRESS_RATE", limits_.rates.per_address,
       "Calls a second from one address (IPv6: one /64), signed in "
       "or not, with bursts of ten seconds' worth; 0 means any "
       "number. Requests from loopback are not limited");
  count("--max-calls", "PINHOLE_MAX_CALLS", limits_.max_calls,
        "Calls and streams answered at a time; more are told to try "
        "again. Health checks are always answered");
  count("--user-calls", "PINHOLE_USER_CALLS", limits_.shares.per_user,
        "Calls and streams that one user may have under way at a "
        "time. Requests from loopback are not limited");
  count("--address-calls", "PINHOLE_ADDRESS_CALLS", limits_.shares.per_address,
        "Calls and streams that one address (IPv6: one /64) may have "
        "under way at a time. Requests from loopback are not limited");
  rate("--address-accounts", "PINHOLE_ADDRESS_ACCOUNTS",
       limits_.address_accounts,
       "Accounts that one address (IPv6: one /64) may create an "
       "hour; 0 means any number. Requests from loopback are not "
       "limited");
  count("--grpc-max-connections", "PINHOLE_GRPC_MAX_CONNECTIONS",
        limits_.grpc_connections.most,
        "gRPC connections over TCP at a time; when there are more, the "
        "ones that have been silent longest are closed. One address "
        "(IPv6: one /64) other than loopback may have a quarter");
  count("--user-watches", "PINHOLE_USER_WATCHES", limits_.shares.user_watches,
        "Watches of a feed that one user may have open");
  count("--user-uploads", "PINHOLE_USER_UPLOADS", limits_.user_uploads,
        "Uploads that one user may have under way at a time");
  app.add_option("--login-throttle", limits_.logins.enabled,
                 "Slow down password guessing; off is for measuring only")
      ->envname("PINHOLE_LOGIN_THROTTLE")
      ->transform(Choice<bool>({{"on", true}, {"off", false}}))
      ->default_str("on");
}

}  // namespace pinhole::app
