// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/postgres/db/params.h"
#include "server/store/postgres/db/result.h"
#include "server/store/postgres/db/statement.h"

struct pg_conn;    // libpq's
struct pg_result;  // libpq's

namespace pinhole::postgres {

// What a connection is for.  All kinds but the last connect to the primary
// server only.
enum class ConnectionKind {
  kReader,     // Read-only; a statement may take 2 seconds.
  kWriter,     // Waits at most 2 seconds for a lock and 10 seconds idle in a
               // transaction.
  kUpgrade,    // As kWriter, without the limit of 10 seconds.
  kMonitor,    // Has no limits, so that its settings are the server's.
  kDiagnosis,  // Connects to any server, for finding out what is wrong.
};

struct ConnectionOptions {
  // A URI (postgres://user:password@host1:5432,host2/database?name=value) or
  // another connection string of libpq.
  std::string uri;
  ConnectionKind kind = ConnectionKind::kReader;
  // Shown in pg_stat_activity.
  std::string application_name = "pinhole";
};

// A connection to PostgreSQL with its prepared statements.  All calls block;
// network failures end them within seconds, except while PostgreSQL itself
// takes its time (for example when a COMMIT waits for a standby).  For one
// thread at a time, apart from `Interrupt`.  Never cancels a statement.
//
// Errors of all calls: see postgres_error.h.
class Connection {
 public:
  // Tries the hosts in turn and takes the first that suits the kind.  kWriter
  // and kUpgrade need one that accepts writes.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const ConnectionOptions& options);
  ~Connection();

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs one prepared statement.
  //
  //   ASSIGN_OR_RETURN(Result result, connection.Query(kFollowers, user, 20));
  template <typename... Values>
  absl::StatusOr<Result> Query(const Statement& statement,
                               const Values&... values) {
    return QueryParams(statement, Params(values...));
  }
  absl::StatusOr<Result> QueryParams(const Statement& statement,
                                     const Params& params);

  // Runs statements without parameters and without preparing them, for example
  // a step of the schema.  Unless they begin a transaction, all of them are
  // one.
  absl::Status Execute(const std::string& sql);

  // Runs one statement without preparing it, for statements that are too rare
  // to keep.
  absl::StatusOr<Result> QueryOnce(const std::string& sql,
                                   const Params& params = {});

  // Waits until a notification arrives on a channel to which this connection
  // listens, `timeout` has passed or the file descriptor `wake` (-1: none) is
  // readable.  Returns the channels of the notifications that arrived since the
  // last call.
  absl::StatusOr<std::vector<std::string>> WaitForNotifications(
      absl::Duration timeout, int wake = -1);

  // Adds the number of a node to the name in pg_stat_activity: "pinhole/7".
  // Does nothing if it has that number already, or if `node` is -1.
  absl::Status SetNode(int node);

  // Warnings that the server sent since the last call.  A warning during COMMIT
  // means that the outcome is unknown: PostgreSQL sends one if it stops waiting
  // for a synchronous standby.
  std::vector<std::string> TakeWarnings() {
    return std::exchange(warnings_, {});
  }

  // Shuts the socket down, so that the call in progress and all later ones fail
  // with a lost connection.  Can be called from any thread.
  void Interrupt();

  // Whether the connection is known to be lost.
  bool lost() const;
  // Whether a transaction is open, including one that has failed.
  bool in_transaction() const;
  // The server's version, for example 150018 for 15.18.
  int server_version() const;
  // The host, or the folder of the Unix socket, and the port.
  std::string server() const;

  // The number of statements run since the last call.
  std::int64_t TakeQueries() { return std::exchange(queries_, 0); }

 private:
  friend class CopyIn;
  friend class Pipeline;

  Connection(pg_conn* connection, std::string application_name);

  static void OnNotice(void* self, const pg_result* notice);

  struct Prepared {
    std::string name;
    bool ready = false;  // The server has prepared it.
  };
  Prepared& Find(const Statement& statement);
  // Fills the arrays below.
  void Bind(const Params& params);

  // Takes ownership of `result`, which can be null, of `statement`, which is
  // null if it was not prepared.
  absl::StatusOr<Result> Check(pg_result* result, const Statement* statement);
  absl::Status Lost() const;

  pg_conn* const connection_;
  const int socket_;
  const std::string application_name_;
  int node_ = -1;        // In the name.
  bool broken_ = false;  // An error left results unread.
  absl::flat_hash_map<const Statement*, Prepared> statements_;
  std::vector<std::string> warnings_;
  std::int64_t queries_ = 0;

  // The parameters of the current call, as libpq takes them.
  std::vector<unsigned int> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace pinhole::postgres
