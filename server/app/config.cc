// SPDX-License-Identifier: Apache-2.0

#include "server/app/config.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "base/log/log_flags.h"
#include "base/net/local_address.h"
#include "base/options/address_validator.h"
#include "base/options/clear_text_flag.h"
#include "base/options/cli_command.h"
#include "base/options/drain_flags.h"
#include "base/options/metrics_flags.h"
#include "base/options/option_sources.h"
#include "fmt/format.h"
#include "gateway/connection/tls.h"
#include "gateway/http_flags.h"
#include "server/app/commands/commands.h"
#include "server/store/postgres/db/connection_uri.h"

namespace pinhole::app {

namespace {

void AddListeners(CliCommand app, Config& config) {
  app.Add("--grpc-listen", config.grpc_listen,
          "Addresses for gRPC, separated by commas: HOST:PORT or unix:PATH; "
          "port 0 picks a free port")
      .CommaSeparated()
      .Check(CheckHostPortOrUnix, "HOST:PORT")
      .ShowDefault();
  app.Add("--http-listen", config.http_listen,
          "Address for JSON over HTTP, or off to disable it")
      .Check(CheckHostPortOrOff, "HOST:PORT|off")
      .ShowDefault();
  app.Add("--metrics-listen", config.metrics_listen,
          "Address that serves Prometheus metrics at /metrics, or off to "
          "disable it")
      .Check(CheckHostPortOrOff, "HOST:PORT|off")
      .ShowDefault();
  app.AddChoice<Reflection>(
      "--reflection", config.reflection,
      {{"auto", Reflection::kAuto},
       {"on", Reflection::kOn},
       {"off", Reflection::kOff}},
      "Whether to serve gRPC server reflection; auto serves it if gRPC "
      "listens on loopback only");
}

void AddGrpcTls(CliCommand app, rpc::GrpcTlsFiles& tls) {
  Option certificate =
      app.Add("--grpc-tls-certificate", tls.certificate,
              "PEM file with the certificate of gRPC and its chain; enables "
              "TLS for gRPC on every address except unix:PATH. The files of "
              "all --grpc-tls options are reloaded when they change")
          .ExistingFile();
  Option key =
      app.Add("--grpc-tls-key", tls.key,
              "PEM file with the private key of --grpc-tls-certificate")
          .ExistingFile();
  app.Add("--grpc-tls-client-ca", tls.client_authorities,
          "PEM file with certificate authorities; gRPC clients must present "
          "a certificate that one of them has issued")
      .ExistingFile()
      .Needs(certificate);
  certificate.Needs(key);
  key.Needs(certificate);
}

void AddRegistration(CliCommand app, domain::Registration& registration) {
  app.AddChoice<domain::Registration>(
      "--registration", registration,
      {{"open", domain::Registration::kOpen},
       {"closed", domain::Registration::kClosed}},
      "Whether accounts can be registered by anyone (open) or by nobody "
      "(closed). Administrators can import users in either case "
      "(--allow-import)");
}

// The name states the consequence, so that nobody sets it unaware.
constexpr char kGrpcOnNetwork[] = "--grpc-on-network-despite-floods";

void AddGrpcOnNetwork(CliCommand app, bool& on_network) {
  app.AddFlag(kGrpcOnNetwork, on_network,
              "Allow a --grpc-listen address that other machines can reach. "
              "gRPC 1.51 does not limit HTTP/2 rapid resets and endless "
              "CONTINUATION frames, so any client that reaches it directly "
              "can exhaust the memory within seconds; a proxy in front "
              "prevents that");
}

absl::Status CheckGrpcOnNetwork(const Config& config, bool on_network) {
  if (on_network) return absl::OkStatus();
  for (const std::string& address : config.grpc_listen) {
    if (IsLocalAddress(address)) continue;
    return absl::InvalidArgumentError(fmt::format(
        "--grpc-listen {} can be reached from other machines, and gRPC 1.51 "
        "does not limit HTTP/2 rapid resets and endless CONTINUATION frames, "
        "so any client can exhaust the memory; listen on 127.0.0.1 or "
        "unix:PATH behind a proxy (docker/proxy/README.md), or add {} to "
        "accept the risk",
        address, kGrpcOnNetwork));
  }
  return absl::OkStatus();
}

absl::Status CheckClearText(const Config& config, const ClearTextFlag& flag) {
  if (!config.http_listen.empty() && !config.http.tls) {
    absl::Status status =
        flag.Check("--http-listen", config.http_listen, "--tls-certificate");
    if (!status.ok()) return status;
  }
  if (config.grpc_tls) return absl::OkStatus();
  for (const std::string& address : config.grpc_listen) {
    absl::Status status =
        flag.Check("--grpc-listen", address, "--grpc-tls-certificate");
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

struct ImportFlags {
  bool allow = false;
  bool on_network = false;
};

void AddImport(CliCommand app, ImportFlags& flags) {
  app.AddFlag("--allow-import", flags.allow,
              "Allow administrators to create users and sessions in bulk "
              "(AdminService.ImportUsers); for measuring only");
  app.AddFlag("--allow-import-on-network", flags.on_network,
              "Accept --allow-import even if other machines can reach gRPC or "
              "HTTP");
}

// A flag left over from measuring must not reach a public server.
absl::Status CheckImport(const Config& config, const ImportFlags& flags) {
  if (!flags.allow || flags.on_network) return absl::OkStatus();
  std::vector<std::pair<const char*, std::string>> listeners;
  for (const std::string& address : config.grpc_listen) {
    listeners.emplace_back("--grpc-listen", address);
  }
  if (!config.http_listen.empty()) {
    listeners.emplace_back("--http-listen", config.http_listen);
  }
  for (const auto& [flag, address] : listeners) {
    if (IsLocalAddress(address)) continue;
    return absl::InvalidArgumentError(fmt::format(
        "--allow-import: {} {} can be reached from other machines; listen on "
        "127.0.0.1, leave --allow-import out, or add "
        "--allow-import-on-network to accept the risk",
        flag, address));
  }
  return absl::OkStatus();
}

// Everything in the directory of uploads in progress is removed at a start.
absl::Status CheckMediaDir(const Config& config) {
  std::error_code error;
  const auto canonical = [&error](const std::filesystem::path& path) {
    return std::filesystem::weakly_canonical(path, error);
  };
  const auto inside = canonical(config.MediaDir())
                          .lexically_relative(canonical(config.data_dir));
  if (error || inside.empty() || *inside.begin() != "tmp") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("--media-dir {} is in the directory of uploads in progress, "
                  "whose content "
                  "is removed at each start; choose another directory",
                  config.media_dir.string()));
}

absl::Status CheckS3(const Config& config) {
  if (!config.s3.enabled()) {
    if (!config.s3.redirects) return absl::OkStatus();
    return absl::InvalidArgumentError("--s3-redirects needs --media");
  }
  if (!config.media_dir.empty()) {
    return absl::InvalidArgumentError(
        "--media and --media-dir exclude each other; photos are either in a "
        "bucket or in a directory");
  }
  const auto bucket = media::s3::ResolveBucket(config.s3.bucket);
  return bucket.ok() ? FindCredentials(config.s3).status() : bucket.status();
}

void AddThreads(CliCommand app, Config& config) {
  const auto add = [&app](const char* flag, int& value, const char* help) {
    app.Add(flag, value, help).Range(0, 256).ShowDefault();
  };
  add("--loops", config.loops,
      "Number of threads that process calls; 0 means one for every two "
      "cores");
  add("--hash-threads", config.hash_threads,
      "Number of threads that hash passwords; 0 means one for each core");
  add("--decode-threads", config.decode_threads,
      "Number of processes that decode pictures; 0 means one for every two "
      "cores, but at least two");
}

void AddDiskStall(CliCommand app, double& seconds) {
  app.Add("--disk-stall-seconds", seconds,
          "Seconds that a write to the disk can take before the server "
          "reports that it is not ready")
      .Range(0.1, 3600.0)
      .ShowDefault();
}

Config Finish(Config config) {
  if (config.http_listen == "off") config.http_listen.clear();
  if (config.metrics_listen == "off") config.metrics_listen.clear();
  return config;
}

}  // namespace

bool Config::ServesReflection() const {
  if (reflection != Reflection::kAuto) return reflection == Reflection::kOn;
  return std::all_of(grpc_listen.begin(), grpc_listen.end(), IsLocalAddress);
}

absl::Status CheckGrpcTls(const Config& config) {
  if (!config.grpc_tls) return absl::OkStatus();
  const auto pair =
      gateway::Tls::Load({.certificate = config.grpc_tls->certificate,
                          .key = config.grpc_tls->key});
  if (!pair.ok()) return pair.status();
  if (config.grpc_tls->client_authorities.empty()) return absl::OkStatus();
  return gateway::CheckAuthorities(config.grpc_tls->client_authorities);
}

absl::Status CheckConfig(const Config& config) {
  if (!config.store.empty()) {
    if (absl::Status status = postgres::CheckUri(config.store); !status.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("--store: {}", std::string(status.message())));
    }
  } else if (config.require_synchronous_standby) {
    return absl::InvalidArgumentError(
        "--require-synchronous-standby needs --store postgres://...");
  }
  for (const auto& [flag, folder] : {std::pair{"--data-dir", config.data_dir},
                                     {"--media-dir", config.MediaDir()},
                                     {"--backup-dir", config.BackupDir()}}) {
    std::error_code error;
    if (std::filesystem::exists(folder, error) &&
        !std::filesystem::is_directory(folder, error)) {
      return absl::InvalidArgumentError(
          fmt::format("{}: {} is not a directory", flag, folder.string()));
    }
  }
  for (absl::Status status : {CheckMediaDir(config), CheckS3(config)}) {
    if (!status.ok()) return status;
  }
  if (absl::Status status = CheckGrpcTls(config); !status.ok()) {
    return status;
  }
  if (config.http_listen.empty()) return absl::OkStatus();
  gateway::HttpServer::Options http = config.http;
  http.listen = config.http_listen;
  return gateway::HttpServer::Check(http);
}

std::variant<Config, ExitRequest> ParseConfig(int argc,
                                              const char* const* argv) {
  Config config;
  double disk_stall_seconds = absl::ToDoubleSeconds(config.disk_stall);
  CommandLine app("pinhole-server",
                  "Pinhole, a photo-sharing server: gRPC, JSON over HTTP, "
                  "metrics",
                  "pinhole-server " PINHOLE_VERSION);
  OptionSources sources(app);
  app.Add("--data-dir", config.data_dir,
          "Directory for the database, uploads in progress and, without "
          "--media-dir, the photos; created if missing")
      .ShowDefault();
  app.Add("--media-dir", config.media_dir,
          "Directory for the photos, which can be on another file system; "
          "created if missing. By default photos/ in --data-dir");
  AddS3Flags(app, config.s3);
  app.AddFlag(
      "--s3-redirects", config.s3.redirects,
      "Answer downloads of renditions that everyone can see with a "
      "redirect to the bucket of --media, valid for one minute; clients "
      "of the JSON API must be able to connect to --s3-endpoint. Clients "
      "of the gRPC API and scripts of web pages still get the bytes");
  app.Add(
      "--backup-dir", config.backup_dir,
      "Directory for backups that administrators request; by default backups/ "
      "in --data-dir");
  app.Add("--store", config.store,
          "PostgreSQL database, as postgres://USER@HOST[,HOST...]/DATABASE, "
          "which several servers can share; by default a SQLite database in "
          "--data-dir");
  app.AddFlag("--require-synchronous-standby",
              config.require_synchronous_standby,
              "Refuse writes while PostgreSQL has no synchronous standby; "
              "otherwise a failure of the primary can lose acknowledged "
              "writes");
  app.Footer(CommandsHelp());
  AddListeners(app, config);
  rpc::GrpcTlsFiles grpc_tls;
  AddGrpcTls(app, grpc_tls);
  bool grpc_on_network = false;
  AddGrpcOnNetwork(app, grpc_on_network);
  gateway::HttpFlags http(app);
  const ClearTextFlag clear_text(app);
  LimitFlags limits(app);
  MetricsFlags metrics(app);
  AddThreads(app, config);
  LogFlags log(app);
  ProfileFlags profile(app);
  AddRegistration(app, config.registration);
  ImportFlags import;
  AddImport(app, import);
  DrainFlags drain(app);
  AddDiskStall(app, disk_stall_seconds);
  if (auto exit = sources.Parse(argc, argv)) return *std::move(exit);
  if (!grpc_tls.certificate.empty()) config.grpc_tls = grpc_tls;
  config.http = http.Resolve();
  config.trusted_proxies = http.trusted_proxies();
  config.log = log.Resolve();
  config.http_metrics = metrics.OnHttp(config.http_listen);
  config.http.metrics_for_loopback_only = metrics.ForLoopbackOnly();
  config.limits = limits.Resolve();
  config.profile = profile.Resolve();
  config.allow_import = import.allow;
  config.drain = drain.Resolve();
  config.disk_stall = absl::Seconds(disk_stall_seconds);
  config = Finish(std::move(config));
  if (const auto status = CheckImport(config, import); !status.ok()) {
    return sources.Refuse(status);
  }
  for (const absl::Status& allowed :
       {CheckGrpcOnNetwork(config, grpc_on_network),
        CheckClearText(config, clear_text)}) {
    if (!allowed.ok()) return sources.Refuse(allowed);
  }
  if (!config.metrics_listen.empty()) {
    const absl::Status allowed = metrics.Check(config.metrics_listen);
    if (!allowed.ok()) return sources.Refuse(allowed);
  }
  if (auto exit = sources.Answer([&config] { return CheckConfig(config); })) {
    return *std::move(exit);
  }
  return config;
}

}  // namespace pinhole::app
