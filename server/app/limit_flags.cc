// SPDX-License-Identifier: Apache-2.0

#include "server/app/limit_flags.h"

namespace pinhole::app {

LimitFlags::LimitFlags(CliCommand app) {
  const auto rate = [&app](const char* flag, double& value, const char* help) {
    app.Add(flag, value, help).Range(0.0, 100'000.0).ShowDefault();
  };
  const auto count = [&app](const char* flag, int& value, const char* help) {
    app.Add(flag, value, help).Range(1, 1'000'000).ShowDefault();
  };
  rate("--user-rate", limits_.rates.per_user,
       "Calls a second of one user, with bursts of ten seconds' "
       "worth; 0 means any number. Requests from loopback are not "
       "limited");
  rate("--address-rate", limits_.rates.per_address,
       "Calls a second from one address (IPv6: one /64), signed in "
       "or not, with bursts of ten seconds' worth; 0 means any "
       "number. Requests from loopback are not limited");
  count("--max-calls", limits_.max_calls,
        "Calls and streams answered at a time; more are told to try "
        "again. Health checks are always answered");
  count("--user-calls", limits_.shares.per_user,
        "Calls and streams that one user may have under way at a "
        "time. Requests from loopback are not limited");
  count("--address-calls", limits_.shares.per_address,
        "Calls and streams that one address (IPv6: one /64) may have "
        "under way at a time. Requests from loopback are not limited");
  rate("--address-accounts", limits_.address_accounts,
       "Accounts that one address (IPv6: one /64) may create an "
       "hour; 0 means any number. Requests from loopback are not "
       "limited");
  count("--grpc-max-connections", limits_.grpc_connections.most,
        "gRPC connections over TCP at a time; when there are more, the "
        "ones that have been silent longest are closed. One address "
        "(IPv6: one /64) other than loopback may have a quarter");
  count("--user-watches", limits_.shares.user_watches,
        "Watches of a feed that one user may have open");
  count("--user-uploads", limits_.user_uploads,
        "Uploads that one user may have under way at a time");
  app.AddChoice<bool>("--login-throttle", limits_.logins.enabled,
                      {{"on", true}, {"off", false}},
                      "Slow down password guessing; off is for measuring only");
}

}  // namespace pinhole::app
