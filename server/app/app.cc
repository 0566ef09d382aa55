// SPDX-License-Identifier: Apache-2.0

#include "server/app/app.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/async/thread_pool.h"
#include "base/clock.h"
#include "base/log/log.h"
#include "base/log/proxy_warning.h"
#include "base/log/refusal_summary.h"
#include "base/metrics/process_collector.h"
#include "base/process/heartbeat.h"
#include "base/status_macros.h"
#include "client/web/site.h"
#include "fmt/format.h"
#include "gateway/http_server.h"
#include "gateway/metrics.h"
#include "gateway/metrics_listener.h"
#include "gateway/request_log.h"
#include "pinhole/v1/descriptors.h"
#include "prometheus/collectable.h"
#include "prometheus/registry.h"
#include "server/app/call_log.h"
#include "server/app/commands/operator_socket.h"
#include "server/app/data/data_dir.h"
#include "server/app/data/disk_watch.h"
#include "server/app/data/rendition_upkeep.h"
#include "server/app/data/upkeep.h"
#include "server/app/data/volumes.h"
#include "server/app/local_upstream.h"
#include "server/app/server_collector.h"
#include "server/domain/accounts.h"
#include "server/domain/backup/backups.h"
#include "server/domain/feed.h"
#include "server/domain/feed_events.h"
#include "server/domain/garbage.h"
#include "server/domain/imports.h"
#include "server/domain/login_throttle.h"
#include "server/domain/passwords.h"
#include "server/domain/photos.h"
#include "server/domain/renditions.h"
#include "server/domain/social.h"
#include "server/domain/text/token_signer.h"
#include "server/media/decoders.h"
#include "server/media/photo_files.h"
#include "server/metrics/decoder_collector.h"
#include "server/metrics/domain_collector.h"
#include "server/metrics/rpc_metrics.h"
#include "server/metrics/sqlite_collector.h"
#include "server/metrics/store_collector.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/grpc/grpc_server.h"
#include "server/rpc/grpc/health.h"
#include "server/rpc/registry.h"
#include "server/rpc/services/admin_service.h"
#include "server/rpc/services/photo_service.h"
#include "server/rpc/services/social_service.h"
#include "server/rpc/services/user_service.h"
#include "server/store/sqlite/sqlite_store.h"
#include "server/store/store.h"

namespace pinhole::app {
namespace {

constexpr absl::Duration kUpkeepInterval = absl::Minutes(1);
// With one picture that is rebuilt; what it costs is limited by its CPU time.
constexpr absl::Duration kRenditionPatience = absl::Minutes(10);

const std::vector<std::string>& ServiceNames() {
  static const auto& names = *new std::vector<std::string>{
      "pinhole.v1.AdminService", "pinhole.v1.PhotoService",
      "pinhole.v1.SocialService", "pinhole.v1.UserService"};
  return names;
}

int Cores() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int OneForTwoCores(int asked) {
  return asked > 0 ? asked : std::max(1, Cores() / 2);
}

int OneForEachCore(int asked) { return asked > 0 ? asked : Cores(); }

std::size_t Threads(int count) { return static_cast<std::size_t>(count); }

// Two at least, unless the operator says otherwise: one that is decoding a
// costly picture, and one for everybody else.
std::size_t DecodeThreads(const Config& config) {
  return Threads(config.decode_threads > 0 ? config.decode_threads
                                           : std::max(2, Cores() / 2));
}

}  // namespace

// In the order of construction; taken down in the opposite one, so that nothing
// is used after its end.
struct App::Components {
  Components(const Config& config, std::unique_ptr<DataDir> data_dir,
             std::unique_ptr<rpc::Health> health,
             std::unique_ptr<SqliteStore> store,
             std::unique_ptr<media::PhotoFiles> files,
             std::shared_ptr<LogSink> log, const SdNotify& systemd);

  rpc::Dispatch::Options DispatchOptions() const;
  absl::Status Listen();
  void TakeCommands();
  void Watch();
  void TellOfDisk(bool stalled);
  void TellOfDecoders(const absl::Status& status);
  void Drain();

  const Config config;
  const std::unique_ptr<DataDir> data_dir;
  const std::unique_ptr<rpc::Health> health;  // The store reports to it.
  const std::unique_ptr<SqliteStore> store;
  const std::unique_ptr<media::PhotoFiles> files;
  const std::shared_ptr<LogSink> log;
  RefusalSummary refusals{log};
  const CallLog call_log{log, config.log.slow, refusals};
  const gateway::RequestLog request_log{log, config.log.slow, refusals};
  const SdNotify systemd;
  const SystemClock clock;
  const std::shared_ptr<const ClientAddressResolver> clients =
      std::make_shared<ClientAddressResolver>(config.trusted_proxies,
                                              WarnOfUntrustedProxy);
  Volumes volumes{data_dir->path(), files->tree().root()};

  // Work that a caller waits for has the priority of the server itself.  With a
  // nice value it would get next to no time on a machine that other programs
  // keep busy: at 10, six of them on two cores left 0.6 logins a second of 7.
  ThreadPool hash_pool{
      {.name = "hash",
       .threads = config.profile.pool_hashes
                      ? Threads(OneForEachCore(config.hash_threads))
                      : 0,
       .max_queue = 128,
       .waiting = CallPhase::kHashWait,
       .working = CallPhase::kHash}};
  media::Decoders decoders{{.count = DecodeThreads(config),
                            .on_change = [this](const absl::Status& status) {
                              TellOfDecoders(status);
                            }}};
  // A thread waits for a decoder each.  One user does not get all of them, so
  // that the costly pictures of one do not hold up the others.
  ThreadPool decode_pool{{.name = "decode",
                          .threads = DecodeThreads(config),
                          .max_queue = 64,
                          .max_threads_per_share = DecodeThreads(config) - 1,
                          .waiting = CallPhase::kMedia,
                          .working = CallPhase::kMedia}};
  ThreadPool file_pool{{.name = "files",
                        .threads = 2,
                        .max_queue = 1024,
                        .waiting = CallPhase::kMedia,
                        .working = CallPhase::kMedia}};
  ThreadPool read_pool{{.name = "reads",
                        .threads = 2,
                        .max_queue = 1024,
                        .waiting = CallPhase::kQuery,
                        .working = CallPhase::kQuery}};
  ThreadPool backup_pool{{.name = "backup",
                          .threads = 1,
                          .max_queue = 1,
                          .waiting = CallPhase::kMedia,
                          .working = CallPhase::kMedia}};

  domain::TokenSigner signer{*store};
  domain::FeedEvents feed_events;
  domain::Garbage garbage{*store, *files, file_pool};
  domain::Backups backups{
      *store,  *files,
      garbage, backup_pool,
      clock,   {.dir = config.BackupDir(), .version = PINHOLE_VERSION}};
  domain::Passwords passwords{hash_pool, clock};
  domain::LoginThrottle login_throttle{config.limits.logins};
  domain::Accounts accounts{
      *store,    garbage, passwords,          login_throttle,
      read_pool, clock,   config.registration};
  domain::Imports imports{
      *store, passwords, read_pool, clock, {.allowed = config.allow_import}};
  domain::Photos photos{
      *store,
      *files,
      decoders,
      garbage,
      {.decode = decode_pool, .file = file_pool, .read = read_pool},
      feed_events,
      config.limits.user_uploads};
  // With a decoder and a thread of its own, so that uploads do not wait for it.
  // Nobody waits for these renditions, so they alone give way to other work.
  media::Decoders rendition_decoders{
      {.niceness = 5, .patience = kRenditionPatience}};
  ThreadPool rendition_pool{{.name = "renditions"}};
  domain::Renditions renditions{*store, *files, rendition_decoders, garbage,
                                rendition_pool};
  domain::Social social{*store, read_pool};
  domain::Feed feed{*store, read_pool, feed_events};

  rpc::UserService user_service{accounts, signer,
                                config.limits.address_accounts};
  rpc::PhotoService photo_service{photos, signer};
  rpc::SocialService social_service{social, feed, accounts, signer};
  rpc::AdminService admin_service{backups, imports, accounts};
  rpc::Registry registry;

  // Shared with `sources`, as prometheus-cpp wants it.
  std::shared_ptr<prometheus::Registry> numbers =
      std::make_shared<prometheus::Registry>();
  std::unique_ptr<metrics::RpcMetrics> rpc_metrics;
  std::unique_ptr<gateway::Metrics> http_metrics;
  // What the metrics page tells, wherever it is served.
  std::vector<std::shared_ptr<prometheus::Collectable>> sources;
  std::unique_ptr<rpc::Dispatch> dispatch;
  std::unique_ptr<rpc::GrpcServer> grpc;
  std::unique_ptr<LocalUpstream> upstream;
  std::unique_ptr<gateway::HttpServer> exporter;
  std::unique_ptr<gateway::HttpServer> http;
  std::unique_ptr<Upkeep> upkeep;
  std::unique_ptr<RenditionUpkeep> rendition_upkeep;
  std::unique_ptr<OperatorSocket> operator_socket;
  std::unique_ptr<DiskWatch> disk_watch;
  std::unique_ptr<Heartbeat> heartbeat;
};

App::Components::Components(const Config& config,
                            std::unique_ptr<DataDir> data_dir,
                            std::unique_ptr<rpc::Health> health,
                            std::unique_ptr<SqliteStore> store,
                            std::unique_ptr<media::PhotoFiles> files,
                            std::shared_ptr<LogSink> log,
                            const SdNotify& systemd)
    : config(config),
      data_dir(std::move(data_dir)),
      health(std::move(health)),
      store(std::move(store)),
      files(std::move(files)),
      log(std::move(log)),
      systemd(systemd) {
  user_service.AddTo(registry);
  photo_service.AddTo(registry);
  social_service.AddTo(registry);
  admin_service.AddTo(registry);
  this->health->AddTo(registry);
}

rpc::Dispatch::Options App::Components::DispatchOptions() const {
  rpc::Dispatch::Options options;
  options.max_calls = config.limits.max_calls;
  options.rates = config.limits.rates;
  options.shares = config.limits.shares;
  options.clients = clients;
  options.on_ended = [this](const rpc::Method& method, const rpc::Call& call,
                            const absl::Status& status, absl::Duration took) {
    call_log.Log(method, call, status, took);
  };
  return options;
}

absl::Status App::Components::Listen() {
  // Before anybody can ask for the number.
  ASSIGN_OR_RETURN(const std::int64_t outdated, renditions.Count());
  rpc_metrics = std::make_unique<metrics::RpcMetrics>(registry, *numbers);
  http_metrics = std::make_unique<gateway::Metrics>(*numbers);
  sources = {
      numbers,
      std::make_shared<ProcessCollector>(),
      std::make_shared<metrics::StoreCollector>(*store),
      std::make_shared<metrics::SqliteCollector>(*store),
      std::make_shared<metrics::DomainCollector>(accounts, photos, renditions),
      std::make_shared<metrics::DecoderCollector>(decoders),
      std::make_shared<ServerCollector>(*health, volumes, log)};
  auto authenticate =
      [this](std::string_view token) -> absl::StatusOr<rpc::Caller> {
    ASSIGN_OR_RETURN(domain::SignedIn signed_in, accounts.Authenticate(token));
    return rpc::Caller{.user = signed_in.user,
                       .session = signed_in.session,
                       .handle = std::move(signed_in.handle),
                       .administrator = signed_in.administrator};
  };
  rpc_metrics->SetConcurrencyLimit(config.limits.max_calls);
  dispatch = std::make_unique<rpc::Dispatch>(registry, std::move(authenticate),
                                             *rpc_metrics, DispatchOptions());
  ASSIGN_OR_RETURN(grpc, rpc::GrpcServer::Start(
                             {.listen = config.grpc_listen,
                              .loops = OneForTwoCores(config.loops),
                              .reflection = config.ServesReflection(),
                              .connections = config.limits.grpc_connections,
                              .tls = config.grpc_tls},
                             *dispatch));
  upstream = std::make_unique<LocalUpstream>(*dispatch, grpc->loops());
  const auto page = [this] { return gateway::MetricsText(sources); };
  if (!config.metrics_listen.empty()) {
    ASSIGN_OR_RETURN(exporter, gateway::StartMetricsListener(
                                   config.metrics_listen, page, *upstream));
  }
  if (!config.http_listen.empty()) {
    gateway::HttpServer::Options options = config.http;
    options.listen = config.http_listen;
    options.clients = clients;
    options.log = [](std::string_view line) {
      LogError("HTTP: {}", std::string(line));
    };
    options.on_answered = [this](const gateway::AccessRecord& request) {
      // What made a call has that call's line.
      if (request.traceparent.empty()) request_log.Log(request);
    };
    options.services = ServiceNames();
    options.api = {.title = "Pinhole",
                   .version = PINHOLE_VERSION,
                   .descriptors = v1::Descriptors()};
    options.files = web::SiteFiles(config.http_metrics);
    if (config.http_metrics) options.metrics = page;
    ASSIGN_OR_RETURN(http, gateway::HttpServer::Start(
                               std::move(options), *upstream, *http_metrics));
  }
  upkeep = std::make_unique<Upkeep>(*store, garbage, volumes, kUpkeepInterval);
  TakeCommands();
  Watch();
  decoders.Start();
  health->SetServing(true);
  if (outdated > 0) {
    rendition_upkeep = std::make_unique<RenditionUpkeep>(
        renditions, rendition_decoders, kUpkeepInterval);
  }
  return absl::OkStatus();
}

void App::Components::TakeCommands() {
  auto listening = OperatorSocket::Listen(data_dir->path(), *store);
  if (listening.ok()) {
    operator_socket = *std::move(listening);
  } else {
    LogWarning(
        "`pinhole-server admin` works only while the server is "
        "stopped: {}",
        std::string(listening.status().message()));
  }
}

// A disk that hangs is told of by `health` and not by the heartbeat: starting
// again would not help, since not even a signal ends who waits for it.
void App::Components::Watch() {
  disk_watch = std::make_unique<DiskWatch>(
      [this] { return absl::Seconds(store->Stats().write_seconds_so_far); },
      config.disk_stall, [this](bool stalled) { TellOfDisk(stalled); });
  if (systemd.watchdog() == absl::InfiniteDuration()) return;
  std::vector<Heartbeat::Post> loops;
  for (Executor* loop : grpc->loops()) {
    loops.push_back(
        [loop](std::function<void()> work) { loop->Post(std::move(work)); });
  }
  if (http != nullptr) {
    loops.push_back([http = http.get()](std::function<void()> work) {
      http->Post(std::move(work));
    });
  }
  // Three in the time that is given, so that one may be late.
  heartbeat =
      std::make_unique<Heartbeat>(std::move(loops), systemd.watchdog() / 3,
                                  [this] { systemd.Send("WATCHDOG=1"); });
}

void App::Components::TellOfDisk(bool stalled) {
  health->SetStalled(stalled);
  systemd.Send(stalled ? "STATUS=the disk does not answer" : "STATUS=serving");
  if (stalled) {
    LogCritical(
        "the disk does not answer: a write to {} has not ended for {}; not "
        "ready until it has",
        data_dir->path().string(), absl::FormatDuration(config.disk_stall));
  } else {
    LogWarning("the disk answers again");
  }
}

void App::Components::TellOfDecoders(const absl::Status& status) {
  health->SetUploads(status.ok());
  if (status.ok()) {
    LogWarning("pictures can be decoded again; uploads are accepted");
  } else {
    LogCritical(
        "no process that decodes pictures can be started; uploads are refused "
        "until one can: {}",
        std::string(status.message()));
  }
}

void App::Components::Drain() {
  const bool served = health->serving();
  health->SetServing(false);
  // Else nobody was sent here any more, or yet.
  if (served) absl::SleepFor(config.drain.delay);
  operator_socket.reset();
  upkeep.reset();
  rendition_upkeep.reset();
  backups.Stop();  // It may take longer than anybody waits.
  // Both doors at once: they share the time.
  std::thread drain_http([this] {
    if (http != nullptr) http->Drain(config.drain.calls);
  });
  // What is being decoded by the end of that time is given up; gRPC's shutdown
  // waits for the calls that wait for it.
  absl::Notification drained;
  std::thread end_decoding([&] {
    drained.WaitForNotificationWithTimeout(config.drain.calls);
    decoders.Stop();
  });
  if (grpc != nullptr) grpc->Shutdown(absl::Now() + config.drain.calls);
  drain_http.join();
  drained.Notify();
  end_decoding.join();
  if (dispatch != nullptr) dispatch->WaitForCalls();
  heartbeat.reset();
  disk_watch.reset();
  http.reset();
  exporter.reset();
  upstream.reset();
  grpc.reset();
}

absl::StatusOr<std::unique_ptr<App>> App::Start(const Config& config,
                                                std::shared_ptr<LogSink> log,
                                                const SdNotify& systemd) {
  ASSIGN_OR_RETURN(std::unique_ptr<DataDir> data_dir,
                   DataDir::Open(config.data_dir));
  ASSIGN_OR_RETURN(std::unique_ptr<media::PhotoFiles> files,
                   media::PhotoFiles::Open(data_dir->path()));
  static const SystemClock clock;
  SqliteOptions options;
  options.path = data_dir->database();
  options.clock = &clock;
  // One for each thread that reads: the loops and the pool's two.
  options.readers = OneForTwoCores(config.loops) + 2;
  options.cache_bytes = static_cast<std::size_t>(config.profile.cache_mib)
                        << 20;
  options.reuse_connections = config.profile.reuse_connections;
  options.wait_when_busy = config.profile.wait_when_busy;
  options.queue_writes = config.profile.queue_writes;
  for (const std::string& warning : config.profile.Warnings()) {
    LogWarning("{}", warning);
  }
  if (config.allow_import) {
    LogWarning(
        "--allow-import is on (for measuring only): administrators can make "
        "users in thousands, with sessions");
  }
  if (!config.limits.logins.enabled) {
    LogWarning(
        "--login-throttle is off (for measuring only): passwords can be "
        "guessed as fast as they are hashed");
  }
  auto health = std::make_unique<rpc::Health>(ServiceNames());
  options.on_unwritable = [health = health.get()](const absl::Status& cause) {
    health->Fail();
    LogCritical(
        "the disk failed; no more writes, reads go on until this process is "
        "started again: {}",
        std::string(cause.message()));
  };
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteStore> store,
                   OpenSqliteStore(std::move(options)));
  auto components = std::make_unique<Components>(
      config, std::move(data_dir), std::move(health), std::move(store),
      std::move(files), std::move(log), systemd);
  RETURN_IF_ERROR(SweepAtStart(*components->store, *components->files,
                               components->garbage,
                               !components->data_dir->was_clean()));
  if (const absl::Status removed = components->backups.RemoveUnfinished();
      !removed.ok()) {
    LogWarning("{}", std::string(removed.message()));
  }
  const absl::Status listening = components->Listen();
  if (!listening.ok()) {
    components->Drain();
    components->store->Close();
    // Nothing was served, so nothing is half done.
    components->data_dir->MarkClean().IgnoreError();
    return listening;
  }
  return std::unique_ptr<App>(new App(std::move(components)));
}

App::App(std::unique_ptr<Components> components)
    : components_(std::move(components)) {}

App::~App() {
  if (components_ != nullptr) Stop().IgnoreError();
}

std::vector<std::string> App::Listeners() const {
  std::vector<std::string> lines;
  for (const std::string& address : components_->grpc->addresses()) {
    lines.push_back(fmt::format("gRPC listening on {}", address));
  }
  if (components_->http != nullptr) {
    lines.push_back(
        fmt::format("HTTP listening on {}", components_->http->address()));
  }
  if (components_->exporter != nullptr) {
    lines.push_back(fmt::format("metrics listening on {}",
                                components_->exporter->address()));
  }
  return lines;
}

absl::Status App::ReloadCertificate() {
  return components_->http == nullptr ? absl::OkStatus()
                                      : components_->http->ReloadCertificate();
}

absl::Status App::Stop() {
  const std::unique_ptr<Components> components = std::move(components_);
  components->Drain();
  const absl::StatusOr<std::vector<std::string>> garbage =
      components->store->ListGarbage(1);
  const bool writable = components->store->Stats().writable;
  components->store->Close();
  if (!writable || !garbage.ok()) {
    return absl::UnavailableError(
        "the store was not closed in order; the next start will check it");
  }
  return components->data_dir->MarkClean();
}

}  // namespace pinhole::app
