// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/schema/steps.h"

namespace pinhole::postgres {
namespace {

// Ids and times come from the servers.  Times are Unix microseconds; like the
// SQLite store, all tables except `throttle` contain whole milliseconds.
//
// Tables are of two kinds.  The rows of most tables belong to a user: to the
// owner of the photo, or to the viewer.  The id of that user is in each unique
// key, so that the tables can be distributed by it.  The others are
// directories: they lead from a key to the user, or are small.
// tests/unit/server/store/postgres/distribution_test.cc checks this.
//
// There are no foreign keys: commands lock the rows concerned before they look
// at them, and a key would have to lock them again.
//
// The indexes of follows by followee and of likes by photo are for lists and
// counts.  Their condition, id > 0, is true for all rows, but PostgreSQL uses
// them only for statements that state it.  Otherwise it would also use them to
// find out whether somebody likes a photo: it takes owner and photo for
// independent, expects one like for each photo, and reads all of them.
constexpr char kFirstVersion[] = R"sql(

CREATE TABLE schema (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version    integer NOT NULL,
  min_server integer NOT NULL  -- the oldest version of a server that can use it
);
INSERT INTO schema (version, min_server) VALUES (0, 0);

CREATE TABLE meta (
  only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  secret        bytea   NOT NULL,
  -- The largest id that a photo ever had.  Its lock gives photos ids in the
  -- order of their commits.
  last_photo_id bigint  NOT NULL DEFAULT 0
);
INSERT INTO meta (secret) VALUES (sha256(
  uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) ||
  uuid_send(gen_random_uuid())));

-- One row for each transaction lane of a server.  `batch` is the number of its
-- latest transaction, which tells whether it was committed; `last_id` is the
-- largest id that the node ever gave.
CREATE TABLE writers (
  instance text    NOT NULL,
  lane     integer NOT NULL,
  node     integer NOT NULL,
  last_id  bigint  NOT NULL,
  batch    bigint  NOT NULL,
  time     bigint  NOT NULL,
  PRIMARY KEY (instance, lane)
);

CREATE TABLE users (
  id            bigint  PRIMARY KEY,
  handle        text    COLLATE "C" NOT NULL,
  display_name  text    NOT NULL,
  bio           text    NOT NULL DEFAULT '',
  password_hash text    NOT NULL,
  create_time   bigint  NOT NULL,
  -- Exact counts of rows elsewhere, changed in the same transaction.
  public_photo_count    integer NOT NULL DEFAULT 0,
  followers_photo_count integer NOT NULL DEFAULT 0,
  private_photo_count   integer NOT NULL DEFAULT 0,
  follower_count        integer NOT NULL DEFAULT 0,
  following_count       integer NOT NULL DEFAULT 0,
  administrator boolean NOT NULL DEFAULT false
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX users_administrators ON users (handle) WHERE administrator;

-- Directory.  A deleted account leaves its row behind, with `user_id` 0, which
-- reserves the handle for a while.  Since one key decides whether a handle can be
-- taken, there is no gap between the deletion and the reservation.
CREATE TABLE handles (
  handle      text   COLLATE "C" PRIMARY KEY,
  user_id     bigint NOT NULL,
  delete_time bigint NOT NULL DEFAULT 0  -- of the account; 0 if it exists
);
CREATE INDEX handles_reserved ON handles (delete_time) WHERE user_id = 0;

-- Directory: from a token to the user.
CREATE TABLE sessions (
  token_hash  bytea  PRIMARY KEY,
  id          bigint NOT NULL,
  user_id     bigint NOT NULL,
  create_time bigint NOT NULL,
  expire_time bigint NOT NULL
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
CREATE INDEX sessions_by_user ON sessions (user_id, id DESC);
CREATE INDEX sessions_by_expire_time ON sessions (expire_time);

-- Directory: from a photo to its owner.  Rows do not change.
CREATE TABLE photo_owners (
  photo_id bigint PRIMARY KEY,
  owner_id bigint NOT NULL
);

CREATE TABLE photos (
  owner_id      bigint   NOT NULL,
  id            bigint   NOT NULL,
  visibility    smallint NOT NULL CHECK (visibility IN (1, 2, 3)),
  like_count    integer  NOT NULL DEFAULT 0,
  comment_count integer  NOT NULL DEFAULT 0,
  -- Likes and comments of users whom the owner blocks, which other viewers do
  -- not see.
  hidden_like_count    integer NOT NULL DEFAULT 0,
  hidden_comment_count integer NOT NULL DEFAULT 0,
  create_time   bigint   NOT NULL,
  width         integer  NOT NULL,
  height        integer  NOT NULL,
  size_bytes    bigint   NOT NULL,
  content_type  text     NOT NULL,
  file_key      text     COLLATE "C" NOT NULL,
  caption       text     NOT NULL,
  alt_text      text     NOT NULL,
  rendition_version integer NOT NULL DEFAULT 0,
  -- PhotoDigests in model/photo.h: empty, or 32 bytes for each file.
  digests       bytea    NOT NULL DEFAULT ''
    CHECK (length(digests) IN (0, 128)),
  PRIMARY KEY (owner_id, id)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
-- The photos of a user that followers see: the feed reads the newest of each
-- followed user, however many private photos are newer.
CREATE INDEX photos_in_feeds ON photos (owner_id, id) WHERE visibility <= 2;
CREATE INDEX photos_public ON photos (id, owner_id) WHERE visibility = 1;
CREATE INDEX photos_by_rendition_version
  ON photos (rendition_version, id DESC);
CREATE INDEX photos_by_file_key ON photos (file_key);

CREATE TABLE follows (
  follower_id bigint NOT NULL,
  followee_id bigint NOT NULL,
  id          bigint NOT NULL,
  PRIMARY KEY (follower_id, followee_id) INCLUDE (id)
);
CREATE INDEX follows_by_followee ON follows (followee_id, id)
  INCLUDE (follower_id) WHERE id > 0;

-- By user first: whether somebody likes a photo, what a blocked user likes and
-- what is deleted with an account are one range each.
CREATE TABLE likes (
  owner_id    bigint NOT NULL,  -- of the photo
  photo_id    bigint NOT NULL,
  user_id     bigint NOT NULL,
  id          bigint NOT NULL,
  create_time bigint NOT NULL,
  PRIMARY KEY (user_id, owner_id, photo_id)
);
CREATE INDEX likes_by_photo ON likes (owner_id, photo_id, id)
  INCLUDE (user_id) WHERE id > 0;

CREATE TABLE comments (
  owner_id    bigint NOT NULL,  -- of the photo
  photo_id    bigint NOT NULL,
  id          bigint NOT NULL,
  author_id   bigint NOT NULL,
  create_time bigint NOT NULL,
  text        text   NOT NULL,
  PRIMARY KEY (owner_id, photo_id, id) INCLUDE (author_id)
);
CREATE INDEX comments_by_author ON comments (author_id, owner_id, photo_id);

-- The id is that of the follow, like or comment that is reported.  Whether a
-- notification has been read is in its row: ids of different servers do not
-- tell which notification came first.
CREATE TABLE notifications (
  user_id     bigint   NOT NULL,
  id          bigint   NOT NULL,
  kind        smallint NOT NULL CHECK (kind IN (1, 2, 3)),
  actor_id    bigint   NOT NULL,
  photo_id    bigint   NOT NULL,  -- 0 for a follow
  create_time bigint   NOT NULL,
  read        boolean  NOT NULL DEFAULT false,
  PRIMARY KEY (user_id, id)
);
CREATE INDEX notifications_unread ON notifications (user_id, id) WHERE NOT read;

-- Two rows for each block, one from either side, so that one probe tells
-- whether two users are separated.
CREATE TABLE blocks (
  user_id  bigint  NOT NULL,
  other_id bigint  NOT NULL,
  blocking boolean NOT NULL,  -- true: user blocks other
  id       bigint  NOT NULL,
  PRIMARY KEY (user_id, other_id)
);
CREATE INDEX blocks_by_blocker ON blocks (user_id, id) WHERE blocking;

-- Directory.  The results of commands with a request key.
CREATE TABLE requests (
  key         bytea  PRIMARY KEY,
  fingerprint bytea  NOT NULL,
  result_id   bigint NOT NULL,
  user_id     bigint NOT NULL,  -- the caller; 0 for the creation of an account
  create_time bigint NOT NULL
);
CREATE INDEX requests_by_user ON requests (user_id) WHERE user_id <> 0;
CREATE INDEX requests_by_create_time ON requests (create_time);

-- Directory.  Removals by administrators; they outlive the accounts.
CREATE TABLE removals (
  id            bigint   PRIMARY KEY,
  kind          smallint NOT NULL CHECK (kind IN (1, 2, 3)),
  administrator text     NOT NULL,  -- handle
  owner         text     NOT NULL,  -- handle
  photo_id      bigint   NOT NULL,  -- 0 for an account
  comment_id    bigint   NOT NULL,  -- 0 except for a comment
  create_time   bigint   NOT NULL
);

-- Users whose row in `users` is deleted, while other rows of theirs are left.
CREATE TABLE deletions (
  user_id     bigint PRIMARY KEY,
  create_time bigint NOT NULL
);

-- Directory.  Photo files that are being published and have no photo yet.
CREATE TABLE uploads (
  file_key    text   COLLATE "C" PRIMARY KEY,
  create_time bigint NOT NULL
);
CREATE INDEX uploads_by_create_time ON uploads (create_time);

-- Directory.  Photo files to remove.
CREATE TABLE garbage (
  file_key    text   COLLATE "C" PRIMARY KEY,
  owner_id    bigint NOT NULL,
  create_time bigint NOT NULL
);
CREATE INDEX garbage_by_create_time ON garbage (create_time);

-- Directory.  Limits on password guesses: the time up to which the guesses of
-- the key are paid for.  Empty after a crash of the database.
CREATE UNLOGGED TABLE throttle (
  key  bytea  PRIMARY KEY,
  time bigint NOT NULL
) WITH (fillfactor = 50);
)sql";

constexpr SchemaStep kSteps[] = {{kFirstVersion, 1}};

}  // namespace

std::span<const SchemaStep> SchemaSteps() { return kSteps; }

}  // namespace pinhole::postgres
