// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/exporter.h"

#include <exception>
#include <utility>

#include "fmt/format.h"

namespace pinhole::metrics {

absl::StatusOr<std::unique_ptr<Exporter>> Exporter::Start(
    const std::string& listen) {
  // A client that sends nothing would hold one of the two threads for ever.
  const std::vector<std::string> options = {"listening_ports",    listen,
                                            "num_threads",        "2",
                                            "request_timeout_ms", "10000"};
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(options);
    const std::string host = listen.substr(0, listen.rfind(':'));
    std::string address =
        fmt::format("{}:{}", host, exposer->GetListeningPorts().at(0));
    return std::unique_ptr<Exporter>(
        new Exporter(std::move(exposer), std::move(address)));
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        fmt::format("cannot listen on {} for metrics: {}; is the port taken?",
                    listen, error.what()));
  }
}

Exporter::Exporter(std::unique_ptr<prometheus::Exposer> exposer,
                   std::string address)
    : address_(std::move(address)), exposer_(std::move(exposer)) {}

void Exporter::Add(std::shared_ptr<prometheus::Collectable> collectable) {
  exposer_->RegisterCollectable(collectable);
  collectables_.push_back(std::move(collectable));
}

}  // namespace pinhole::metrics
