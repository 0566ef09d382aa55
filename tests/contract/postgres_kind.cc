// SPDX-License-Identifier: Apache-2.0

#include "tests/contract/postgres_kind.h"

#include <map>

#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/postgres_store.h"
#include "server/store/postgres/schema/schema.h"
#include "server/store/postgres/writes/batch/run_batch.h"
#include "tests/contract/two_stores.h"
#include "tests/support/postgres_checks.h"
#include "tests/support/postgres_cluster.h"

namespace pinhole::testing {
namespace {

namespace fs = std::filesystem;

// A database with tables, from which the others are copied.
std::string CreateTemplate() {
  PostgresCluster& cluster = PostgresCluster::Shared();
  std::string name = cluster.CreateDatabase();
  auto db = postgres::Connection::Open(
      {.uri = cluster.Uri(name), .kind = postgres::ConnectionKind::kUpgrade});
  EXPECT_THAT(db, IsOk());
  EXPECT_THAT(postgres::Migrate(**db), IsOk());
  return name;
}

std::string UriOf(const fs::path& folder) {
  static const std::string kTemplate = CreateTemplate();
  static std::map<fs::path, std::unique_ptr<TestDatabase>> databases;
  // Tests remove their folders at the end.
  std::erase_if(databases,
                [](const auto& entry) { return !fs::exists(entry.first); });
  std::unique_ptr<TestDatabase>& database = databases[folder];
  if (database == nullptr) database = std::make_unique<TestDatabase>(kTemplate);
  return database->uri();
}

std::unique_ptr<Store> OpenPostgres(const fs::path& folder,
                                    const Clock& clock) {
  PostgresOptions options;
  options.uri = UriOf(folder);
  options.clock = &clock;
  return OpenPostgresStore(options).value();
}

std::unique_ptr<Store> OpenTwo(const fs::path& folder, const Clock& clock) {
  return std::make_unique<TwoStores>(OpenPostgres(folder, clock),
                                     OpenPostgres(folder, clock));
}

std::vector<std::string> FindMistakes(const fs::path& folder, const Store&) {
  return FindPostgresMistakes(UriOf(folder));
}

std::vector<std::string> FindTraces(const fs::path& folder, const Store&,
                                    UserId user) {
  return FindPostgresTraces(UriOf(folder), user);
}

// Frequent commands and all others have separate queues.
int QueueOf(const Command& command) {
  return postgres::IsBatched(command) ? 0 : 1;
}

}  // namespace

StoreKind PostgresKind() {
  return {"Postgres", true,    OpenPostgres, FindMistakes,
          FindTraces, QueueOf, false};
}

StoreKind TwoPostgresKind() {
  StoreKind kind = PostgresKind();
  kind.name = "PostgresTwice";
  kind.open = OpenTwo;
  return kind;
}

}  // namespace pinhole::testing
