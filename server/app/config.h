// SPDX-License-Identifier: Apache-2.0

// Config: what the operator can set.  The only place that reads flags, the
// environment and the file of settings.

#ifndef PINHOLE_SERVER_APP_CONFIG_H_
#define PINHOLE_SERVER_APP_CONFIG_H_

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/log/logging.h"
#include "base/net/trusted_proxies.h"
#include "base/options/drain_flags.h"
#include "base/options/option_sources.h"
#include "gateway/http_server.h"
#include "server/app/limit_flags.h"
#include "server/app/profile.h"
#include "server/domain/accounts.h"
#include "server/rpc/grpc/grpc_server.h"

namespace pinhole::app {

enum class Reflection { kAuto, kOn, kOff };

struct Config {
  std::filesystem::path data_dir = "pinhole-data";
  std::vector<std::string> grpc_listen = {"127.0.0.1:50051"};  // Or unix:PATH.
  std::filesystem::path backup_dir;  // Empty: backups/ in `data_dir`.
  // Empty means off.
  std::string http_listen = "127.0.0.1:8080";
  std::string metrics_listen = "127.0.0.1:9464";
  bool http_metrics = true;                   // On the address of HTTP, too.
  gateway::HttpServer::Options http;          // All but address and services.
  std::optional<rpc::GrpcTlsFiles> grpc_tls;  // Else plain gRPC.
  Reflection reflection = Reflection::kAuto;  // Auto: if all of gRPC is local.

  int loops = 0;           // 0: one for two cores.
  int hash_threads = 0;    // 0: one for each core.
  int decode_threads = 0;  // 0: one for two cores, but at least 2.

  CallLimits limits;
  TrustedProxies trusted_proxies;

  // Whether strangers may register.
  domain::Registration registration = domain::Registration::kOpen;

  Profile profile;
  bool allow_import = false;  // Of users by administrators.

  LogOptions log;
  DrainTimes drain;
  absl::Duration disk_stall = absl::Seconds(30);  // Not ready after it.

  std::filesystem::path BackupDir() const {
    return backup_dir.empty() ? data_dir / "backups" : backup_dir;
  }
  // Whether reflection is to be served.
  bool ServesReflection() const;
};

// Flags, then the environment (PINHOLE_DATA_DIR for --data-dir and so on), then
// the file of --config, then the defaults above.
std::variant<Config, ExitRequest> ParseConfig(int argc,
                                              const char* const* argv);

// Whether the files of gRPC's TLS can be used.  Errors: INVALID_ARGUMENT.
absl::Status CheckGrpcTls(const Config& config);

// What stands in the way of a start although each setting by itself is right:
// the files that they name.  Listens on nothing and writes nothing.
// Errors: INVALID_ARGUMENT, in words for the operator.
absl::Status CheckConfig(const Config& config);

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_CONFIG_H_
