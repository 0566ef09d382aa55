// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/file/upgrade.h"

#include <chrono>
#include <string>
#include <system_error>
#include <vector>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/sqlite/db/sqlite_error.h"
#include "server/store/sqlite/file/database_copy.h"
#include "server/store/sqlite/file/schema.h"

namespace pinhole::store {
namespace {

namespace fs = std::filesystem;

constexpr char kBefore[] = ".before-v";
constexpr char kUnfinished[] = ".unfinished";

absl::Status Refused(const fs::path& path, const std::error_code& error) {
  return absl::UnavailableError(
      fmt::format("cannot create {}: {}", path.string(), error.message()));
}

// A copy that was killed can leave SQLite's files beside it.
void Remove(const fs::path& copy) {
  std::error_code ignored;
  for (const char* end : {"", "-wal", "-shm", "-journal"}) {
    fs::remove(copy.string() + end, ignored);
  }
}

absl::Status Copy(Connection& db, const fs::path& copy) {
  const auto any = [](const CopiedPhoto&) { return absl::OkStatus(); };
  RETURN_IF_ERROR(
      CatchSqlite([&] { DatabaseCopy(db, copy).Step(/*pages=*/-1); }));
  RETURN_IF_ERROR(SealCopy(copy));
  return CheckCopy(copy, {}, any).status();
}

// Renames the copy when it is complete and checked, so that a file with the
// final name is always usable.
absl::Status KeepCopy(Connection& db, const fs::path& file) {
  const fs::path copy =
      fmt::format("{}{}{}", file.string(), kBefore, CurrentSchemaVersion());
  const fs::path unfinished = copy.string() + kUnfinished;
  Remove(unfinished);
  if (const absl::Status copied = Copy(db, unfinished); !copied.ok()) {
    Remove(unfinished);
    return copied;
  }
  std::error_code error;
  fs::rename(unfinished, copy, error);
  if (error) return Refused(copy, error);
  return SyncToDisk(fs::absolute(file).parent_path());
}

bool IsOld(const fs::path& copy) {
  std::error_code error;
  const auto made = fs::last_write_time(copy, error);
  if (error) return false;
  const auto age = fs::file_time_type::clock::now() - made;
  return absl::FromChrono(std::chrono::duration_cast<std::chrono::seconds>(
             age)) > kKeepCopyFor;
}

}  // namespace

absl::Status Upgrade(Connection& db, const fs::path& file) {
  const int version = SchemaVersion(db);
  if (version != 0 && version < CurrentSchemaVersion()) {
    RETURN_IF_ERROR(KeepCopy(db, file));
  }
  Migrate(db);
  return absl::OkStatus();
}

void RemoveOldCopies(const fs::path& file) {
  const std::string prefix = file.filename().string() + kBefore;
  std::vector<fs::path> old;
  std::error_code error;
  fs::directory_iterator it(fs::absolute(file).parent_path(), error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename();
    if (name.rfind(prefix, 0) == 0 && IsOld(it->path())) {
      old.push_back(it->path());
    }
  }
  for (const fs::path& copy : old) fs::remove(copy, error);
}

}  // namespace pinhole::store
