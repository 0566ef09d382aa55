// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "server/app/data/data_dir.h"
#include "server/store/store.h"

namespace pinhole::app {

// The store of a data directory without a running server, for commands of the
// operator.
class OfflineStore {
 public:
  // Errors: NOT_FOUND (no data there), those of `DataDir::Open`; if the
  // directory is in use, with the reason DATA_DIR_IN_USE and the advice
  // `if_running`; those of `OpenSqliteStore`.
  static absl::StatusOr<std::unique_ptr<OfflineStore>> Open(
      const std::filesystem::path& data_dir, std::string_view if_running);

  OfflineStore(const OfflineStore&) = delete;
  OfflineStore& operator=(const OfflineStore&) = delete;

  Store& store() { return *store_; }
  const DataDir& data_dir() const { return *data_dir_; }

 private:
  explicit OfflineStore(std::unique_ptr<DataDir> data_dir)
      : data_dir_(std::move(data_dir)) {}

  const SystemClock clock_;
  const std::unique_ptr<DataDir> data_dir_;
  std::unique_ptr<Store> store_;  // Closed before the directory is unlocked.
};

}  // namespace pinhole::app
