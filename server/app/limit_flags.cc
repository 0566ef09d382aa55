// SPDX-License-Identifier: Apache-2.0

#include "server/app/limit_flags.h"

#include "gateway/choice.h"

namespace pinhole::app {
LimitFlags::LimitFlags(CLI::App& app) {
  app.add_option("--user-rate", limits_.rates.per_user,
                 "Calls a second of one user, with bursts of ten seconds' "
                 "worth; 0 means any number. Requests from loopback are not "
                 "limited")
      ->envname("PINHOLE_USER_RATE")
      ->check(CLI::Range(0.0, 100'000.0))
      ->capture_default_str();
  app.add_option("--address-rate", limits_.rates.per_address,
                 "Calls a second from one address (IPv6: one /64), signed in "
                 "or not, with bursts of ten seconds' worth; 0 means any "
                 "number. Requests from loopback are not limited")
      ->envname("PINHOLE_ADDRESS_RATE")
      ->check(CLI::Range(0.0, 100'000.0))
      ->capture_default_str();
  app.add_option("--max-calls", limits_.max_calls,
                 "Calls and streams answered at a time; more are told to try "
                 "again. Health checks are always answered")
      ->envname("PINHOLE_MAX_CALLS")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--user-calls", limits_.shares.per_user,
                 "Calls and streams that one user may have under way at a "
                 "time. Requests from loopback are not limited")
      ->envname("PINHOLE_USER_CALLS")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--address-calls", limits_.shares.per_address,
                 "Calls and streams that one address (IPv6: one /64) may have "
                 "under way at a time. Requests from loopback are not limited")
      ->envname("PINHOLE_ADDRESS_CALLS")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--address-accounts", limits_.address_accounts,
                 "Accounts that one address (IPv6: one /64) may create an "
                 "hour; 0 means any number. Requests from loopback are not "
                 "limited")
      ->envname("PINHOLE_ADDRESS_ACCOUNTS")
      ->check(CLI::Range(0.0, 100'000.0))
      ->capture_default_str();
  app.add_option(
         "--grpc-max-connections", limits_.grpc_connections.most,
         "gRPC connections over TCP at a time; when there are more, the "
         "ones that have been silent longest are closed. One address "
         "(IPv6: one /64) other than loopback may have a quarter")
      ->envname("PINHOLE_GRPC_MAX_CONNECTIONS")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--user-watches", limits_.shares.user_watches,
                 "Watches of a feed that one user may have open")
      ->envname("PINHOLE_USER_WATCHES")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--user-uploads", limits_.user_uploads,
                 "Uploads that one user may have under way at a time")
      ->envname("PINHOLE_USER_UPLOADS")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--login-throttle", limits_.logins.enabled,
                 "Slow down who guesses passwords; off is for measuring only")
      ->envname("PINHOLE_LOGIN_THROTTLE")
      ->transform(gateway::Choice<bool>({{"on", true}, {"off", false}}))
      ->default_str("on");
}

}  // namespace pinhole::app
