// SPDX-License-Identifier: Apache-2.0

// Moving a SQLite database to PostgreSQL: both stores then give the same
// answers.

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "SQLiteCpp/Database.h"
#include "SQLiteCpp/Statement.h"
#include "fmt/format.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/import/import.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/schema/schema.h"
#include "server/store/postgres/writes/advisory_locks.h"
#include "server/store/queue/id_sequence.h"
#include "server/store/sqlite/file/schema.h"
#include "server/store/sqlite/sqlite_export.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/contract/questions.h"
#include "tests/contract/random_commands.h"
#include "tests/contract/store_contract.h"
#include "tests/support/postgres_cluster.h"

namespace pinhole::testing {
namespace {

namespace fs = std::filesystem;
using postgres::ConnectionKind;
using postgres::Import;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;
using enum absl::StatusCode;

// The reads of a PostgreSQL database as a store.
class PostgresReads final : public Store {
 public:
  PostgresReads(const std::string& uri, const Clock& clock)
      : db_(postgres::Connection::Open({.uri = uri}).value()),
        reader_(*db_, clock),
        secret_(postgres::ReadSecret(*db_).value()) {}

  void Submit(Command, WriteOptions, Done) override { std::abort(); }
  std::string_view secret() const override { return secret_; }
  StoreStats Stats() const override { return {}; }
  void Close() override {}

 protected:
  const StoreReader* InlineReader(ReadExtent) const override {
    return &reader_;
  }
  Task<absl::Status> ReadElsewhere(ReadFunction) override { std::abort(); }

 private:
  const std::unique_ptr<postgres::Connection> db_;
  const postgres::PostgresReader reader_;
  const std::string secret_;
};

class MigrateTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteStore> Open() {
    SqliteOptions options;
    options.path = path_;
    options.clock = &clock_;
    return OpenSqliteStore(options).value();
  }
  void ChangeSqlite(const std::string& sql) {
    SQLite::Database(path_.string(), SQLite::OPEN_READWRITE).exec(sql);
  }
  std::vector<std::string> Texts(const std::string& query) {
    SQLite::Database db(path_.string(), SQLite::OPEN_READONLY);
    SQLite::Statement statement(db, query);
    std::vector<std::string> texts;
    while (statement.executeStep()) {
      texts.push_back(statement.getColumn(0).getString());
    }
    return texts;
  }
  std::vector<std::int64_t> Numbers(const std::string& query) {
    std::vector<std::int64_t> numbers;
    for (const std::string& text : Texts(query)) {
      numbers.push_back(std::stoll(text));
    }
    return numbers;
  }

  std::unique_ptr<SqliteExport> Export() {
    return SqliteExport::Open(path_, clock_.Now()).value();
  }
  static absl::Status Add(Import& import, SqliteExport& source,
                          const MovedTable& table) {
    return import.Add(table, [&](MovedRowVisitor visit) {
      return source.Read(table, visit);
    });
  }
  // Moves everything; the store must be closed.
  absl::Status Move() {
    const auto source = Export();
    auto import = Import::Begin(database_.uri());
    RETURN_IF_ERROR(import.status());
    for (const MovedTable& table : source->tables()) {
      RETURN_IF_ERROR(Add(**import, *source, table));
    }
    return (*import)->Commit(source->secret(), source->last_id(), clock_.Now());
  }

  std::int64_t Count(const std::string& what) {
    const auto db =
        postgres::Connection::Open({.uri = database_.uri()}).value();
    return db->QueryOnce("SELECT count(*) FROM " + what).value()[0].Int(0);
  }

  void ExpectSameAnswers(const std::vector<Topic>& topics) {
    const auto sqlite = Open();
    PostgresReads postgres(database_.uri(), clock_);
    EXPECT_EQ(postgres.secret(), sqlite->secret());
    for (const Topic& topic : topics) {
      ASSERT_EQ(AskAll(postgres, topic), AskAll(*sqlite, topic));
    }
  }

  TempDir folder_;
  ManualClock clock_;
  const fs::path path_ = folder_.path() / "pinhole.db";
  const TestDatabase database_;
};

class MigrateFixtureTest : public MigrateTest,
                           public ::testing::WithParamInterface<int> {
 protected:
  MigrateFixtureTest() {
    std::stringstream sql;
    sql << std::ifstream(fs::path(PINHOLE_SCHEMA_FIXTURES) /
                         fmt::format("v{}.sql", GetParam()))
               .rdbuf();
    {
      SQLite::Database db(path_.string(),
                          SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      db.exec(sql.str());
    }
    Open()->Close();  // Upgrades it.
    clock_.Set(absl::FromUnixMillis(
        Numbers("SELECT max(create_time) FROM users").front()));
  }

  std::vector<Topic> AllTopics() {
    const auto users = Numbers("SELECT id FROM users");
    const auto handles = Texts("SELECT handle FROM users");
    const auto photos = Numbers("SELECT id FROM photos");
    const auto keys =
        Texts("SELECT file_key FROM photos UNION SELECT file_key FROM garbage");
    const auto tokens = Texts("SELECT token_hash FROM sessions");
    const auto requests = Texts("SELECT key FROM requests");
    const auto fingerprints = Texts("SELECT fingerprint FROM requests");
    const std::size_t most = std::max({users.size(), photos.size(), keys.size(),
                                       tokens.size(), requests.size()});
    std::vector<Topic> topics;
    for (std::size_t viewer = 0; viewer <= users.size(); ++viewer) {
      for (std::size_t i = 0; i < most; ++i) {
        Topic topic;
        if (viewer > 0) topic.viewer = UserId{users[viewer - 1]};
        topic.user = UserId{users[i % users.size()]};
        topic.handle = handles[i % handles.size()];
        topic.photo = PhotoId{photos[i % photos.size()]};
        topic.file_key = keys[i % keys.size()];
        if (!tokens.empty()) topic.token_hash = tokens[i % tokens.size()];
        if (!requests.empty()) {
          topic.request = {requests[i % requests.size()],
                           fingerprints[i % requests.size()]};
        }
        topic.page.limit = i == 0 ? 2 : 50;
        topics.push_back(std::move(topic));
      }
    }
    return topics;
  }
};

TEST_P(MigrateFixtureTest, BothStoresGiveTheSameAnswers) {
  ASSERT_THAT(Move(), IsOk());

  ExpectSameAnswers(AllTopics());
}

std::vector<int> PastVersions() {
  std::vector<int> versions;
  for (int v = 1; v < store::CurrentSchemaVersion(); ++v) versions.push_back(v);
  return versions;
}

INSTANTIATE_TEST_SUITE_P(PastVersions, MigrateFixtureTest,
                         ::testing::ValuesIn(PastVersions()),
                         [](const ::testing::TestParamInfo<int>& i) {
                           return fmt::format("V{}", i.param);
                         });

TEST_F(MigrateTest, AnswersAboutARandomHistoryAreTheSame) {
  RandomCommands random(1, clock_);
  const auto store = Open();
  for (int i = 0; i < 1500; ++i) {
    clock_.Advance(random.APause());
    const Command command = random.Next();
    absl::Notification answered;
    store->Submit(command, {},
                  [&](const absl::StatusOr<CommandResult>& result) {
                    if (result.ok()) random.Learn(command, *result);
                    answered.Notify();
                  });
    answered.WaitForNotification();
  }
  store->Close();

  ASSERT_THAT(Move(), IsOk());

  ExpectSameAnswers(random.AllTopics());
}

TEST_F(MigrateTest, TextsAreMovedUnchanged) {
  const std::string text =
      "tab\t line\n return\r \\N \\. \\\\ \"quoted\" \u2603";
  const auto store = Open();
  const UserId ansel =
      Do(*store, CreateUser{"ansel", text, "hash", {}}).value().id;
  store->Close();

  ASSERT_THAT(Move(), IsOk());

  PostgresReads postgres(database_.uri(), clock_);
  EXPECT_EQ(BlockingReader(postgres).FindUser({}, ansel)->display_name, text);
}

TEST_F(MigrateTest, EveryTableAndColumnIsMoved) {
  Open()->Close();
  const auto source = Export();
  ASSERT_THAT(Import::Begin(database_.uri()), IsOk());
  const auto db = postgres::Connection::Open({.uri = database_.uri()}).value();

  // These become `handles` and `writers`; the secret is moved separately.
  std::vector<std::string> names = {"meta", "reserved_handles"};
  for (const MovedTable& table : source->tables()) {
    if (table.name != "handles" && table.name != "photo_owners") {
      names.push_back(table.name);
    }
    const auto found = db->QueryOnce(
        "SELECT attname::text FROM pg_attribute WHERE attnum > 0 "
        "AND attrelid = $1::text::regclass",
        postgres::Params(table.name));
    std::vector<std::string> columns;
    for (const postgres::Row row : *found) columns.push_back(row.Text(0));
    EXPECT_THAT(table.columns, UnorderedElementsAreArray(columns))
        << table.name;
  }
  EXPECT_THAT(Texts("SELECT name FROM sqlite_schema WHERE type = 'table'"),
              UnorderedElementsAreArray(names));
}

TEST_F(MigrateTest, ManyRowsAreMoved) {
  Open()->Close();
  ChangeSqlite(R"sql(
    WITH RECURSIVE n(i) AS
      (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
    INSERT INTO users (id, handle, display_name, password_hash, create_time,
                       public_photo_count)
      SELECT i, 'user' || i, '', '', i, 2 FROM n;
    INSERT INTO photos (id, owner_id, visibility, create_time, width, height,
                        size_bytes, content_type, file_key, caption, alt_text)
      SELECT 10000 + 2 * id + k, id, 1, id, 1, 1, 1, 'image/jpeg',
        printf('%032x', 2 * id + k), 'caption ' || id, ''
      FROM users, (SELECT 0 AS k UNION SELECT 1);
    INSERT INTO likes (user_id, photo_id, id, create_time)
      SELECT u.id, p.id, p.id * 100000 + u.id, 1
      FROM photos p JOIN users u ON (u.id + p.id) % 100 = 0;
    UPDATE photos SET like_count =
      (SELECT count(*) FROM likes WHERE photo_id = photos.id);
    UPDATE meta SET last_id = 900000000;
  )sql");

  ASSERT_THAT(Move(), IsOk());

  EXPECT_EQ(Count("users"), 2000);
  EXPECT_EQ(Count("photos"), 4000);
  EXPECT_EQ(Count("photo_owners"), 4000);
  EXPECT_EQ(Count("likes"), 80000);
}

TEST_F(MigrateTest, NewIdsAreAboveTheOldOnesForEveryNode) {
  const auto store = Open();
  clock_.Advance(absl::Hours(1));
  const UserId ansel =
      Do(*store, CreateUser{"ansel", "", "hash", {}}).value().id;
  store->Close();

  ASSERT_THAT(Move(), IsOk());

  EXPECT_EQ(Count(fmt::format("(SELECT DISTINCT node FROM writers "
                              "WHERE last_id >= {}) AS nodes",
                              ansel.value)),
            store::IdSequence::kNodes);
}

TEST_F(MigrateTest, AnInterruptedMoveLeavesTheDatabaseEmpty) {
  const auto store = Open();
  ASSERT_THAT(Do(*store, CreateUser{"ansel", "", "hash", {}}), IsOk());
  store->Close();
  {
    const auto source = Export();
    const auto import = Import::Begin(database_.uri()).value();
    for (const MovedTable& table : source->tables()) {
      ASSERT_THAT(Add(*import, *source, table), IsOk());
    }
  }
  EXPECT_EQ(Count("users"), 0);

  EXPECT_THAT(Move(), IsOk());
  EXPECT_EQ(Count("users"), 1);
}

TEST_F(MigrateTest, ADatabaseWithRowsIsRefused) {
  const auto store = Open();
  ASSERT_THAT(Do(*store, CreateUser{"ansel", "", "hash", {}}), IsOk());
  store->Close();
  ASSERT_THAT(Move(), IsOk());

  const absl::Status again = Move();
  EXPECT_THAT(again, StatusIs(kFailedPrecondition));
  EXPECT_THAT(std::string(again.message()),
              AllOf(HasSubstr("is not empty: its table \"handles\" has rows"),
                    HasSubstr(database_.name())));
  EXPECT_EQ(Count("users"), 1);
}

TEST_F(MigrateTest, ADatabaseOfAnotherApplicationIsRefused) {
  Open()->Close();
  database_.Run("CREATE TABLE orders (id bigint)");

  EXPECT_THAT(Move(), StatusIs(kFailedPrecondition));
}

TEST_F(MigrateTest, ADatabaseThatAServerUsesIsRefused) {
  Open()->Close();
  ASSERT_THAT(Import::Begin(database_.uri()), IsOk());
  const auto server =
      postgres::Connection::Open(
          {.uri = database_.uri(), .kind = ConnectionKind::kWriter})
          .value();
  ASSERT_THAT(server->Execute(fmt::format("SELECT pg_advisory_lock({}, 0)",
                                          postgres::kNodeLock)),
              IsOk());

  const absl::Status refused = Move();
  EXPECT_THAT(refused, StatusIs(kFailedPrecondition));
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("a pinhole-server uses postgres://"));
}

TEST_F(MigrateTest, MissingRowsAreNoticed) {
  const auto store = Open();
  ASSERT_THAT(Do(*store, CreateUser{"ansel", "", "hash", {}}), IsOk());
  store->Close();
  const auto source = Export();
  const auto import = Import::Begin(database_.uri()).value();
  MovedTable users = source->tables().front();
  ++users.rows;

  const absl::Status status = Add(*import, *source, users);
  EXPECT_THAT(status, StatusIs(kDataLoss));
  EXPECT_EQ(status.message(),
            "1 of the 2 rows of the table \"users\" could be moved");
}

TEST_F(MigrateTest, WrongCountsAreNoticed) {
  const auto store = Open();
  ASSERT_THAT(Do(*store, CreateUser{"ansel", "", "hash", {}}), IsOk());
  store->Close();
  for (const char* const count : {"public_photo_count", "private_photo_count",
                                  "follower_count", "following_count"}) {
    ChangeSqlite(fmt::format("UPDATE users SET {} = 1", count));

    const absl::Status status = Move();
    EXPECT_THAT(status, StatusIs(kDataLoss));
    EXPECT_THAT(std::string(status.message()), HasSubstr(count));
    EXPECT_EQ(Count("users"), 0);
    ChangeSqlite(fmt::format("UPDATE users SET {} = 0", count));
  }
  EXPECT_THAT(Move(), IsOk());
}

}  // namespace
}  // namespace pinhole::testing
