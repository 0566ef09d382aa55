// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "base/async/thread_pool.h"
#include "server/domain/accounts.h"
#include "server/domain/backup/backups.h"
#include "server/domain/feed.h"
#include "server/domain/feed_events.h"
#include "server/domain/garbage.h"
#include "server/domain/imports.h"
#include "server/domain/login_throttle.h"
#include "server/domain/photos.h"
#include "server/domain/renditions.h"
#include "server/domain/social.h"
#include "server/domain/text/token_signer.h"
#include "server/media/photo_files.h"
#include "server/store/memory_guess_counter.h"
#include "server/store/store.h"
#include "tests/support/blocking_reader.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_loop.h"

namespace pinhole::testing {

// A JPEG file; each seed gives another picture.
std::string Jpeg(int width = 64, int height = 48, int seed = 0);

// The domain on a model store and real files in a temporary directory, with a
// manual clock.
struct World {
  using OpenStore = std::function<std::unique_ptr<Store>(
      const std::filesystem::path& folder, const Clock& clock)>;

  World();
  // With another store.
  explicit World(const OpenStore& open);
  ~World();

  template <typename T>
  T Run(Task<T> task) {
    return loop.Run(std::move(task));
  }

  // Adds a user with a random password.
  UserId AddUser(const std::string& handle);
  // Uploads `bytes` in one chunk.
  absl::StatusOr<Photo> Upload(UserId owner, domain::NewPhoto photo,
                               std::string bytes);
  // Uploads a small photo.
  Photo AddPhoto(UserId owner, Visibility visibility = Visibility::kPublic,
                 const std::string& caption = "");
  void Follow(UserId actor, const std::string& handle);
  void Block(UserId actor, const std::string& handle);

  // The photo files of another server of the installation; `scratch` names its
  // directory for uploads in progress.
  std::unique_ptr<media::PhotoFiles> OpenFiles(
      const std::string& scratch) const;

  // Number of files of photos, published or not.
  std::size_t CountFiles() const;

  TempDir dir;
  ManualClock clock;
  std::unique_ptr<Store> store;
  BlockingReader reader{*store};
  std::unique_ptr<media::PhotoFiles> files;
  media::Decoders decoders{{.program = PINHOLE_DECODER}};
  ThreadPool hash_pool{{.name = "hash",
                        .max_queue = 4,
                        .waiting = CallPhase::kHashWait,
                        .working = CallPhase::kHash}};
  ThreadPool decode_pool{{.name = "decode",
                          .waiting = CallPhase::kMedia,
                          .working = CallPhase::kMedia}};
  ThreadPool file_pool{{.name = "file",
                        .waiting = CallPhase::kMedia,
                        .working = CallPhase::kMedia}};
  ThreadPool backup_pool{{.name = "backup"}};
  domain::FeedEvents events;
  domain::Garbage garbage;
  domain::Backups backups;
  domain::Passwords passwords{hash_pool, clock};
  MemoryGuessCounter guesses;
  domain::LoginThrottle throttle{guesses, *store, {}};
  domain::Accounts accounts;
  domain::Imports imports;  // Enabled.
  domain::Photos photos;
  domain::Renditions renditions;
  domain::Social social;
  domain::Feed feed;
  domain::TokenSigner signer;
  TestLoop loop;
};

}  // namespace pinhole::testing
