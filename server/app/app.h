// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "base/log/log_sink.h"
#include "base/process/heartbeat.h"
#include "base/process/sd_notify.h"
#include "prometheus/collectable.h"
#include "server/app/commands/operator_socket.h"
#include "server/app/config.h"
#include "server/app/data/data_dir.h"
#include "server/app/data/disk_watch.h"
#include "server/app/data/free_space.h"
#include "server/app/data/maintenance.h"
#include "server/app/data/rendition_rebuilder.h"
#include "server/app/fault_reports.h"
#include "server/app/listeners.h"
#include "server/app/services.h"
#include "server/domain/feed_events.h"
#include "server/media/photo_files.h"
#include "server/rpc/grpc/health.h"
#include "server/store/postgres/postgres_store.h"
#include "server/store/store.h"

namespace pinhole::app {

// The composition root: builds the parts of a server in the order in which they
// need each other and takes them down in reverse.
//
// A server on PostgreSQL starts without its database.  Until the database can
// be used for the first time, it answers health checks only and refuses all
// calls of its services.
class App {
 public:
  // Opens the data folder, repairs what a crash left unfinished, and listens.
  // Serves at once, unless PostgreSQL cannot be used yet.
  // `log` receives one line per call; its lines are counted on the metrics
  // page.  `systemd` receives heartbeats for as long as all event loops run,
  // and a status when the disk stalls.
  // Errors: the first step that failed, with a message for the operator.
  static absl::StatusOr<std::unique_ptr<App>> Start(
      const Config& config, std::shared_ptr<LogSink> log,
      const SdNotify& systemd);

  // Calls `Stop` unless it has been called.
  ~App();

  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Calls `ready` as soon as the server serves: within this call, or on another
  // thread once PostgreSQL can be used.  Call it once.
  void AwaitService(std::function<void()> ready);
  bool serving() const { return serving_.load(std::memory_order_acquire); }

  // One line for each listener: "gRPC listening on 127.0.0.1:50051".
  std::vector<std::string> ListenerLines() const { return listeners_->Lines(); }

  // Reloads the certificate of HTTP, if there is one; gRPC watches its own
  // files.  Errors: INVALID_ARGUMENT; the previous certificate stays in use.
  absl::Status ReloadCertificate() { return listeners_->ReloadCertificate(); }

  // In this order: reports NOT_SERVING; keeps serving for the drain delay, so
  // that load balancers notice; refuses new calls; lets calls in progress
  // finish within the drain time; closes the store.
  // Errors: UNAVAILABLE if the store could not be closed cleanly.
  absl::Status Stop();

 private:
  App(const Config& config, std::unique_ptr<DataDir> data_dir,
      const SdNotify& systemd);

  absl::Status OpenStore();
  absl::Status OpenSqlite();
  absl::Status OpenPostgres();
  absl::Status Repair();
  // Without `open`, calls are refused until `Serve`.
  absl::Status Listen(std::shared_ptr<LogSink> log, bool open);
  // After an earlier start without the database: opens the photos.
  absl::Status OpenPhotosLate();
  // Tries that until it succeeds, and serves.
  void ServeLate();
  void Serve();
  void ListenForCommands();
  void WatchDisk();
  void Drain();

  // Members are destroyed in reverse order.
  const Config config_;
  const std::unique_ptr<DataDir> data_dir_;
  const SdNotify systemd_;
  rpc::Health health_;
  FaultReports faults_;
  const SystemClock clock_;
  domain::FeedEvents feed_events_;
  std::unique_ptr<Store> store_;
  const PostgresStore* postgres_ = nullptr;          // `store_`, or null.
  std::shared_ptr<prometheus::Collectable> engine_;  // Reports on `store_`.
  std::unique_ptr<media::PhotoFiles> files_;
  FreeSpace free_space_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<Listeners> listeners_;
  std::unique_ptr<Maintenance> maintenance_;
  std::unique_ptr<RenditionRebuilder> rendition_rebuilder_;
  std::unique_ptr<OperatorSocket> operator_socket_;
  std::unique_ptr<DiskWatch> disk_watch_;
  std::unique_ptr<Heartbeat> heartbeat_;
  std::atomic<bool> serving_ = false;
  absl::Notification stop_opening_;
  std::thread opening_;  // Runs `ServeLate`, if it is needed.
};

}  // namespace pinhole::app
