// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/town.h"

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "fmt/format.h"
#include "server/auth/token.h"
#include "server/media/rendition_version.h"
#include "server/store/sqlite/sqlite_store.h"

namespace pinhole::bench {
namespace {

constexpr char kNoPassword[] = "none";

}  // namespace

std::unique_ptr<SqliteStore> OpenStore(const std::filesystem::path& data_dir) {
  static const SystemClock clock;
  std::filesystem::create_directories(data_dir);
  SqliteOptions options;
  options.path = data_dir / "pinhole.db";
  options.clock = &clock;
  auto store = OpenSqliteStore(std::move(options));
  if (!store.ok()) std::abort();
  return *std::move(store);
}

std::vector<UserId> AddPeople(Store& store, const std::string& prefix,
                              int count) {
  std::vector<CreateUser> commands;
  for (int i = 0; i < count; ++i) {
    commands.push_back({.handle = fmt::format("{}{}", prefix, i),
                        .display_name = fmt::format("Person number {}", i),
                        .password_hash = kNoPassword,
                        .request = {}});
  }
  std::vector<UserId> ids;
  for (const User& user : ExecuteAll(store, std::move(commands))) {
    ids.push_back(user.id);
  }
  return ids;
}

std::vector<PhotoId> AddPhotos(Store& store, const std::vector<UserId>& owners,
                               int count) {
  std::vector<RecordUpload> uploads;
  std::vector<AddPhoto> commands;
  for (int i = 0; i < count; ++i) {
    AddPhoto photo;
    // Strides through the owners so that a feed has many of them.
    photo.owner = owners[static_cast<std::size_t>(i) * 7919 % owners.size()];
    photo.file_key = absl::BytesToHexString(auth::RandomBytes(16));
    photo.caption = fmt::format("Photo number {}, as the light went", i);
    photo.alt_text = "A rock before a sky";
    photo.width = 4000;
    photo.height = 3000;
    photo.size_bytes = 5'400'000;
    photo.content_type = "image/jpeg";
    photo.rendition_version = media::kRenditionVersion;
    uploads.push_back({photo.file_key});
    commands.push_back(std::move(photo));
  }
  ExecuteAll(store, std::move(uploads));
  std::vector<PhotoId> ids;
  for (const Photo& photo : ExecuteAll(store, std::move(commands))) {
    ids.push_back(photo.id);
  }
  return ids;
}

void Follow(Store& store, UserId viewer, const std::vector<UserId>& people,
            int count) {
  std::vector<FollowUser> commands;
  for (const UserId user : people) {
    if (static_cast<int>(commands.size()) == count) break;
    if (user != viewer) commands.push_back({viewer, user});
  }
  ExecuteAll(store, std::move(commands));
}

std::vector<std::string> SignIn(Store& store,
                                const std::vector<UserId>& people) {
  std::vector<std::string> tokens;
  std::vector<CreateSession> commands;
  for (const UserId user : people) {
    tokens.push_back(auth::NewToken());
    commands.push_back({.user = user,
                        .token_hash = auth::HashToken(tokens.back()),
                        .expire_time = absl::Now() + absl::Hours(24),
                        .password_hash = kNoPassword,
                        .request = {}});
  }
  ExecuteAll(store, std::move(commands));
  return tokens;
}

}  // namespace pinhole::bench
