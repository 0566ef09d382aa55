// SPDX-License-Identifier: Apache-2.0

#include "server/app/commands/rendition_commands.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/async/blocking_executor.h"
#include "base/async/thread_pool.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/app/data/data_dir.h"
#include "server/app/data/offline_store.h"
#include "server/app/data/open_photo_files.h"
#include "server/app/data/open_postgres.h"
#include "server/app/data/rendition_rebuilder.h"
#include "server/domain/garbage.h"
#include "server/domain/renditions.h"
#include "server/media/decoders.h"

namespace pinhole::app {
namespace {

constexpr std::int64_t kProgressInterval = 100;  // Photos.
constexpr absl::Duration kWaitForDatabase = absl::Seconds(10);

// Threads that rebuild until nothing is left or one of them fails.
class RebuildThreads {
 public:
  RebuildThreads(domain::Renditions& renditions, std::int64_t photos,
                 std::ostream& out)
      : renditions_(renditions), photos_(photos), out_(out) {}

  absl::Status Run(unsigned threads) {
    std::vector<std::thread> workers;
    for (unsigned i = 0; i < threads; ++i) {
      workers.emplace_back([this] { Work(); });
    }
    for (std::thread& worker : workers) worker.join();
    const absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  void Work() {
    BlockingExecutor executor;
    while (true) {
      const auto rebuilt = executor.Run(renditions_.RebuildNext());
      if (!rebuilt.ok()) renditions_.Stop();
      const absl::MutexLock lock(&mutex_);
      // After the first error the other threads only report that they were
      // stopped.
      if (status_.ok()) status_ = rebuilt.status();
      if (!rebuilt.ok() || !rebuilt->has_value()) return;
      Report(**rebuilt);
    }
  }

  void Report(const domain::RebuildResult& rebuilt)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const std::string line = Describe(rebuilt);
    if (!line.empty()) out_ << line << "\n";
    if (++done_ % kProgressInterval == 0) {
      out_ << fmt::format("{} of {} photos\n", done_, photos_) << std::flush;
    }
  }

  domain::Renditions& renditions_;
  const std::int64_t photos_;
  std::ostream& out_;
  absl::Mutex mutex_;
  std::int64_t done_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

absl::Status Rebuild(Store& store, const DataDir& data_dir,
                     const RebuildRequest& request, std::ostream& out) {
  ASSIGN_OR_RETURN(const auto files, OpenPhotoFiles(data_dir, request.media_dir,
                                                    request.s3, store));
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  ThreadPool decode_pool({.name = "decode", .threads = threads});
  ThreadPool file_pool({.name = "files"});
  domain::Garbage garbage(store, *files, file_pool);
  media::Decoders decoders({.count = threads});
  domain::Renditions renditions(store, *files, decoders, garbage, decode_pool);
  if (request.all) {
    RETURN_IF_ERROR(
        BlockingExecutor().Run(store.Execute(OutdateRenditions{})).status());
  }
  ASSIGN_OR_RETURN(const std::int64_t photos,
                   BlockingExecutor().Run(renditions.Count()));
  if (photos == 0) {
    out << "no renditions are outdated\n";
    return absl::OkStatus();
  }
  out << fmt::format("rebuilding the renditions of {} photos\n", photos)
      << std::flush;
  RETURN_IF_ERROR(RebuildThreads(renditions, photos, out).Run(threads));
  const domain::RenditionStats done = renditions.Stats();
  out << fmt::format(
      "rebuilt the renditions of {} photos; {} keep theirs, {} are damaged\n",
      done.replaced, done.kept, done.damaged);
  if (done.damaged > 0) {
    return absl::DataLossError(fmt::format(
        "the renditions of {} photos were not rebuilt: their files are missing "
        "or damaged",
        done.damaged));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RebuildRenditions(const RebuildRequest& request,
                               std::ostream& out) {
  if (request.store.empty()) {
    ASSIGN_OR_RETURN(const std::unique_ptr<OfflineStore> data,
                     OfflineStore::Open(
                         request.data_dir,
                         "it rebuilds outdated renditions by itself; to use "
                         "all cores for that, stop it and repeat the command"));
    return Rebuild(data->store(), data->data_dir(), request, out);
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<DataDir> data_dir,
                   DataDir::Open(request.data_dir, DataDir::For::kScratch));
  const SystemClock clock;
  ASSIGN_OR_RETURN(
      const std::unique_ptr<PostgresStore> store,
      OpenPostgres({.uri = request.store, .clock = &clock}, kWaitForDatabase));
  return Rebuild(*store, *data_dir, request, out);
}

}  // namespace pinhole::app
