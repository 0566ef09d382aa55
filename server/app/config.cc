// SPDX-License-Identifier: Apache-2.0

#include "server/app/config.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "fmt/format.h"
#include "gateway/http_flags.h"
#include "gateway/local_address.h"
#include "gateway/metrics_flags.h"
#include "server/app/commands.h"

namespace pinhole::app {

using gateway::IsLocalAddress;

namespace {

// CLI11 validator: empty means good.
std::string CheckAddress(const std::string& address) {
  if (address.rfind("unix:", 0) == 0 && address.size() > 5) return "";
  const std::size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return fmt::format("'{}' must be HOST:PORT, for example 127.0.0.1:8080",
                       address);
  }
  return "";
}

std::string CheckTcpAddressOrOff(const std::string& address) {
  if (address == "off") return "";
  if (address.rfind("unix:", 0) == 0) {
    return fmt::format("'{}' must be HOST:PORT or off", address);
  }
  return CheckAddress(address);
}

void AddListeners(CLI::App& app, Config& config) {
  app.add_option("--grpc-listen", config.grpc_listen,
                 "Address for gRPC, HOST:PORT or unix:PATH; port 0 picks a "
                 "free one. Several, separated by commas, are served alike")
      ->envname("PINHOLE_GRPC_LISTEN")
      ->delimiter(',')
      ->check(CLI::Validator(CheckAddress, "HOST:PORT"))
      ->capture_default_str();
  app.add_option("--http-listen", config.http_listen,
                 "Address for JSON over HTTP, or off")
      ->envname("PINHOLE_HTTP_LISTEN")
      ->check(CLI::Validator(CheckTcpAddressOrOff, "HOST:PORT|off"))
      ->capture_default_str();
  app.add_option("--metrics-listen", config.metrics_listen,
                 "Address for Prometheus (/metrics), or off")
      ->envname("PINHOLE_METRICS_LISTEN")
      ->check(CLI::Validator(CheckTcpAddressOrOff, "HOST:PORT|off"))
      ->capture_default_str();
  const std::map<std::string, Reflection> reflections = {
      {"auto", Reflection::kAuto},
      {"on", Reflection::kOn},
      {"off", Reflection::kOff}};
  app.add_option("--reflection", config.reflection,
                 "Server reflection: auto serves it if gRPC listens on "
                 "loopback only")
      ->envname("PINHOLE_REFLECTION")
      ->transform(
          CLI::CheckedTransformer(reflections).description("auto|on|off"));
}

struct ImportFlags {
  bool allow = false;
  bool on_network = false;
};

void AddImport(CLI::App& app, ImportFlags& flags) {
  app.add_flag("--allow-import", flags.allow,
               "For measuring only: let administrators make users in "
               "thousands, with sessions (AdminService.ImportUsers)")
      ->envname("PINHOLE_ALLOW_IMPORT");
  app.add_flag("--allow-import-on-network", flags.on_network,
               "Let --allow-import be used although gRPC or HTTP can be "
               "reached from other machines")
      ->envname("PINHOLE_ALLOW_IMPORT_ON_NETWORK");
}

// A flag left over from measuring must not follow a server to where people are.
std::optional<ExitRequest> CheckImport(const Config& config,
                                       const ImportFlags& flags) {
  if (!flags.allow || flags.on_network) return std::nullopt;
  std::vector<std::pair<const char*, std::string>> listeners;
  for (const std::string& address : config.grpc_listen) {
    listeners.emplace_back("--grpc-listen", address);
  }
  if (!config.http_listen.empty()) {
    listeners.emplace_back("--http-listen", config.http_listen);
  }
  for (const auto& [flag, address] : listeners) {
    if (IsLocalAddress(address)) continue;
    return ExitRequest{
        .code = 2,
        .text = fmt::format(
            "--allow-import: {} {} can be reached from other machines; listen "
            "on 127.0.0.1, leave --allow-import out, or add "
            "--allow-import-on-network if that is meant\n",
            flag, address)};
  }
  return std::nullopt;
}

void AddThreads(CLI::App& app, Config& config) {
  const auto add = [&app](const char* flag, const char* variable, int& value,
                          const char* what) {
    app.add_option(flag, value, what)
        ->envname(variable)
        ->check(CLI::Range(0, 256))
        ->capture_default_str();
  };
  add("--loops", "PINHOLE_LOOPS", config.loops,
      "Threads that answer calls; 0 means one for two cores");
  add("--hash-threads", "PINHOLE_HASH_THREADS", config.hash_threads,
      "Threads that hash passwords, behind all else; 0 means one for each "
      "core");
  add("--decode-threads", "PINHOLE_DECODE_THREADS", config.decode_threads,
      "Threads that decode pictures; 0 means one for two cores");
}

void AddLog(CLI::App& app, Config& config) {
  app.add_option("--log-level", config.log_level, "Least level to log")
      ->envname("PINHOLE_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  const std::map<std::string, LogFormat> formats = {{"auto", LogFormat::kAuto},
                                                    {"text", LogFormat::kText},
                                                    {"json", LogFormat::kJson}};
  app.add_option("--log-format", config.log_format,
                 "Log lines on standard error: auto is text on a terminal and "
                 "json elsewhere")
      ->envname("PINHOLE_LOG_FORMAT")
      ->transform(
          CLI::CheckedTransformer(formats).description("auto|text|json"));
}

Config Finish(Config config, double drain_seconds, double disk_stall_seconds) {
  config.disk_stall = absl::Seconds(disk_stall_seconds);
  config.drain = absl::Seconds(drain_seconds);
  if (config.http_listen == "off") config.http_listen.clear();
  if (config.metrics_listen == "off") config.metrics_listen.clear();
  return config;
}

}  // namespace

bool Config::ServesReflection() const {
  if (reflection != Reflection::kAuto) return reflection == Reflection::kOn;
  return std::all_of(grpc_listen.begin(), grpc_listen.end(), IsLocalAddress);
}

std::variant<Config, ExitRequest> ParseConfig(int argc,
                                              const char* const* argv) {
  Config config;
  double drain_seconds = absl::ToDoubleSeconds(config.drain);
  double disk_stall_seconds = absl::ToDoubleSeconds(config.disk_stall);
  CLI::App app("Pinhole, a photo-sharing server: gRPC, JSON over HTTP, metrics",
               "pinhole-server");
  app.set_version_flag("--version", "pinhole-server " PINHOLE_VERSION);
  app.add_option("--data-dir", config.data_dir,
                 "Folder for the database and the photos; made if missing")
      ->envname("PINHOLE_DATA_DIR")
      ->capture_default_str();
  app.add_option("--backup-dir", config.backup_dir,
                 "Folder for backups that administrators ask for; backups/ in "
                 "the data folder if not set")
      ->envname("PINHOLE_BACKUP_DIR");
  app.footer(CommandsHelp());
  AddListeners(app, config);
  gateway::HttpFlags http(app);
  gateway::MetricsFlags metrics(app);
  AddThreads(app, config);
  AddLog(app, config);
  ProfileFlags profile(app);
  ImportFlags import;
  AddImport(app, import);
  app.add_option("--drain-seconds", drain_seconds,
                 "How long a shutdown waits for calls under way")
      ->envname("PINHOLE_DRAIN_SECONDS")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--disk-stall-seconds", disk_stall_seconds,
                 "How long a write to the disk may take before the server says "
                 "that it is not ready")
      ->envname("PINHOLE_DISK_STALL_SECONDS")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    const int code = app.exit(error, out, err);
    return ExitRequest{.code = code == 0 ? 0 : 2,
                       .text = out.str() + err.str()};
  }
  config.http = http.Resolve();
  config.http_metrics = metrics.OnHttp(config.http_listen);
  config.profile = profile.Resolve();
  config.allow_import = import.allow;
  config = Finish(std::move(config), drain_seconds, disk_stall_seconds);
  if (auto refused = CheckImport(config, import)) return *std::move(refused);
  if (config.metrics_listen.empty()) return config;
  if (const auto allowed = metrics.Check(config.metrics_listen);
      !allowed.ok()) {
    return ExitRequest{.code = 2,
                       .text = std::string(allowed.message()) + "\n"};
  }
  return config;
}

}  // namespace pinhole::app
