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
       "Maximum calls per second of one user, with bursts of ten seconds' "
       "worth; 0 means no limit. Requests from loopback are not "
       "rate-limited");
  rate("--address-rate", limits_.rates.per_address,
       "Maximum calls per second from one address (IPv6: one /64), signed in "
       "or not, with bursts of ten seconds' worth; 0 means no limit. Requests "
       "from loopback are not rate-limited");
  count("--max-calls", limits_.max_calls,
        "Maximum concurrent calls and streams of the whole server; further "
        "ones are refused with a request to retry. Health checks are always "
        "answered");
  count("--user-calls", limits_.shares.per_user,
        "Maximum concurrent calls and streams of one user. Requests from "
        "loopback are not limited");
  count("--address-calls", limits_.shares.per_address,
        "Maximum concurrent calls and streams from one address (IPv6: one "
        "/64). Requests from loopback are not limited");
  rate("--address-accounts", limits_.address_accounts,
       "Maximum accounts per hour created from one address (IPv6: one /64); 0 "
       "means no limit. Requests from loopback are not limited");
  count("--grpc-max-connections", limits_.grpc_connections.most,
        "Maximum gRPC connections over TCP; when there are more, those that "
        "have been silent longest are closed. One address (IPv6: one /64) "
        "other than loopback can have at most a quarter of them");
  count("--user-watches", limits_.shares.user_watches,
        "Maximum feed watches that one user can have open");
  count("--user-uploads", limits_.user_uploads,
        "Maximum concurrent uploads of one user");
  app.AddChoice<bool>("--login-throttle", limits_.logins.enabled,
                      {{"on", true}, {"off", false}},
                      "Limit password guesses; off is for measuring only");
}

}  // namespace pinhole::app
