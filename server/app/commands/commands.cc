// SPDX-License-Identifier: Apache-2.0

#include "server/app/commands/commands.h"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "base/async/thread_pool.h"
#include "base/options/command_line.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/app/commands/admin_commands.h"
#include "server/app/commands/migrate.h"
#include "server/app/commands/rendition_commands.h"
#include "server/app/commands/restore.h"
#include "server/app/data/offline_store.h"
#include "server/app/data/open_photo_files.h"
#include "server/app/data/s3_flags.h"
#include "server/domain/backup/backups.h"
#include "server/domain/garbage.h"

namespace pinhole::app {
namespace {

namespace fs = std::filesystem;

constexpr int kFailed = 1;

// The values of the flags.
struct Arguments {
  fs::path data_dir = "pinhole-data";
  std::string store;   // URI of a PostgreSQL database; empty: SQLite.
  fs::path media_dir;  // Empty: photos/ in `data_dir`.
  S3Options s3;
  fs::path folder;
  std::string handle;
  Migration migration;
  bool all = false;

  fs::path MediaDir() const {
    return media_dir.empty() ? data_dir / "photos" : media_dir;
  }
};

std::string Describe(const domain::Manifest& manifest) {
  return fmt::format("{} users, {} photos ({} bytes), as of {}", manifest.users,
                     manifest.photos, manifest.photo_bytes,
                     absl::FormatTime(absl::RFC3339_sec, manifest.create_time,
                                      absl::UTCTimeZone()));
}

absl::Status Admin(const Arguments& arguments, std::string action,
                   std::ostream& out) {
  ASSIGN_OR_RETURN(const std::string text,
                   RunAdminCommand(arguments.data_dir, arguments.store,
                                   {.action = std::move(action),
                                    .handle = arguments.handle}));
  out << text;
  return absl::OkStatus();
}

absl::Status BackUp(const Arguments& arguments, std::ostream& out) {
  ASSIGN_OR_RETURN(
      const std::unique_ptr<OfflineStore> data,
      OfflineStore::Open(arguments.data_dir,
                         "to back up a running server, an administrator runs "
                         "`pinhole backup`"));
  ASSIGN_OR_RETURN(const auto files,
                   OpenPhotoFiles(data->data_dir(), arguments.MediaDir(),
                                  arguments.s3, data->store()));
  ThreadPool pool({.name = "backup"});
  domain::Garbage garbage(data->store(), *files, pool);
  const SystemClock clock;
  domain::Backups backups(data->store(), *files, garbage, pool, clock,
                          {.dir = {}, .version = PINHOLE_VERSION});
  ASSIGN_OR_RETURN(const domain::Backup backup,
                   backups.CreateAt(arguments.folder));
  out << fmt::format("backup {}: {}\n", backup.path.string(),
                     Describe(backup.manifest));
  return absl::OkStatus();
}

absl::Status VerifyOnly(const Arguments& arguments, std::ostream& out) {
  ASSIGN_OR_RETURN(const domain::VerifiedBackup verified,
                   VerifyBackup(arguments.folder));
  out << fmt::format("{} is intact: {}\n", arguments.folder.string(),
                     Describe(verified.manifest));
  if (verified.photos_without_digests > 0) {
    out << fmt::format(
        "only the names and sizes of the files of {} photos were checked: an "
        "earlier version stored them without digests, and their renditions had "
        "not been rebuilt when the backup was made\n",
        verified.photos_without_digests);
  }
  return absl::OkStatus();
}

absl::Status RestoreInto(const Arguments& arguments, std::ostream& out) {
  ASSIGN_OR_RETURN(const domain::Manifest manifest,
                   Restore(arguments.folder, arguments.data_dir));
  out << fmt::format("restored into {}: {}\n", arguments.data_dir.string(),
                     Describe(manifest));
  return absl::OkStatus();
}

absl::Status MigrateTo(const Arguments& arguments, std::ostream& out,
                       std::ostream& progress) {
  ASSIGN_OR_RETURN(const MigrationSummary moved,
                   Migrate(arguments.migration, progress));
  out << fmt::format(
      "moved {} users and {} photos ({} rows) to PostgreSQL; the photos are in "
      "{}; the old database is now {}\n",
      moved.users, moved.photos, moved.rows, moved.media_dir.string(),
      moved.old_database.string());
  return absl::OkStatus();
}

// The commands and their options; Perform runs the chosen one.
class OperatorCommands {
 public:
  OperatorCommands(std::ostream& out, std::ostream& err)
      : out_(out), err_(err) {
    AddAdmin();
    CliCommand backup =
        Add(line_, "backup", "Make a backup of a stopped server",
            [this] { return BackUp(arguments_, out_); });
    AddDataDir(backup);
    AddMediaDir(backup);
    AddBucket(backup);
    AddFolder(backup, "--to", "New directory for the backup");
    CliCommand verify = Add(line_, "verify-backup", "Check a backup completely",
                            [this] { return VerifyOnly(arguments_, out_); });
    AddFolder(verify, "folder", "Directory of the backup");
    CliCommand restore = Add(line_, "restore",
                             "Check a backup and turn it into a data directory",
                             [this] { return RestoreInto(arguments_, out_); });
    AddDataDir(restore);
    AddFolder(restore, "--from", "Directory of the backup");
    AddMigrate();
    AddRenditions();
  }

  std::optional<ExitRequest> Parse(std::vector<std::string> arguments) {
    return line_.Parse(std::move(arguments));
  }
  absl::Status Perform() { return action_(); }

 private:
  using Action = std::function<absl::Status()>;

  CliCommand Add(CliCommand parent, const char* name, const char* help,
                 Action action) {
    return parent.AddCommand(name, help)
        .OnParsed([this, action = std::move(action)] { action_ = action; });
  }
  void AddDataDir(CliCommand command) {
    command
        .Add("--data-dir", arguments_.data_dir,
             "Directory of the database and the photos")
        .FromEnvironment()
        .ShowDefault();
  }
  void AddStore(CliCommand command) {
    command
        .Add("--store", arguments_.store,
             "PostgreSQL database of the servers, as for the server; by "
             "default the SQLite database in --data-dir")
        .FromEnvironment();
  }
  void AddMediaDir(CliCommand command) {
    command
        .Add("--media-dir", arguments_.media_dir,
             "Directory of the photos; by default photos/ in --data-dir")
        .FromEnvironment();
  }
  void AddBucket(CliCommand command) {
    for (Option option : AddS3Flags(command, arguments_.s3)) {
      option.FromEnvironment();
    }
  }
  void AddFolder(CliCommand command, const char* flag, const char* help) {
    command.Add(flag, arguments_.folder, help).Required();
  }
  void AddAdmin() {
    CliCommand admin = line_.AddCommand(
        "admin", "Manage administrators and list what they removed");
    const auto add = [&](const char* action, const char* help) {
      CliCommand command = Add(admin, action, help, [this, action] {
        return Admin(arguments_, action, out_);
      });
      AddDataDir(command);
      AddStore(command);
      return command;
    };
    const auto add_for_user = [&](const char* action, const char* help) {
      add(action, help)
          .Add("handle", arguments_.handle, "Handle of the user")
          .Required();
    };
    add_for_user("grant", "Make a user an administrator");
    add_for_user("revoke", "Make an administrator an ordinary user again");
    add("list", "List the administrators");
    add("removals", "List what administrators removed, latest first");
  }

  void AddMigrate() {
    CliCommand migrate =
        Add(line_, "migrate",
            "Move the data of a stopped server into an empty PostgreSQL "
            "database",
            [this] { return MigrateTo(arguments_, out_, err_); });
    Migration& migration = arguments_.migration;
    migrate
        .Add("--from", migration.from,
             "Data directory of the stopped server, with the database and the "
             "photos")
        .Required();
    migrate
        .Add("--to", migration.to,
             "PostgreSQL database, as postgres://USER@HOST[:PORT]/NAME; must "
             "exist and be empty")
        .Required();
    migrate.Add("--media-dir", migration.media_dir,
                "Copy the photos into this directory, for servers that get it "
                "as their --media-dir (default: leave the photos where they "
                "are)");
  }
  void AddRenditions() {
    CliCommand renditions = line_.AddCommand(
        "renditions", "Maintain the renditions (smaller versions) of photos");
    CliCommand rebuild =
        Add(renditions, "rebuild",
            "Rebuild the renditions that an earlier version made", [this] {
              return RebuildRenditions({.data_dir = arguments_.data_dir,
                                        .store = arguments_.store,
                                        .media_dir = arguments_.MediaDir(),
                                        .s3 = arguments_.s3,
                                        .all = arguments_.all},
                                       out_);
            });
    AddDataDir(rebuild);
    AddStore(rebuild);
    AddMediaDir(rebuild);
    AddBucket(rebuild);
    rebuild.AddFlag("--all", arguments_.all,
                    "Also rebuild renditions that this version made");
  }

  std::ostream& out_;
  std::ostream& err_;
  Arguments arguments_;
  Action action_;
  CommandLine line_{"pinhole-server",
                    "Commands for the operator of a Pinhole server"};
};

}  // namespace

std::optional<int> RunCommand(int argc, const char* const* argv,
                              std::ostream& out, std::ostream& err) {
  if (argc < 2 || std::string_view(argv[1]).starts_with('-')) {
    return std::nullopt;
  }
  OperatorCommands commands(out, err);
  if (const auto exit = commands.Parse({argv + 1, argv + argc})) {
    (exit->code == 0 ? out : err) << exit->text;
    return exit->code;
  }
  const absl::Status status = commands.Perform();
  if (status.ok()) return 0;
  err << "pinhole-server: " << std::string(status.message()) << "\n";
  return kFailed;
}

std::string CommandsHelp() {
  return "Commands for a data directory (each has --help); only admin works "
         "while a server uses it:\n"
         "  pinhole-server admin grant|revoke|list|removals\n"
         "  pinhole-server backup --to FOLDER\n"
         "  pinhole-server verify-backup FOLDER\n"
         "  pinhole-server restore --from FOLDER\n"
         "  pinhole-server migrate --from DATA_DIR --to postgres://...\n"
         "  pinhole-server renditions rebuild\n";
}

}  // namespace pinhole::app
