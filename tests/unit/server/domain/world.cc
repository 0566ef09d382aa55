// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/server/domain/world.h"

#include <vips/vips.h>

#include "server/media/photo_folder.h"
#include "tests/support/model_store/model_store.h"

namespace pinhole::testing {
namespace {

Task<absl::StatusOr<Photo>> UploadWhole(domain::Photos& photos, UserId owner,
                                        domain::NewPhoto photo,
                                        std::string bytes) {
  absl::StatusOr<domain::PhotoUpload> upload =
      co_await photos.BeginUpload(owner, std::move(photo));
  if (!upload.ok()) co_return upload.status();
  if (upload->repeated) co_return *upload->repeated;
  const absl::Status appended =
      co_await photos.Append(*upload, std::move(bytes));
  if (!appended.ok()) co_return appended;
  co_return co_await photos.Publish(*std::move(upload));
}

}  // namespace

std::string Jpeg(int width, int height, int seed) {
  VipsImage* black = nullptr;
  VipsImage* picture = nullptr;
  void* bytes = nullptr;
  size_t size = 0;
  vips_black(&black, width, height, "bands", 3, nullptr);
  vips_linear1(black, &picture, 1.0, seed % 256, "uchar", TRUE, nullptr);
  vips_jpegsave_buffer(picture, &bytes, &size, nullptr);
  std::string jpeg(static_cast<const char*>(bytes), size);
  g_free(bytes);
  g_object_unref(picture);
  g_object_unref(black);
  return jpeg;
}

World::World()
    : World([](const std::filesystem::path&, const Clock& clock) {
        return std::make_unique<ModelStore>(clock);
      }) {}

World::World(const OpenStore& open)
    : store(open(dir.path(), clock)),
      files(OpenFiles("tmp")),
      garbage(*store, *files, file_pool),
      backups(*store, *files, garbage, backup_pool, clock,
              {.dir = dir.path() / "backups", .version = "1.2.3"}),
      accounts(*store, garbage, passwords, throttle, clock),
      imports(*store, passwords, clock, {.allowed = true}),
      photos(*store, *files, decoders, garbage,
             {.decode = decode_pool, .file = file_pool}, events),
      renditions(*store, *files, decoders, garbage, decode_pool),
      social(*store),
      feed(*store, events),
      signer(*store) {}

std::unique_ptr<media::PhotoFiles> World::OpenFiles(
    const std::string& scratch) const {
  std::filesystem::create_directories(dir.path() / "files");
  return media::PhotoFiles::Open(
             dir.path() / "files" / scratch,
             media::PhotoFolder::Open(dir.path() / "files" / "photos", "this")
                 .value())
      .value();
}

World::~World() { store->Close(); }

UserId World::AddUser(const std::string& handle) {
  CreateUser create{.handle = handle,
                    .display_name = "",
                    .password_hash = "$none",
                    .request = {}};
  return Run(store->Execute(std::move(create))).value().id;
}

absl::StatusOr<Photo> World::Upload(UserId owner, domain::NewPhoto photo,
                                    std::string bytes) {
  return Run(UploadWhole(photos, owner, std::move(photo), std::move(bytes)));
}

Photo World::AddPhoto(UserId owner, Visibility visibility,
                      const std::string& caption) {
  domain::NewPhoto photo;
  photo.visibility = visibility;
  photo.caption = caption;
  return Upload(owner, std::move(photo), Jpeg()).value();
}

void World::Follow(UserId actor, const std::string& handle) {
  (void)Run(social.Follow(actor, handle)).value();
}

void World::Block(UserId actor, const std::string& handle) {
  (void)Run(social.Block(actor, handle)).value();
}

std::size_t World::CountFiles() const {
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(dir.path() / "files")) {
    const bool photo = entry.path().filename() != "installation";
    if (entry.is_regular_file() && photo) ++count;
  }
  return count;
}

}  // namespace pinhole::testing
