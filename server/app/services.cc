// SPDX-License-Identifier: Apache-2.0

#include "server/app/services.h"

#include <cstddef>
#include <functional>

#include "absl/time/time.h"
#include "base/call_timing.h"
#include "base/random.h"
#include "server/app/threads.h"

namespace pinhole::app {
namespace {

// The time limit for rebuilding one picture; its CPU time is limited as well.
constexpr absl::Duration kRenditionTimeout = absl::Minutes(10);

ThreadPool::Options Pool(const char* name, int threads, std::size_t max_queue,
                         CallPhase phase) {
  return {.name = name,
          .threads = static_cast<std::size_t>(threads),
          .max_queue = max_queue,
          .waiting = phase,
          .working = phase};
}

// The priority of the threads and processes that calls wait for is that of the
// server.  With a higher nice value they would starve next to other busy
// programs: at niceness 10, six of them on two cores left 0.6 of 7 logins/s.
ThreadPool::Options HashPool(const Config& config) {
  const int threads = config.profile.pool_hashes ? HashThreads(config) : 0;
  ThreadPool::Options options = Pool("hash", threads, 128, CallPhase::kHash);
  options.waiting = CallPhase::kHashWait;
  return options;
}

// At least two unless configured otherwise, so that one costly picture does not
// hold up the others.
int DecodeThreads(const Config& config) {
  return ThreadsPerTwoCores(config.decode_threads, 2);
}

// Each thread waits for one decoder.  A user never gets all of them, so that
// one user's costly pictures do not hold up everybody else's.
ThreadPool::Options DecodePool(const Config& config) {
  ThreadPool::Options options =
      Pool("decode", DecodeThreads(config), 64, CallPhase::kMedia);
  options.max_threads_per_share = options.threads - 1;
  return options;
}

// Threads wait for a disk for a fraction of a millisecond, but for S3 for 10 or
// more.
int FileThreads(const Config& config) { return config.s3.enabled() ? 64 : 2; }

}  // namespace

int HashThreads(const Config& config) {
  return config.profile.pool_hashes ? ThreadsPerCore(config.hash_threads)
                                    : ThreadsPerTwoCores(config.loops);
}

Services::Services(const Config& config, Store& store, media::PhotoFiles& files,
                   domain::FeedEvents& feed_events, rpc::Health& health,
                   FaultReports& faults)
    : instance_id(RandomId()),
      hash_pool(HashPool(config)),
      decoders({.count = static_cast<std::size_t>(DecodeThreads(config)),
                .on_change =
                    [&faults](const absl::Status& status) {
                      faults.DecodersChanged(status);
                    }}),
      decode_pool(DecodePool(config)),
      file_pool(Pool("files", FileThreads(config), 1024, CallPhase::kMedia)),
      backup_pool(Pool("backup", 1, 1, CallPhase::kMedia)),
      signer(store),
      garbage(store, files, file_pool),
      backups(store, files, garbage, backup_pool, clock,
              {.dir = config.BackupDir(), .version = PINHOLE_VERSION}),
      passwords(hash_pool, clock),
      login_throttle(
          store.shared_guesses() != nullptr ? *store.shared_guesses() : guesses,
          store, config.limits.logins),
      accounts(store, garbage, passwords, login_throttle, clock,
               config.registration),
      imports(store, passwords, clock, {.allowed = config.allow_import}),
      photos(store, files, decoders, garbage,
             {.decode = decode_pool, .file = file_pool}, feed_events,
             config.limits.user_uploads),
      // A separate decoder and thread, so that uploads do not wait for
      // rebuilds.  No call waits for a rebuild, so it yields to other work.
      rendition_decoders({.niceness = 5, .timeout = kRenditionTimeout}),
      rendition_pool({.name = "renditions"}),
      renditions(store, files, rendition_decoders, garbage, rendition_pool),
      social(store),
      feed(store, feed_events),
      user_service(accounts, signer, config.limits.address_accounts),
      photo_service(photos, signer),
      social_service(social, feed, accounts, signer),
      admin_service(backups, imports, accounts, instance_id,
                    config.limits.user_uploads) {
  user_service.AddTo(registry);
  photo_service.AddTo(registry);
  social_service.AddTo(registry);
  admin_service.AddTo(registry);
  health.AddTo(registry);
  if (config.ServesReflection()) reflection.emplace().AddTo(registry);
}

}  // namespace pinhole::app
