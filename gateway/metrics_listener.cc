// SPDX-License-Identifier: Apache-2.0

#include "gateway/metrics_listener.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <exception>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "fmt/format.h"

namespace pinhole::gateway {

namespace {

// Connects to HOST:PORT and hangs up.
void Connect(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.size() > 1 && host.front() == '[') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &wanted,
                  &found) != 0) {
    return;
  }
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) {
    // Whether it succeeds does not matter: no listener, no wait.
    (void)connect(fd, found->ai_addr, found->ai_addrlen);
    close(fd);
  }
  freeaddrinfo(found);
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsListener>> MetricsListener::Start(
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
    return std::unique_ptr<MetricsListener>(
        new MetricsListener(std::move(exposer), std::move(address)));
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        fmt::format("cannot listen on {} for metrics: {}; is the port taken?",
                    listen, error.what()));
  }
}

MetricsListener::MetricsListener(std::unique_ptr<prometheus::Exposer> exposer,
                                 std::string address)
    : address_(std::move(address)), exposer_(std::move(exposer)) {}

MetricsListener::~MetricsListener() {
  absl::Notification stopped;
  std::thread stop([this, &stopped] {
    exposer_.reset();
    stopped.Notify();
  });
  // CivetWeb's accepting thread looks every two seconds only whether it is to
  // end, or when somebody connects.
  do {
    Connect(address_);
  } while (!stopped.WaitForNotificationWithTimeout(absl::Milliseconds(5)));
  stop.join();
}

void MetricsListener::Add(
    std::shared_ptr<prometheus::Collectable> collectable) {
  exposer_->RegisterCollectable(collectable);
  collectables_.push_back(std::move(collectable));
}

}  // namespace pinhole::gateway
