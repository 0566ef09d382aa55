// SPDX-License-Identifier: Apache-2.0

// App: the composition root.  Builds the components in the order in which they
// need each other and takes them down in the opposite one.

#ifndef PINHOLE_SERVER_APP_APP_H_
#define PINHOLE_SERVER_APP_APP_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/log/log_sink.h"
#include "base/process/sd_notify.h"
#include "server/app/config.h"

namespace pinhole::app {

class App {
 public:
  // Opens the data folder, repairs what a crash left half done, and listens.
  // `log` gets a line for each call, and its lines are counted on the metrics
  // page.
  // From then on `systemd` hears that the process is alive, for as long as all
  // of its loops are, and when the disk does not answer.
  // Errors: the first thing that was refused, in words for the operator.
  static absl::StatusOr<std::unique_ptr<App>> Start(
      const Config& config, std::shared_ptr<LogSink> log,
      const SdNotify& systemd);

  // Stops at once if nobody called `Stop`.
  ~App();

  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // A line for each listener with the address it got: "gRPC listening on ...".
  std::vector<std::string> Listeners() const;

  // Reads the certificate of HTTP again, if there is one; gRPC reads its own
  // without being told.  Errors: INVALID_ARGUMENT; then it stays what it was.
  absl::Status ReloadCertificate();

  // In this order: says NOT_SERVING; goes on for the config's drain delay, so
  // that whoever sends calls here hears of it; takes no more; finishes what is
  // under way, for at most the drain time; closes what was written.  Errors:
  // what could not be closed in order.
  absl::Status Stop();

 private:
  struct Components;
  explicit App(std::unique_ptr<Components> components);

  std::unique_ptr<Components> components_;
};

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_APP_H_
