// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temp_dir.h"

namespace pinhole::testing {

// A PostgreSQL cluster in a temporary folder, which listens on a Unix socket in
// that folder only.  Ends with the program, however that ends.  As root, it
// runs as the user `postgres`.  Failures to start it end the program.  For one
// thread at a time.
//
// The programs of PostgreSQL are those in $PINHOLE_POSTGRES_BIN, or of the
// newest version in /usr/lib/postgresql.
class PostgresCluster {
 public:
  // The cluster of the test program, which the first call starts.
  static PostgresCluster& Shared();

  // `settings`: "NAME=VALUE" for postgresql.conf.  The defaults trade
  // durability for speed: they survive the end of processes, but not of the
  // machine.
  explicit PostgresCluster(const std::vector<std::string>& settings = {});
  ~PostgresCluster();

  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  // Creates a database as a copy of `template_name`, to which nothing may be
  // connected.  Returns its name.
  std::string CreateDatabase(std::string_view template_name = "template0");
  // Ends all connections to the database and removes it.
  void DropDatabase(const std::string& name);
  // The connection string for a database.
  std::string Uri(std::string_view database) const;
  // Runs statements in a database.  Failures end the program.
  void Run(std::string_view database, const std::string& sql);

  void Start();
  // Ends the processes without a checkpoint and without a word to clients, like
  // `pg_ctl stop -m immediate`.
  void Crash();
  // Restarts the server as a standby without a primary, for good.
  void BecomeStandby();

  // The folder of the socket.
  const std::filesystem::path& folder() const { return dir_.path(); }
  // The folder of PostgreSQL's programs.
  const std::filesystem::path& programs() const { return bin_; }

 private:
  void Spawn();

  TempDir dir_;
  const std::filesystem::path bin_;
  pid_t process_ = -1;
  int databases_ = 0;
};

// A database in the shared cluster for one test.
class TestDatabase {
 public:
  explicit TestDatabase(std::string_view template_name = "template0")
      : name_(PostgresCluster::Shared().CreateDatabase(template_name)) {}
  ~TestDatabase() { PostgresCluster::Shared().DropDatabase(name_); }

  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  std::string uri() const { return PostgresCluster::Shared().Uri(name_); }
  const std::string& name() const { return name_; }
  void Run(const std::string& sql) const {
    PostgresCluster::Shared().Run(name_, sql);
  }

 private:
  const std::string name_;
};

}  // namespace pinhole::testing
