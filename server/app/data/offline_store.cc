// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/offline_store.h"

#include <string>
#include <system_error>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/sqlite/sqlite_store.h"

namespace pinhole::app {

absl::StatusOr<std::unique_ptr<OfflineStore>> OfflineStore::Open(
    const std::filesystem::path& data_dir, std::string_view if_running) {
  std::error_code error;
  if (!std::filesystem::exists(data_dir / "pinhole.db", error)) {
    // Opening it would create a new database.
    return absl::NotFoundError(fmt::format(
        "there is no Pinhole data in {}; name the directory with --data-dir",
        data_dir.string()));
  }
  auto folder = DataDir::Open(data_dir);
  if (ReasonOf(folder.status()) == Reason::kDataDirInUse) {
    return MakeError(Reason::kDataDirInUse,
                     fmt::format("a pinhole-server runs on {}; {}",
                                 data_dir.string(), if_running));
  }
  if (!folder.ok()) return std::move(folder).status();
  std::unique_ptr<OfflineStore> data(new OfflineStore(*std::move(folder)));
  SqliteOptions options;
  options.path = data->data_dir_->database();
  options.clock = &data->clock_;
  ASSIGN_OR_RETURN(data->store_, OpenSqliteStore(std::move(options)));
  return data;
}

}  // namespace pinhole::app
