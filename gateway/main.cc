// SPDX-License-Identifier: Apache-2.0

// pinhole-gateway: the JSON door in front of one or many gRPC servers.

#include <signal.h>

#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/synchronization/mutex.h"
#include "gateway/http_server.h"
#include "gateway/metrics.h"
#include "gateway/remote_upstream.h"
#include "pinhole/v1/admin_service.pb.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "prometheus/exposer.h"

namespace {

using pinhole::gateway::HttpServer;
using pinhole::gateway::RemoteUpstream;

constexpr int kUsageError = 2;
constexpr absl::Duration kDrainTime = absl::Seconds(10);

struct Settings {
  std::vector<std::string> backends;
  std::string http_listen = "127.0.0.1:8080";
  std::string metrics_listen = "127.0.0.1:9465";
};

int Fail(const absl::Status& status) {
  std::cerr << "pinhole-gateway: " << status.message() << '\n';
  return absl::IsInvalidArgument(status) ? kUsageError : 1;
}

// Until SIGTERM or SIGINT, which every thread has blocked.
void AwaitSignal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
}

// Naming a message of each file also keeps the linker from dropping the file.
std::vector<std::string> Services() {
  namespace v1 = pinhole::v1;
  std::vector<std::string> names;
  for (const auto* type :
       {v1::User::descriptor(), v1::Photo::descriptor(),
        v1::Comment::descriptor(), v1::ServerInfo::descriptor()}) {
    const auto& file = *type->file();
    for (int i = 0; i < file.service_count(); ++i) {
      names.push_back(file.service(i)->full_name());
    }
  }
  return names;
}

int Serve(const Settings& settings) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  // prometheus-cpp shares the registry between the exposer and us.
  const auto registry = std::make_shared<prometheus::Registry>();
  pinhole::gateway::Metrics metrics(*registry);
  std::unique_ptr<prometheus::Exposer> exposer;
  if (settings.metrics_listen != "off") {
    try {
      exposer = std::make_unique<prometheus::Exposer>(settings.metrics_listen);
    } catch (const std::exception&) {
      return Fail(absl::UnavailableError("cannot listen for metrics on " +
                                         settings.metrics_listen));
    }
    exposer->RegisterCollectable(registry);
  }
  auto upstream = RemoteUpstream::Create(settings.backends);
  if (!upstream.ok()) return Fail(upstream.status());
  HttpServer::Options options;
  options.listen = settings.http_listen;
  options.services = Services();
  auto server = HttpServer::Start(options, **upstream, metrics);
  if (!server.ok()) return Fail(server.status());

  std::cout << "HTTP listening on " << (*server)->address() << '\n';
  if (exposer != nullptr) {
    const std::string& listen = settings.metrics_listen;
    std::cout << "metrics listening on "
              << listen.substr(0, listen.rfind(':') + 1)
              << exposer->GetListeningPorts().front() << '\n';
  }
  std::cout << "ready" << std::endl;
  AwaitSignal(signals);
  (*server)->Drain(kDrainTime);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
#ifdef NDEBUG
  // Debian builds abseil with its search for deadlocks on, which is dear.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  Settings settings;
  CLI::App app("The JSON door of Pinhole, in front of one or more servers.",
               "pinhole-gateway");
  app.set_version_flag("--version", "pinhole-gateway " PINHOLE_VERSION);
  app.add_option("--backend", settings.backends,
                 "gRPC servers: HOST:PORT[,HOST:PORT...] or unix:PATH")
      ->required()
      ->delimiter(',');
  app.add_option("--http-listen", settings.http_listen, "HOST:PORT of the API")
      ->capture_default_str();
  app.add_option("--metrics-listen", settings.metrics_listen,
                 "HOST:PORT of /metrics, or off")
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  return Serve(settings);
}
