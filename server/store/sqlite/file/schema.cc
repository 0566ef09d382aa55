// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/file/schema.h"

#include <iterator>

#include "fmt/format.h"
#include "server/store/sqlite/db/query.h"

namespace pinhole::store {
namespace {

// Times are Unix milliseconds.  Ids of all tables come from one sequence, so
// the id of a like, follow or comment also identifies its notification.
constexpr char kFirstVersion[] = R"sql(

-- One row: what the store keeps about itself.
CREATE TABLE meta (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  secret   BLOB    NOT NULL,
  last_id  INTEGER NOT NULL      -- the largest id ever given
) STRICT;

CREATE TABLE users (
  id            INTEGER PRIMARY KEY,
  handle        TEXT    NOT NULL UNIQUE,
  display_name  TEXT    NOT NULL,
  bio           TEXT    NOT NULL DEFAULT '',
  password_hash TEXT    NOT NULL,
  create_time   INTEGER NOT NULL,
  -- Exact counts of rows elsewhere, changed in the same transaction.
  public_photo_count    INTEGER NOT NULL DEFAULT 0,
  followers_photo_count INTEGER NOT NULL DEFAULT 0,
  private_photo_count   INTEGER NOT NULL DEFAULT 0,
  follower_count        INTEGER NOT NULL DEFAULT 0,
  following_count       INTEGER NOT NULL DEFAULT 0,
  -- Notifications up to this id have been read.
  last_read_id INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE sessions (
  id          INTEGER PRIMARY KEY,
  user_id     INTEGER NOT NULL REFERENCES users,
  token_hash  BLOB    NOT NULL UNIQUE,
  create_time INTEGER NOT NULL,
  expire_time INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, id DESC);
CREATE INDEX sessions_by_expire_time ON sessions (expire_time);

CREATE TABLE photos (
  id            INTEGER PRIMARY KEY,
  owner_id      INTEGER NOT NULL REFERENCES users,
  visibility    INTEGER NOT NULL CHECK (visibility IN (1, 2, 3)),
  like_count    INTEGER NOT NULL DEFAULT 0,
  comment_count INTEGER NOT NULL DEFAULT 0,
  create_time   INTEGER NOT NULL,
  width         INTEGER NOT NULL,
  height        INTEGER NOT NULL,
  size_bytes    INTEGER NOT NULL,
  content_type  TEXT    NOT NULL,
  file_key      TEXT    NOT NULL UNIQUE,
  caption       TEXT    NOT NULL,
  alt_text      TEXT    NOT NULL
) STRICT;
-- Covers the feed: it reads photo rows only for the page it shows.
CREATE INDEX photos_by_owner ON photos (owner_id, id DESC, visibility);
CREATE INDEX photos_public ON photos (id DESC, owner_id) WHERE visibility = 1;

CREATE TABLE follows (
  follower_id INTEGER NOT NULL REFERENCES users,
  followee_id INTEGER NOT NULL REFERENCES users,
  id          INTEGER NOT NULL,
  PRIMARY KEY (follower_id, followee_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX follows_by_followee ON follows (followee_id, id DESC, follower_id);

-- By user first: whether somebody likes a photo, what a blocked person likes
-- and what goes with an account are one range each.
CREATE TABLE likes (
  user_id     INTEGER NOT NULL REFERENCES users,
  photo_id    INTEGER NOT NULL REFERENCES photos,
  id          INTEGER NOT NULL,
  create_time INTEGER NOT NULL,
  PRIMARY KEY (user_id, photo_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX likes_by_photo ON likes (photo_id, id DESC);

CREATE TABLE comments (
  id          INTEGER PRIMARY KEY,
  photo_id    INTEGER NOT NULL REFERENCES photos,
  author_id   INTEGER NOT NULL REFERENCES users,
  create_time INTEGER NOT NULL,
  text        TEXT    NOT NULL
) STRICT;
CREATE INDEX comments_by_photo ON comments (photo_id, id, author_id);
CREATE INDEX comments_by_author ON comments (author_id, photo_id);

-- The id is that of the follow, like or comment told of: it cannot be told of
-- twice, and goes with it.
CREATE TABLE notifications (
  user_id     INTEGER NOT NULL REFERENCES users,
  id          INTEGER NOT NULL,
  kind        INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
  actor_id    INTEGER NOT NULL,
  photo_id    INTEGER NOT NULL,  -- 0 for a follow
  create_time INTEGER NOT NULL,
  PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

-- Two rows for each block, one from either side, so that one probe tells
-- whether two users are kept apart.
CREATE TABLE blocks (
  user_id  INTEGER NOT NULL REFERENCES users,
  other_id INTEGER NOT NULL,
  blocking INTEGER NOT NULL CHECK (blocking IN (0, 1)),  -- 1: user blocks other
  id       INTEGER NOT NULL,
  PRIMARY KEY (user_id, other_id)
) STRICT, WITHOUT ROWID;

-- What creates led to, so that repeating one has no second effect.
CREATE TABLE requests (
  key         BLOB    NOT NULL PRIMARY KEY,
  fingerprint BLOB    NOT NULL,
  result_id   INTEGER NOT NULL,
  user_id     INTEGER NOT NULL,  -- whose it is; 0 for an account's creation
  create_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_by_user ON requests (user_id);
CREATE INDEX requests_by_create_time ON requests (create_time);

-- Photo files to remove.
CREATE TABLE garbage (
  file_key TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

INSERT INTO meta VALUES (1, randomblob(32), 0);
)sql";

constexpr char kAdministrators[] = R"sql(
ALTER TABLE users ADD COLUMN administrator INTEGER NOT NULL DEFAULT 0
  CHECK (administrator IN (0, 1));
)sql";

// The version of the code that made a photo's renditions, and the digests of
// its files: empty in older rows, else 32 bytes each (PhotoDigests in
// model/photo.h).  The index has the order in which renditions are rebuilt.
constexpr char kRenditions[] = R"sql(
ALTER TABLE photos ADD COLUMN rendition_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE photos ADD COLUMN digests BLOB NOT NULL DEFAULT x''
  CHECK (length(digests) IN (0, 128));
CREATE INDEX photos_by_rendition_version
  ON photos (rendition_version, id DESC);
)sql";

// The likes and comments of a photo by users whom its owner blocks, which other
// viewers do not see; and tables for moderation.
constexpr char kBlocksAndModeration[] = R"sql(
ALTER TABLE photos ADD COLUMN hidden_like_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE photos ADD COLUMN hidden_comment_count INTEGER NOT NULL DEFAULT 0;
UPDATE photos SET
  hidden_like_count =
    (SELECT count(*) FROM blocks b CROSS JOIN likes l
     ON l.user_id = b.other_id AND l.photo_id = photos.id
     WHERE b.user_id = owner_id AND b.blocking = 1),
  hidden_comment_count =
    (SELECT count(*) FROM blocks b CROSS JOIN comments c
     ON c.author_id = b.other_id AND c.photo_id = photos.id
     WHERE b.user_id = owner_id AND b.blocking = 1)
  WHERE owner_id IN (SELECT user_id FROM blocks WHERE blocking = 1);
-- What administrators removed that was somebody else's; there is no reference,
-- since it outlives the accounts.
CREATE TABLE removals (
  id            INTEGER PRIMARY KEY,
  kind          INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
  administrator TEXT    NOT NULL,  -- handle
  owner         TEXT    NOT NULL,  -- handle
  photo_id      INTEGER NOT NULL,  -- 0 for an account
  comment_id    INTEGER NOT NULL,  -- 0 but for a comment
  create_time   INTEGER NOT NULL
) STRICT;
-- Handles of deleted accounts, which nobody can take for a while.
CREATE TABLE reserved_handles (
  handle      TEXT    NOT NULL PRIMARY KEY,
  delete_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reserved_handles_by_delete_time ON reserved_handles (delete_time);
-- Whom a user blocks, latest first, without those who only block the user.
CREATE INDEX blocks_by_blocker ON blocks (user_id, id DESC) WHERE blocking = 1;
)sql";

// Files that were or are about to be published and do not belong to a photo
// yet.
constexpr char kUploads[] = R"sql(
CREATE TABLE uploads (
  file_key    TEXT    NOT NULL PRIMARY KEY,
  create_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// Step i upgrades version i to version i + 1.  Steps are never changed once
// released, comments included; new ones are added at the end.
constexpr const char* kSteps[] = {kFirstVersion, kAdministrators, kRenditions,
                                  kBlocksAndModeration, kUploads};
constexpr int kVersion = static_cast<int>(std::size(kSteps));

int ReadNumber(Connection& db, const Sql& sql) {
  Query query(db, sql);
  query.Next();
  return query.Int32(0);
}

}  // namespace

int CurrentSchemaVersion() { return kVersion; }

int SchemaVersion(Connection& db) {
  static const Sql kSql("PRAGMA user_version");
  return ReadNumber(db, kSql);
}

absl::Status CheckIdentity(Connection& db) {
  static const Sql kApplication("PRAGMA application_id");
  static const Sql kTables("SELECT count(*) FROM sqlite_schema");
  const int application = ReadNumber(db, kApplication);
  const int version = SchemaVersion(db);
  const bool empty =
      application == 0 && version == 0 && ReadNumber(db, kTables) == 0;
  if (empty) return absl::OkStatus();
  if (application != kApplicationId) {
    return absl::FailedPreconditionError(
        "the file is a database of another application");
  }
  if (version > kVersion) {
    return absl::FailedPreconditionError(fmt::format(
        "the database was made by a newer version of Pinhole (schema version "
        "{}, this program supports up to {}); use that version or a newer one",
        version, kVersion));
  }
  return absl::OkStatus();
}

void Migrate(Connection& db) {
  for (int version = SchemaVersion(db); version < kVersion; ++version) {
    db.Execute("BEGIN IMMEDIATE");
    db.Execute(kSteps[version]);
    db.Execute(fmt::format("PRAGMA application_id={};PRAGMA user_version={}",
                           kApplicationId, version + 1)
                   .c_str());
    db.Execute("COMMIT");
  }
}

}  // namespace pinhole::store
