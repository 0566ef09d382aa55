// SPDX-License-Identifier: Apache-2.0

// Every read must answer as the model does from the same rows.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres/db/transaction.h"
#include "server/store/postgres/reads/fixed_plans.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "tests/contract/questions.h"
#include "tests/contract/random_commands.h"
#include "tests/support/manual_clock.h"
#include "tests/support/model_store/model_store.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/store/postgres/migrated_database.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::Ask;
using ::pinhole::testing::Describe;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::kMethods;
using ::pinhole::testing::ManualClock;
using ::pinhole::testing::MigratedTemplate;
using ::pinhole::testing::ModelStore;
using ::pinhole::testing::OpenConnection;
using ::pinhole::testing::RandomCommands;
using ::pinhole::testing::TestDatabase;
using ::pinhole::testing::Topic;
namespace model = ::pinhole::testing::model;

// A reader as a store that refuses all commands.
class ReadOnlyStore final : public Store {
 public:
  explicit ReadOnlyStore(const StoreReader& reader) : reader_(reader) {}

  void Submit(Command /*command*/, WriteOptions /*options*/,
              Done done) override {
    done(absl::UnimplementedError("read-only"));
  }
  std::string_view secret() const override { return ""; }
  StoreStats Stats() const override { return {}; }
  void Close() override {}

 protected:
  const StoreReader* InlineReader(ReadExtent /*extent*/) const override {
    return &reader_;
  }
  Task<absl::Status> ReadElsewhere(ReadFunction read) override {
    co_return read(reader_);
  }

 private:
  const StoreReader& reader_;
};

// Copies the rows of the model to the empty tables of a database, and computes
// the counts and notifications.
class RowCopy {
 public:
  explicit RowCopy(Connection& db) : db_(db) {}

  void Copy(const model::Rows& rows) {
    Transaction transaction(db_);
    EXPECT_THAT(transaction.Begin(), IsOk());
    EXPECT_THAT(
        db_.Execute(
            "TRUNCATE users, handles, sessions, photo_owners, photos, "
            "follows, likes, comments, notifications, blocks, requests, "
            "removals, garbage"),
        IsOk());
    CopyAccounts(rows);
    CopyPhotos(rows);
    CopySocial(rows);
    CopyUpkeep(rows);
    EXPECT_THAT(db_.Execute(kCounts), IsOk());
    EXPECT_THAT(transaction.Commit(), IsOk());
  }

 private:
  static constexpr char kCounts[] =
      "UPDATE users u SET"
      " public_photo_count = (SELECT count(*) FROM photos"
      "  WHERE owner_id = u.id AND visibility = 1),"
      " followers_photo_count = (SELECT count(*) FROM photos"
      "  WHERE owner_id = u.id AND visibility = 2),"
      " private_photo_count = (SELECT count(*) FROM photos"
      "  WHERE owner_id = u.id AND visibility = 3),"
      " follower_count = (SELECT count(*) FROM follows"
      "  WHERE followee_id = u.id),"
      " following_count = (SELECT count(*) FROM follows"
      "  WHERE follower_id = u.id);"
      "UPDATE photos p SET"
      " like_count = (SELECT count(*) FROM likes WHERE photo_id = p.id),"
      " comment_count = (SELECT count(*) FROM comments WHERE photo_id = p.id),"
      " hidden_like_count = (SELECT count(*) FROM likes l JOIN blocks b"
      "  ON b.user_id = p.owner_id AND b.other_id = l.user_id AND b.blocking"
      "  WHERE l.photo_id = p.id),"
      " hidden_comment_count = (SELECT count(*) FROM comments c JOIN blocks b"
      "  ON b.user_id = p.owner_id AND b.other_id = c.author_id AND b.blocking"
      "  WHERE c.photo_id = p.id)";

  template <typename... Values>
  void Run(const std::string& sql, const Values&... values) {
    EXPECT_THAT(db_.QueryOnce(sql, Params(values...)), IsOk());
  }

  void CopyAccounts(const model::Rows& rows) {
    for (const model::UserRow& u : rows.users) {
      Run("INSERT INTO users (id, handle, display_name, bio, password_hash, "
          "create_time, administrator) VALUES ($1, $2, $3, $4, $5, $6, $7)",
          u.id, u.handle, u.display_name, u.bio, u.password_hash, u.create_time,
          u.administrator);
      Run("INSERT INTO handles (handle, user_id) VALUES ($1, $2)", u.handle,
          u.id);
    }
    for (const auto& [handle, time] : rows.reserved_handles) {
      Run("INSERT INTO handles VALUES ($1, 0, $2) ON CONFLICT DO NOTHING",
          handle, time);
    }
    for (const Session& s : rows.sessions) {
      Run("INSERT INTO sessions (id, user_id, token_hash, create_time, "
          "expire_time) VALUES ($1, $2, $3, $4, $5)",
          s.id, s.user, Bytes{s.token_hash}, s.create_time, s.expire_time);
    }
  }

  void CopyPhotos(const model::Rows& rows) {
    for (const Photo& p : rows.photos) {
      Run("INSERT INTO photo_owners VALUES ($1, $2)", p.id, p.owner);
      const std::string_view digests(
          reinterpret_cast<const char*>(p.digests.data()), sizeof(p.digests));
      Run("INSERT INTO photos (owner_id, id, visibility, create_time, width, "
          "height, size_bytes, content_type, file_key, caption, alt_text, "
          "rendition_version, digests) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
          p.owner, p.id, static_cast<std::int32_t>(p.visibility), p.create_time,
          p.width, p.height, p.size_bytes, p.content_type, p.file_key,
          p.caption, p.alt_text, p.rendition_version,
          Bytes{AreKnown(p.digests) ? digests : ""});
    }
  }

  void CopySocial(const model::Rows& rows) {
    for (const model::BlockRow& b : rows.blocks) {
      Run("INSERT INTO blocks (user_id, other_id, blocking, id) "
          "VALUES ($1, $2, true, $3) ON CONFLICT (user_id, other_id) "
          "DO UPDATE SET blocking = true, id = excluded.id",
          b.blocker, b.blocked, b.id);
      Run("INSERT INTO blocks (user_id, other_id, blocking, id) "
          "VALUES ($1, $2, false, $3) ON CONFLICT DO NOTHING",
          b.blocked, b.blocker, b.id);
    }
    for (const model::FollowRow& f : rows.follows) {
      Run("INSERT INTO follows (follower_id, followee_id, id) "
          "VALUES ($1, $2, $3)",
          f.follower, f.followee, f.id);
      Notify(rows, f.followee, f.id, Notification::Kind::kFollow, f.follower,
             PhotoId{}, f.create_time);
    }
    for (const model::LikeRow& l : rows.likes) {
      const UserId owner = OwnerOf(rows, l.photo);
      Run("INSERT INTO likes (owner_id, photo_id, user_id, id, create_time) "
          "VALUES ($1, $2, $3, $4, $5)",
          owner, l.photo, l.user, l.id, l.create_time);
      Notify(rows, owner, l.id, Notification::Kind::kLike, l.user, l.photo,
             l.create_time);
    }
    for (const model::CommentRow& c : rows.comments) {
      const UserId owner = OwnerOf(rows, c.photo);
      Run("INSERT INTO comments (owner_id, photo_id, id, author_id, "
          "create_time, text) VALUES ($1, $2, $3, $4, $5, $6)",
          owner, c.photo, c.id, c.author, c.create_time, c.text);
      Notify(rows, owner, c.id.value, Notification::Kind::kComment, c.author,
             c.photo, c.create_time);
    }
  }

  void CopyUpkeep(const model::Rows& rows) {
    for (const auto& [key, request] : rows.requests) {
      Run("INSERT INTO requests (key, fingerprint, result_id, user_id, "
          "create_time) VALUES ($1, $2, $3, $4, $5)",
          Bytes{key}, Bytes{request.fingerprint}, request.result, request.user,
          request.create_time);
    }
    for (const Removal& r : rows.removals) {
      Run("INSERT INTO removals VALUES ($1, $2, $3, $4, $5, $6, $7)", r.id,
          static_cast<std::int32_t>(r.kind), r.administrator, r.owner, r.photo,
          r.comment, r.time);
    }
    for (const std::string& key : rows.garbage) {
      Run("INSERT INTO garbage VALUES ($1, 0, 0)", key);
    }
  }

  void Notify(const model::Rows& rows, UserId user, std::int64_t id,
              Notification::Kind kind, UserId actor, PhotoId photo,
              absl::Time time) {
    if (user == actor) return;
    const model::UserRow* const row = model::Find(
        rows.users, [&](const model::UserRow& u) { return u.id == user; });
    Run("INSERT INTO notifications (user_id, id, kind, actor_id, photo_id, "
        "create_time, read) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        user, id, static_cast<std::int32_t>(kind), actor, photo, time,
        id <= row->last_read_id);
  }

  static UserId OwnerOf(const model::Rows& rows, PhotoId photo) {
    return model::Find(rows.photos,
                       [&](const Photo& p) { return p.id == photo; })
        ->owner;
  }

  Connection& db_;
};

TEST(ReadsModelTest, EveryAnswerIsTheModelsAnswer) {
  const TestDatabase database(MigratedTemplate());
  const auto writer = OpenConnection(database.uri(), ConnectionKind::kWriter);
  const auto db = OpenConnection(database.uri(), ConnectionKind::kReader);
  ASSERT_THAT(FixPlans(*db), IsOk());
  for (unsigned seed = 1; seed <= 2; ++seed) {
    ManualClock clock;
    const PostgresReader reader(*db, clock);
    ReadOnlyStore store(reader);
    ModelStore model(clock);
    RandomCommands random(seed, clock);
    for (int step = 1; step <= 900; ++step) {
      clock.Advance(random.APause());
      const Command command = random.Next();
      model.Submit(command, random.Options(),
                   [&](absl::StatusOr<CommandResult> result) {
                     if (result.ok()) random.Learn(command, *result);
                   });
      if (step % 300 != 0) continue;
      RowCopy(*writer).Copy(model.rows());
      for (const Topic& topic : random.AllTopics()) {
        for (int method = 0; method < kMethods; ++method) {
          ASSERT_EQ(Ask(store, method, topic), Ask(model, method, topic))
              << Describe(method, topic) << "\nseed " << seed << ", step "
              << step;
        }
      }
    }
  }
}

}  // namespace
}  // namespace pinhole::postgres
