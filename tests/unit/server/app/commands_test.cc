// SPDX-License-Identifier: Apache-2.0

#include "server/app/commands/commands.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/async/blocking_executor.h"
#include "base/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/commands/operator_socket.h"
#include "server/app/data/data_dir.h"
#include "server/app/data/open_photo_files.h"
#include "server/media/rendition_version.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/server/domain/world.h"

namespace pinhole::app {
namespace {

namespace fs = std::filesystem;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class CommandsTest : public ::testing::Test {
 protected:
  CommandsTest() { CreateInstallation(); }

  // A data directory with one user.
  void CreateInstallation() {
    const auto data = DataDir::Open(data_);
    const auto store = OpenStore();
    CreateUser create{"ansel", "Ansel", "hash", {}};
    EXPECT_THAT(BlockingExecutor().Run(store->Execute(std::move(create))),
                IsOk());
    store->Close();
  }

  std::unique_ptr<SqliteStore> OpenStore() {
    SqliteOptions options;
    options.path = data_ / "pinhole.db";
    options.clock = &clock_;
    return OpenSqliteStore(options).value();
  }

  std::optional<int> Run(std::vector<std::string> arguments) {
    std::vector<const char*> argv = {"pinhole-server"};
    for (const std::string& argument : arguments) {
      argv.push_back(argument.c_str());
    }
    std::ostringstream out;
    std::ostringstream err;
    const auto code =
        RunCommand(static_cast<int>(argv.size()), argv.data(), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  // Adds the data directory to the arguments.
  std::optional<int> RunHere(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--data-dir", data_.string()});
    return Run(std::move(arguments));
  }

  // Adds a photo of ansel with renditions of that version; returns its key.
  std::string AddPhoto(std::int32_t rendition_version) {
    const auto data = DataDir::Open(data_);
    const auto store = OpenStore();
    const auto files = OpenPhotoFiles(**data, media_, {}, *store).value();
    const auto upload = files->Begin().value();
    EXPECT_THAT(upload->Append(testing::Jpeg()), IsOk());
    media::Decoders decoders({.program = PINHOLE_DECODER});
    const auto picture = upload->Render(decoders).value();
    RecordUpload record{upload->key()};
    EXPECT_THAT(BlockingExecutor().Run(store->Execute(std::move(record))),
                IsOk());
    EXPECT_THAT(upload->Publish(), IsOk());
    pinhole::AddPhoto add;
    add.owner = store->FindUser({}, "ansel")->id;
    add.file_key = upload->key();
    add.size_bytes = picture.size_bytes;
    add.content_type = picture.content_type;
    add.rendition_version = rendition_version;
    EXPECT_THAT(BlockingExecutor().Run(store->Execute(std::move(add))), IsOk());
    store->Close();
    return upload->key();
  }
  fs::path Folder(const std::string& key) {
    return media_ / key.substr(0, 2) / key;
  }

  testing::TempDir folder_;
  SystemClock clock_;
  const fs::path data_ = folder_.path() / "data";
  fs::path media_ = data_ / "photos";
  const fs::path backup_ = folder_.path() / "backup";
  std::string out_;
  std::string err_;
};

TEST_F(CommandsTest, OptionsWithoutACommandStartTheServer) {
  EXPECT_EQ(Run({}), std::nullopt);
  EXPECT_EQ(Run({"--data-dir", "backup"}), std::nullopt);
}

TEST_F(CommandsTest, WrongUsageExitsWithTwo) {
  EXPECT_EQ(Run({"no-such-command"}), 2);
  EXPECT_EQ(Run({"admin"}), 2);
  EXPECT_EQ(Run({"admin", "grant"}), 2);
  EXPECT_EQ(Run({"backup"}), 2);
  EXPECT_THAT(err_, HasSubstr("--to"));
  EXPECT_EQ(Run({"restore", "--no-such-option"}), 2);
  EXPECT_EQ(Run({"renditions"}), 2);
  EXPECT_EQ(Run({"restore", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("--from"));
}

TEST_F(CommandsTest, AdministratorsAreGrantedListedAndRevoked) {
  EXPECT_EQ(RunHere({"admin", "grant", "Ansel"}), 0);
  EXPECT_EQ(out_, "@ansel is an administrator\n");
  EXPECT_TRUE(OpenStore()->FindCredentials("ansel")->administrator);
  EXPECT_EQ(RunHere({"admin", "list"}), 0);
  EXPECT_EQ(out_, "@ansel\n");

  EXPECT_EQ(RunHere({"admin", "revoke", "ansel"}), 0);
  EXPECT_EQ(RunHere({"admin", "list"}), 0);
  EXPECT_EQ(out_, "");
}

TEST_F(CommandsTest, RemovalsAreListedLatestFirst) {
  AddPhoto(0);
  ASSERT_EQ(RunHere({"admin", "removals"}), 0);
  EXPECT_EQ(out_, "");
  const auto store = OpenStore();
  CreateUser root{"root", "", "hash", {}};
  const UserId id = BlockingExecutor().Run(store->Execute(root))->id;
  SetAdministrator name{id, true};
  ASSERT_THAT(BlockingExecutor().Run(store->Execute(name)), IsOk());
  const PhotoId photo = store->LatestPhoto().value();
  DeletePhoto remove{id, photo};
  ASSERT_THAT(BlockingExecutor().Run(store->Execute(remove)), IsOk());
  DeleteUser end{store->FindCredentials("ansel")->id, id};
  ASSERT_THAT(BlockingExecutor().Run(store->Execute(end)), IsOk());
  store->Close();

  EXPECT_EQ(RunHere({"admin", "removals"}), 0);

  EXPECT_THAT(out_, ::testing::MatchesRegex(
                        ".*  @root removed users/ansel of @ansel\n.*  @root "
                        "removed photos/" +
                        std::to_string(photo.value) + " of @ansel\n"));
}

TEST_F(CommandsTest, LineBreakInAHandleIsRefused) {
  EXPECT_EQ(RunHere({"admin", "grant", "ansel\nx"}), 1);
  EXPECT_THAT(err_, HasSubstr("HANDLE"));
}

TEST_F(CommandsTest, UnknownHandleFails) {
  EXPECT_EQ(RunHere({"admin", "grant", "nobody"}), 1);
  EXPECT_THAT(err_, HasSubstr("no user has the handle 'nobody'"));
}

TEST_F(CommandsTest, DirectoryWithoutDataFailsAndIsNotCreated) {
  const fs::path none = folder_.path() / "none";

  for (const auto& command : std::vector<std::vector<std::string>>{
           {"admin", "list"},
           {"admin", "grant", "ansel"},
           {"backup", "--to", backup_.string()},
           {"renditions", "rebuild"}}) {
    auto arguments = command;
    arguments.insert(arguments.end(), {"--data-dir", none.string()});
    EXPECT_EQ(Run(arguments), 1);
    EXPECT_THAT(err_, HasSubstr("no Pinhole data"));
    // Only these can use PostgreSQL.
    if (command[0] == "admin") {
      EXPECT_THAT(err_, HasSubstr("--store"));
    }
  }
  EXPECT_FALSE(fs::exists(none));
}

TEST_F(CommandsTest, RunningServerIsLeftAloneAndTheErrorNamesTheAlternative) {
  const auto server = DataDir::Open(data_);

  EXPECT_EQ(RunHere({"admin", "grant", "ansel"}), 1);
  EXPECT_THAT(err_, HasSubstr("it is starting or stopping"));
  EXPECT_EQ(RunHere({"backup", "--to", backup_.string()}), 1);
  EXPECT_THAT(err_, HasSubstr("`pinhole backup`"));
  EXPECT_FALSE(fs::exists(backup_));
  EXPECT_EQ(RunHere({"renditions", "rebuild"}), 1);
  EXPECT_THAT(err_, HasSubstr("by itself"));
}

TEST_F(CommandsTest, RunningServerExecutesAdminCommands) {
  const auto server = DataDir::Open(data_);
  const auto store = OpenStore();
  // Like the socket that a killed server leaves behind.
  const std::ofstream left(data_ / "operator.sock");
  const auto socket = OperatorSocket::Listen(data_, *store);
  ASSERT_THAT(socket, IsOk());

  EXPECT_EQ(RunHere({"admin", "grant", "Ansel"}), 0);
  EXPECT_EQ(out_, "@ansel is an administrator\n");
  EXPECT_TRUE(store->FindCredentials("ansel")->administrator);
  EXPECT_EQ(RunHere({"admin", "list"}), 0);
  EXPECT_EQ(out_, "@ansel\n");
  EXPECT_EQ(RunHere({"admin", "grant", "nobody"}), 1);
  EXPECT_THAT(err_, HasSubstr("no user has the handle 'nobody'"));
  EXPECT_EQ(RunHere({"admin", "revoke", "ansel"}), 0);
  EXPECT_FALSE(store->FindCredentials("ansel")->administrator);
}

TEST_F(CommandsTest, RunningServerRefusesUnknownCommands) {
  const auto server = DataDir::Open(data_);
  const auto store = OpenStore();
  const auto socket = OperatorSocket::Listen(data_, *store).value();

  const auto answer = SendToServer(
      data_, {.action = "grant", .handle = std::string(2000, 'a')});

  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("HANDLE must be")));
  EXPECT_THAT(
      SendToServer(data_, {.action = "dance", .handle = ""}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("admin dance")));
}

TEST_F(CommandsTest, BackupIsVerifiedAndRestored) {
  const fs::path restored = folder_.path() / "restored";

  EXPECT_EQ(RunHere({"backup", "--to", backup_.string()}), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr(backup_.string()), HasSubstr("1 users")));
  EXPECT_EQ(Run({"verify-backup", backup_.string()}), 0);
  EXPECT_THAT(out_, HasSubstr("is intact"));
  EXPECT_EQ(Run({"restore", "--from", backup_.string(), "--data-dir",
                 restored.string()}),
            0);
  EXPECT_THAT(out_, AllOf(HasSubstr(restored.string()), HasSubstr("1 users")));

  EXPECT_EQ(Run({"admin", "list", "--data-dir", restored.string()}), 0);
}

TEST_F(CommandsTest, DamagedBackupFails) {
  EXPECT_EQ(RunHere({"backup", "--to", backup_.string()}), 0);
  fs::resize_file(backup_ / "pinhole.db", 4096);

  EXPECT_EQ(Run({"verify-backup", backup_.string()}), 1);
  EXPECT_THAT(err_, HasSubstr("damaged"));
}

TEST_F(CommandsTest, OutdatedRenditionsAreRebuilt) {
  const std::string one = AddPhoto(0);
  const std::string two = AddPhoto(0);
  const std::string current = AddPhoto(media::kRenditionVersion);

  EXPECT_EQ(RunHere({"renditions", "rebuild"}), 0);

  EXPECT_EQ(out_,
            "rebuilding the renditions of 2 photos\n"
            "rebuilt the renditions of 2 photos; 0 keep theirs, 0 are "
            "damaged\n");
  const auto store = OpenStore();
  EXPECT_FALSE(store->HasFileKey(one).value());
  EXPECT_FALSE(store->HasFileKey(two).value());
  EXPECT_TRUE(store->HasFileKey(current).value());
  store->Close();
  EXPECT_FALSE(fs::exists(Folder(one)));
}

TEST_F(CommandsTest, NoRenditionIsOutdatedAfterwards) {
  AddPhoto(0);
  EXPECT_EQ(RunHere({"renditions", "rebuild"}), 0);

  EXPECT_EQ(RunHere({"renditions", "rebuild"}), 0);

  EXPECT_EQ(out_, "no renditions are outdated\n");
}

TEST_F(CommandsTest, AllRenditionsAreRebuiltIfAsked) {
  const std::string current = AddPhoto(media::kRenditionVersion);

  EXPECT_EQ(RunHere({"renditions", "rebuild", "--all"}), 0);

  EXPECT_THAT(out_, HasSubstr("rebuilt the renditions of 1 photos"));
  EXPECT_FALSE(OpenStore()->HasFileKey(current).value());
}

TEST_F(CommandsTest, PhotosCanBeInAnotherDirectory) {
  media_ = folder_.path() / "deep" / "media";
  const std::string key = AddPhoto(0);

  EXPECT_EQ(RunHere({"renditions", "rebuild", "--media-dir", media_.string()}),
            0);
  EXPECT_FALSE(fs::exists(Folder(key)));
  EXPECT_EQ(RunHere({"backup", "--to", backup_.string(), "--media-dir",
                     media_.string()}),
            0);
  EXPECT_THAT(out_, HasSubstr("1 photos"));
  EXPECT_EQ(Run({"verify-backup", backup_.string()}), 0);
}

TEST_F(CommandsTest, MediaDirectoryCanBeALink) {
  const fs::path real = folder_.path() / "real";
  fs::create_directory(real);
  media_ = folder_.path() / "link";
  fs::create_symlink(real, media_);

  const std::string key = AddPhoto(0);

  EXPECT_TRUE(fs::exists(real / key.substr(0, 2) / key));
}

TEST_F(CommandsTest, MediaDirectoryWithoutThePhotosOfTheDatabaseIsRefused) {
  AddPhoto(0);
  const fs::path empty = folder_.path() / "not mounted";

  EXPECT_EQ(RunHere({"renditions", "rebuild", "--media-dir", empty.string()}),
            1);

  EXPECT_THAT(err_, HasSubstr("there are no photos in"));
  fs::create_directory(empty / "00");
  EXPECT_EQ(RunHere({"renditions", "rebuild", "--media-dir", empty.string()}),
            1);
  EXPECT_THAT(err_, HasSubstr("files are missing or damaged"));
}

TEST_F(CommandsTest, PhotosOfAnotherInstallationAreRefused) {
  media_ = folder_.path() / "media";
  AddPhoto(0);
  fs::rename(data_, folder_.path() / "first");
  CreateInstallation();

  EXPECT_EQ(RunHere({"backup", "--to", backup_.string(), "--media-dir",
                     media_.string()}),
            1);

  EXPECT_THAT(err_, HasSubstr("belongs to another Pinhole installation"));
}

TEST_F(CommandsTest, FileInPlaceOfTheMediaDirectoryIsRefused) {
  EXPECT_EQ(RunHere({"backup", "--to", backup_.string(), "--media-dir",
                     (data_ / "pinhole.db").string()}),
            1);

  EXPECT_THAT(err_, AllOf(HasSubstr("pinhole.db for photos"),
                          HasSubstr("choose another --media-dir")));
}

TEST_F(CommandsTest, LostOriginalFailsAndIsNamed) {
  const std::string lost = AddPhoto(0);
  const std::string fine = AddPhoto(0);
  fs::remove(Folder(lost) / "original");

  EXPECT_EQ(RunHere({"renditions", "rebuild"}), 1);

  EXPECT_THAT(out_, AllOf(HasSubstr("of photos/"),
                          HasSubstr("restore its files from a backup")));
  EXPECT_THAT(err_, HasSubstr("1 photos were not rebuilt"));
  const auto store = OpenStore();
  EXPECT_TRUE(store->HasFileKey(lost).value());
  EXPECT_FALSE(store->HasFileKey(fine).value());
}

}  // namespace
}  // namespace pinhole::app
