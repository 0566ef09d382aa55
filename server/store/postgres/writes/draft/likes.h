// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/store/postgres/db/pipeline.h"
#include "server/store/postgres/writes/draft/changed_rows.h"
#include "server/store/postgres/writes/draft/photos.h"
#include "server/store/postgres/writes/draft/ties.h"

namespace pinhole::postgres {

// The likes of the photos of a batch by its actors, and what the actors see of
// the likes of others.
class Likes {
 public:
  // Also what decides whether `actor` may see the photo.
  void Want(UserId actor, PhotoId photo) { wanted_.insert({photo, actor}); }

  void Load(Pipeline& pipeline);
  // Hides photos of owners who are being deleted, and wants the ties that
  // matter: with the owners of photos for followers, and of actors with blocks.
  void Read(const std::vector<Result>& results, Photos& photos, Ties& ties);
  // What blocks hide from the actors.  Adds nothing if none of them has blocks.
  void LoadBlocks(Pipeline& pipeline);
  void ReadBlocks(const std::vector<Result>& results, Ties& ties);

  // The id of the like; none if there is none.
  std::optional<std::int64_t> Find(UserId user, PhotoId photo) const;
  // The number of likes of `photo` that `viewer`, who may see it, sees as the
  // commands so far leave them.
  std::int32_t Count(UserId viewer, PhotoId photo, const Photos::Row& row,
                     const Ties& ties) const;

  void Add(UserId user, PhotoId photo, UserId owner, std::int64_t id);
  void Remove(UserId user, PhotoId photo);

  void Save(Pipeline& pipeline, absl::Time now) const;

 private:
  using Key = std::pair<PhotoId, UserId>;  // The photo and who likes it.
  struct Row {
    UserId owner;
    std::int64_t id = 0;

    bool operator==(const Row&) const = default;
  };
  struct Change {
    UserId user;
    int change;
  };

  void LoadSeparated(Pipeline& pipeline);
  void LoadBlocksBetweenActors(Pipeline& pipeline);

  std::set<Key> wanted_;
  ChangedRows<Key, Row> rows_;
  // For actors with blocks, by either side: the number of stored likes of users
  // whom a block separates from the actor, apart from those that the owner of
  // the photo hides from everyone.
  std::map<Key, std::int32_t> blocks_;
  std::map<PhotoId, std::vector<Change>> changes_;
  // Indexes of results.
  std::size_t loaded_ = 0, separated_ = 0;
  std::optional<std::size_t> between_;
};

}  // namespace pinhole::postgres
