// SPDX-License-Identifier: Apache-2.0

// The settings of the server.  The only place that reads flags, the environment
// and the configuration file.

#pragma once

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
#include "server/app/data/s3_flags.h"
#include "server/app/limit_flags.h"
#include "server/app/profile.h"
#include "server/domain/accounts.h"
#include "server/rpc/grpc/grpc_server.h"

namespace pinhole::app {

enum class Reflection { kAuto, kOn, kOff };

struct Config {
  std::filesystem::path data_dir = "pinhole-data";
  std::vector<std::string> grpc_listen = {"127.0.0.1:50051"};  // Or unix:PATH.
  std::string store;  // URI of a PostgreSQL database; empty: SQLite.
  bool require_synchronous_standby = false;  // Of PostgreSQL, for writes.
  std::filesystem::path media_dir;           // Empty: photos/ in `data_dir`.
  S3Options s3;                      // If enabled, in place of `media_dir`.
  std::filesystem::path backup_dir;  // Empty: backups/ in `data_dir`.
  // Empty: off.
  std::string http_listen = "127.0.0.1:8080";
  std::string metrics_listen = "127.0.0.1:9464";
  bool http_metrics = true;                   // Also serve metrics over HTTP.
  gateway::HttpServer::Options http;          // All but address and services.
  std::optional<rpc::GrpcTlsFiles> grpc_tls;  // Nullopt: plaintext.
  // Auto: if gRPC listens on loopback only.
  Reflection reflection = Reflection::kAuto;

  int loops = 0;           // 0: one for every two cores.
  int hash_threads = 0;    // 0: one for each core.
  int decode_threads = 0;  // 0: one for every two cores, but at least 2.

  CallLimits limits;
  TrustedProxies trusted_proxies;

  // Whether anyone may register an account.
  domain::Registration registration = domain::Registration::kOpen;

  Profile profile;
  bool allow_import = false;  // Let administrators import users.

  LogOptions log;
  DrainTimes drain;
  // A stalled write makes the server not ready.
  absl::Duration disk_stall = absl::Seconds(30);

  std::filesystem::path MediaDir() const {
    return media_dir.empty() ? data_dir / "photos" : media_dir;
  }
  std::filesystem::path BackupDir() const {
    return backup_dir.empty() ? data_dir / "backups" : backup_dir;
  }
  // Whether to serve reflection.
  bool ServesReflection() const;
};

// Values come from flags, else the environment (PINHOLE_DATA_DIR for --data-dir
// and so on), else the file of --config, else the defaults above.
std::variant<Config, ExitRequest> ParseConfig(int argc,
                                              const char* const* argv);

// Checks the TLS files of gRPC.  Errors: INVALID_ARGUMENT.
absl::Status CheckGrpcTls(const Config& config);

// Checks what single values cannot show: the files that the settings name.
// Neither listens nor writes. Errors: INVALID_ARGUMENT, with a message for the
// operator.
absl::Status CheckConfig(const Config& config);

}  // namespace pinhole::app
