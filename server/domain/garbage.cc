// SPDX-License-Identifier: Apache-2.0

#include "server/domain/garbage.h"

#include <utility>

#include "base/status_macros.h"

namespace pinhole::domain {
namespace {

constexpr int kSweepBatch = 100;

}  // namespace

Garbage::Garbage(Store& store, media::PhotoFiles& files, ThreadPool& file_pool)
    : store_(store), files_(files), file_pool_(file_pool) {}

Task<absl::Status> Garbage::Remove(std::vector<std::string> file_keys) {
  if (file_keys.empty() || holds_ > 0) co_return absl::OkStatus();
  auto remove = [this, &file_keys]() -> absl::Status {
    return files_.Remove(file_keys);
  };
  CO_RETURN_IF_ERROR(co_await RunOn(file_pool_, std::move(remove)));
  ForgetGarbage forget{.file_keys = std::move(file_keys)};
  const auto forgotten = co_await store_.Execute(std::move(forget));
  co_return forgotten.status();
}

Task<absl::Status> Garbage::RemoveUnpublished(std::string file_key) {
  auto remove = [this, &file_key] { return files_.Remove({file_key}); };
  co_return co_await RunOn(file_pool_, std::move(remove));
}

Task<absl::Status> Garbage::GiveUp(std::string file_key, absl::Status why) {
  if (absl::IsAborted(why)) {
    // The record became too old, and the files were removed with it.  Those
    // published after that need a record again.
    RecordUpload again{.file_key = file_key};
    const auto recorded = co_await store_.Execute(std::move(again));
    CO_RETURN_IF_ERROR(recorded.status());
  }
  GiveUpUpload give_up{.file_key = file_key};
  const auto given_up = co_await store_.Execute(std::move(give_up));
  CO_RETURN_IF_ERROR(given_up.status());
  std::vector<std::string> keys = {std::move(file_key)};
  co_return co_await Remove(std::move(keys));
}

Task<absl::StatusOr<int>> Garbage::Sweep() {
  int swept = 0;
  while (holds_ == 0) {
    auto list = [](const StoreReader& reader) {
      return reader.ListGarbage(kSweepBatch);
    };
    CO_ASSIGN_OR_RETURN(std::vector<std::string> keys,
                        co_await store_.Scan(std::move(list)));
    if (keys.empty()) co_return swept;
    swept += static_cast<int>(keys.size());
    CO_RETURN_IF_ERROR(co_await Remove(std::move(keys)));
  }
  co_return swept;
}

}  // namespace pinhole::domain
