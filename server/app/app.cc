// SPDX-License-Identifier: Apache-2.0

#include "server/app/app.h"

#include <pthread.h>

#include <cstddef>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/async/blocking_executor.h"
#include "base/log/log.h"
#include "base/process/service_process.h"
#include "base/status_macros.h"
#include "gateway/services.h"
#include "server/app/data/open_photo_files.h"
#include "server/app/threads.h"
#include "server/metrics/postgres_collector.h"
#include "server/metrics/sqlite_collector.h"
#include "server/store/sqlite/sqlite_store.h"
#include "server/store/store_errors.h"

namespace pinhole::app {
namespace {

constexpr absl::Duration kMaintenanceInterval = absl::Minutes(1);

// How long the start waits for PostgreSQL before it goes on without.  If that
// cannot be reached at all, the first attempt to connect ends sooner.
constexpr absl::Duration kWaitForDatabase = absl::Seconds(5);
constexpr absl::Duration kLookForDatabase = absl::Milliseconds(50);
constexpr absl::Duration kOpenPhotosAgain = absl::Seconds(2);

void WarnOfMeasuringOptions(const Config& config) {
  for (const std::string& warning : config.profile.Warnings()) {
    LogWarning("{}", warning);
  }
  if (config.allow_import) {
    LogWarning(
        "--allow-import is on (for measuring only): administrators can create "
        "users and sessions in bulk");
  }
  if (!config.limits.logins.enabled) {
    LogWarning(
        "--login-throttle is off (for measuring only): the number of password "
        "guesses is not limited");
  }
}

}  // namespace

App::App(const Config& config, std::unique_ptr<DataDir> data_dir,
         const SdNotify& systemd)
    : config_(config),
      data_dir_(std::move(data_dir)),
      systemd_(systemd),
      health_(gateway::ServiceNames()),
      faults_(health_, systemd, data_dir_->path(), config.disk_stall),
      free_space_(data_dir_->path(), config.s3.enabled() ? data_dir_->path()
                                                         : config.MediaDir()) {}

absl::StatusOr<std::unique_ptr<App>> App::Start(const Config& config,
                                                std::shared_ptr<LogSink> log,
                                                const SdNotify& systemd) {
  ASSIGN_OR_RETURN(
      std::unique_ptr<DataDir> data_dir,
      DataDir::Open(config.data_dir, config.store.empty()
                                         ? DataDir::For::kUse
                                         : DataDir::For::kScratch));
  WarnOfMeasuringOptions(config);
  std::unique_ptr<App> app(new App(config, std::move(data_dir), systemd));
  RETURN_IF_ERROR(app->OpenStore());
  bool open = app->postgres_ == nullptr || app->postgres_->opened();
  if (open) {
    ASSIGN_OR_RETURN(app->files_,
                     OpenPhotoFiles(*app->data_dir_, config.MediaDir(),
                                    config.s3, *app->store_));
  } else {
    ASSIGN_OR_RETURN(app->files_,
                     media::PhotoFiles::Open(app->data_dir_->scratch()));
  }
  app->free_space_.Update();
  app->services_ =
      std::make_unique<Services>(app->config_, *app->store_, *app->files_,
                                 app->feed_events_, app->health_, app->faults_);
  if (config.store.empty()) RETURN_IF_ERROR(app->Repair());
  if (open) {
    // Before anybody can read the number from the metrics page.
    const absl::Status counted =
        BlockingExecutor().Run(app->services_->renditions.Count()).status();
    // PostgreSQL was lost again.
    open = app->postgres_ == nullptr || !absl::IsUnavailable(counted);
    if (open) RETURN_IF_ERROR(counted);
  }
  if (absl::Status listening = app->Listen(std::move(log), open);
      !listening.ok()) {
    app->Drain();
    app->store_->Close();
    return listening;
  }
  if (open) app->Serve();
  return app;
}

absl::Status App::OpenStore() {
  return config_.store.empty() ? OpenSqlite() : OpenPostgres();
}

absl::Status App::OpenPostgres() {
  PostgresOptions options;
  options.uri = config_.store;
  options.clock = &clock_;
  options.require_synchronous_standby = config_.require_synchronous_standby;
  options.on_photo_published = [this] { feed_events_.PhotoPublished(); };
  options.on_health = [this](const postgres::Health& health) {
    faults_.DatabaseChanged(health);
  };
  options.first_attempt = kWaitForDatabase;
  ASSIGN_OR_RETURN(std::unique_ptr<PostgresStore> store,
                   OpenPostgresStore(std::move(options)));
  engine_ = std::make_shared<metrics::PostgresCollector>(*store);
  postgres_ = store.get();
  store_ = std::move(store);
  return absl::OkStatus();
}

absl::Status App::OpenSqlite() {
  SqliteOptions options;
  options.path = data_dir_->database();
  options.clock = &clock_;
  options.lookup_threads = ThreadsPerTwoCores(config_.loops);
  options.cache_bytes = static_cast<std::size_t>(config_.profile.cache_mib)
                        << 20;
  options.reuse_connections = config_.profile.reuse_connections;
  options.wait_when_busy = config_.profile.wait_when_busy;
  options.queue_writes = config_.profile.queue_writes;
  options.on_unwritable = [this](const absl::Status& cause) {
    faults_.DiskFailed(cause);
  };
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteStore> store,
                   OpenSqliteStore(std::move(options)));
  engine_ = std::make_shared<metrics::SqliteCollector>(*store);
  store_ = std::move(store);
  return absl::OkStatus();
}

absl::Status App::Repair() {
  ASSIGN_OR_RETURN(const int swept,
                   BlockingExecutor().Run(services_->garbage.Sweep()));
  if (swept > 0) LogInfo("removed the files of {} deleted photos", swept);
  if (const absl::Status removed = services_->backups.RemoveUnfinished();
      !removed.ok()) {
    LogWarning("{}", std::string(removed.message()));
  }
  return absl::OkStatus();
}

absl::Status App::Listen(std::shared_ptr<LogSink> log, bool open) {
  std::function<absl::Status()> refusal;
  if (!open) {
    refusal = [this] {
      return serving() ? absl::OkStatus() : store::DatabaseUnavailable();
    };
  }
  listeners_ = std::make_unique<Listeners>(config_, *services_, *store_,
                                           engine_, std::move(refusal), health_,
                                           free_space_, std::move(log));
  RETURN_IF_ERROR(listeners_->Start());
  heartbeat_ = StartWatchdog(systemd_, listeners_->Loops());
  return absl::OkStatus();
}

void App::Serve() {
  maintenance_ = std::make_unique<Maintenance>(
      *store_, services_->garbage, free_space_, kMaintenanceInterval);
  ListenForCommands();
  if (config_.store.empty()) WatchDisk();
  services_->decoders.Start();
  if (services_->renditions.Stats().outdated > 0) {
    rendition_rebuilder_ = std::make_unique<RenditionRebuilder>(
        services_->renditions, services_->rendition_decoders,
        kMaintenanceInterval);
  }
  serving_.store(true, std::memory_order_release);
  health_.SetServing(true);
}

void App::AwaitService(std::function<void()> ready) {
  if (serving()) return ready();
  opening_ = std::thread([this, ready = std::move(ready)] {
    pthread_setname_np(pthread_self(), "opening");
    ServeLate();
    if (serving()) ready();
  });
}

void App::ServeLate() {
  absl::Status failure;
  absl::Duration pause = kLookForDatabase;
  while (!stop_opening_.WaitForNotificationWithTimeout(pause)) {
    if (!postgres_->opened()) continue;
    absl::Status opened = OpenPhotosLate();
    if (opened.ok()) return Serve();
    if (stop_opening_.HasBeenNotified()) return;
    if (opened != failure) {
      LogCritical(
          "the database can be used, but the server is not ready until its "
          "photos can be used, too: {}",
          std::string(opened.message()));
    }
    failure = std::move(opened);
    pause = kOpenPhotosAgain;
  }
}

absl::Status App::OpenPhotosLate() {
  ASSIGN_OR_RETURN(
      std::unique_ptr<media::PhotoStore> photos,
      OpenPhotoStore(*data_dir_, config_.MediaDir(), config_.s3, *store_));
  RETURN_IF_ERROR(
      BlockingExecutor().Run(services_->renditions.Count()).status());
  files_->Attach(std::move(photos));
  free_space_.Update();
  return absl::OkStatus();
}

void App::ListenForCommands() {
  auto listening = OperatorSocket::Listen(data_dir_->path(), *store_);
  if (listening.ok()) {
    operator_socket_ = *std::move(listening);
  } else {
    LogWarning(
        "`pinhole-server admin` works only while the server is stopped: {}",
        std::string(listening.status().message()));
  }
}

void App::WatchDisk() {
  disk_watch_ = std::make_unique<DiskWatch>(
      [this] { return absl::Seconds(store_->Stats().write_seconds_so_far); },
      config_.disk_stall,
      [this](bool stalled) { faults_.DiskStalled(stalled); });
}

void App::Drain() {
  if (opening_.joinable()) {
    stop_opening_.Notify();
    // Closing the store ends the wait of the thread.  No call is in progress.
    if (!serving()) store_->Close();
    opening_.join();
  }
  const bool was_serving = health_.serving();
  health_.SetServing(false);
  // Load balancers send no calls to a server that was not serving.
  if (was_serving) absl::SleepFor(config_.drain.delay);
  services_->backups.Stop();  // A backup could outlast every drain time.
  if (listeners_ == nullptr) return;
  // When the drain time is over, pictures that are still being decoded and
  // writes that still wait for PostgreSQL are given up, because calls and
  // background work wait for them.
  absl::Notification drained;
  std::thread end_waiting([&] {
    const bool in_time =
        drained.WaitForNotificationWithTimeout(config_.drain.calls);
    services_->decoders.Stop();
    if (!in_time && postgres_ != nullptr) store_->Close();
  });
  listeners_->Drain(config_.drain.calls);
  listeners_->WaitForCalls();
  operator_socket_.reset();
  maintenance_.reset();
  rendition_rebuilder_.reset();
  drained.Notify();
  end_waiting.join();
  heartbeat_.reset();
  disk_watch_.reset();
  listeners_.reset();
}

App::~App() {
  if (listeners_ != nullptr) Stop().IgnoreError();
}

absl::Status App::Stop() {
  Drain();
  const bool writable = store_->Stats().writable;
  store_->Close();
  // PostgreSQL has every answered write, wherever it is now.
  if (writable || postgres_ != nullptr) return absl::OkStatus();
  return absl::UnavailableError(
      "the store was not closed cleanly because the disk failed; the next "
      "start recovers the database");
}

}  // namespace pinhole::app
