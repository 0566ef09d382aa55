// SPDX-License-Identifier: Apache-2.0

#include "server/app/commands/admin_commands.h"

#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "base/async/blocking_executor.h"
#include "base/clock.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/app/commands/operator_socket.h"
#include "server/app/data/data_dir.h"
#include "server/app/data/offline_store.h"
#include "server/app/data/open_postgres.h"
#include "server/domain/text/text.h"
#include "server/rpc/services/resource_name.h"

namespace pinhole::app {
namespace {

constexpr absl::Duration kWaitForDatabase = absl::Seconds(10);

absl::StatusOr<std::string> SetAdministrator(Store& store,
                                             std::string_view handle,
                                             bool administrator) {
  ASSIGN_OR_RETURN(const std::string normalized,
                   domain::NormalizeHandle("HANDLE", handle));
  const auto user = BlockingExecutor().Run(
      store.Look([&normalized](const StoreReader& reader) {
        return reader.FindCredentials(normalized);
      }));
  if (absl::IsNotFound(user.status())) {
    return absl::NotFoundError(
        fmt::format("no user has the handle '{}'", normalized));
  }
  if (!user.ok()) return user.status();
  const pinhole::SetAdministrator command{.user = user->id,
                                          .administrator = administrator};
  RETURN_IF_ERROR(BlockingExecutor().Run(store.Execute(command)).status());
  return fmt::format("@{} is {} administrator\n", user->handle,
                     administrator ? "an" : "not an");
}

absl::StatusOr<std::string> ListAdministrators(Store& store) {
  ASSIGN_OR_RETURN(
      const auto handles,
      BlockingExecutor().Run(store.Scan([](const StoreReader& reader) {
        return reader.ListAdministrators();
      })));
  std::string text;
  for (const std::string& handle : handles) {
    text += fmt::format("@{}\n", handle);
  }
  return text;
}

std::string LineOf(const Removal& removal) {
  return fmt::format(
      "{}  @{} removed {} of @{}\n",
      absl::FormatTime(absl::RFC3339_sec, removal.time, absl::UTCTimeZone()),
      removal.administrator, rpc::FormatRemovedName(removal), removal.owner);
}

absl::StatusOr<std::string> ListRemovals(Store& store) {
  constexpr int kAtOnce = 1000;
  std::string text;
  PageRequest page{.after = 0, .limit = kAtOnce};
  do {
    ASSIGN_OR_RETURN(
        const Page<Removal> removals,
        BlockingExecutor().Run(store.Scan([page](const StoreReader& reader) {
          return reader.ListRemovals(page);
        })));
    for (const Removal& removal : removals.items) text += LineOf(removal);
    page.after = removals.next;
  } while (page.after != 0);
  return text;
}

}  // namespace

absl::StatusOr<std::string> RunAdmin(Store& store,
                                     const AdminRequest& request) {
  if (request.action == "grant") {
    return SetAdministrator(store, request.handle, true);
  }
  if (request.action == "revoke") {
    return SetAdministrator(store, request.handle, false);
  }
  if (request.action == "list") return ListAdministrators(store);
  if (request.action == "removals") return ListRemovals(store);
  return absl::InvalidArgumentError(fmt::format(
      "the running server does not support the command 'admin {}'; restart it "
      "if it was upgraded",
      request.action));
}

absl::StatusOr<std::string> RunAdminCommand(
    const std::filesystem::path& data_dir, const std::string& store,
    const AdminRequest& request) {
  if (!request.handle.empty()) {
    RETURN_IF_ERROR(domain::NormalizeHandle("HANDLE", request.handle).status());
  }
  if (!store.empty()) {
    const SystemClock clock;
    ASSIGN_OR_RETURN(
        const std::unique_ptr<PostgresStore> database,
        OpenPostgres({.uri = store, .clock = &clock}, kWaitForDatabase));
    return RunAdmin(*database, request);
  }
  auto data = OfflineStore::Open(data_dir, "send it the command");
  if (ReasonOf(data.status()) == Reason::kDataDirInUse)
    return SendToServer(data_dir, request);
  if (absl::IsNotFound(data.status())) {
    return absl::NotFoundError(
        fmt::format("{}, or a PostgreSQL database with --store",
                    std::string(data.status().message())));
  }
  if (!data.ok()) return std::move(data).status();
  return RunAdmin((*data)->store(), request);
}

}  // namespace pinhole::app
