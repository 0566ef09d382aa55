// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/connection.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/db/connection_uri.h"
#include "server/store/postgres/db/postgres_error.h"

namespace pinhole::postgres {
namespace {

// jit: compiling costs more than any statement of ours takes.
constexpr std::string_view kSettings = " -c jit=off";

std::string_view SettingsOf(ConnectionKind kind) {
  switch (kind) {
    case ConnectionKind::kReader:
      return " -c default_transaction_read_only=on -c statement_timeout=2s";
    case ConnectionKind::kWriter:
      return " -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s";
    case ConnectionKind::kUpgrade:
      return " -c lock_timeout=2s";
    case ConnectionKind::kMonitor:
    case ConnectionKind::kDiagnosis:
      return "";
  }
  return "";
}

// A connection whose transactions are read-only by default never has the
// session attribute `read-write`.
const char* SessionOf(ConnectionKind kind) {
  switch (kind) {
    case ConnectionKind::kWriter:
    case ConnectionKind::kUpgrade:
      return "read-write";
    case ConnectionKind::kReader:
    case ConnectionKind::kMonitor:
      return "primary";
    case ConnectionKind::kDiagnosis:
      return "any";
  }
  return "any";
}

// libpq ends its messages with a newline.
std::string MessageOf(const PGconn* connection) {
  return std::string(absl::StripAsciiWhitespace(PQerrorMessage(connection)));
}

std::string_view Field(const PGresult* result, int field) {
  const char* const text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const ConnectionOptions& options) {
  RETURN_IF_ERROR(CheckUri(options.uri));
  const std::string settings =
      fmt::format("{}{}{}", UriParameter(options.uri, "options"), kSettings,
                  SettingsOf(options.kind));
  // A parameter overrides earlier ones of the same name, so the URI can change
  // those before it.
  std::vector<const char*> names;
  std::vector<const char*> values;
  const auto set = [&](const char* name, const char* value) {
    names.push_back(name);
    values.push_back(value);
  };
  set("connect_timeout", "3");
  // The system's own limits would notice a network failure after 15 minutes.
  set("tcp_user_timeout", "3000");
  set("keepalives_idle", "2");
  set("keepalives_interval", "1");
  set("keepalives_count", "3");
  set("dbname", options.uri.c_str());
  set("options", settings.c_str());
  set("target_session_attrs", SessionOf(options.kind));
  set("application_name", options.application_name.c_str());
  set("client_encoding", "UTF8");
  names.push_back(nullptr);
  values.push_back(nullptr);

  PGconn* const pq = PQconnectdbParams(names.data(), values.data(), 1);
  if (pq == nullptr || PQstatus(pq) != CONNECTION_OK) {
    absl::Status status = ConnectionLost(MessageOf(pq));
    PQfinish(pq);
    return status;
  }
  return std::unique_ptr<Connection>(
      new Connection(pq, options.application_name));
}

Connection::Connection(pg_conn* connection, std::string application_name)
    : connection_(connection),
      socket_(PQsocket(connection)),
      application_name_(std::move(application_name)) {
  PQsetNoticeReceiver(connection_, &Connection::OnNotice, this);
}

Connection::~Connection() { PQfinish(connection_); }

void Connection::OnNotice(void* self, const pg_result* notice) {
  if (Field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) != "WARNING") return;
  static_cast<Connection*>(self)->warnings_.push_back(
      fmt::format("{} (SQLSTATE {})", Field(notice, PG_DIAG_MESSAGE_PRIMARY),
                  Field(notice, PG_DIAG_SQLSTATE)));
}

absl::StatusOr<Result> Connection::QueryParams(const Statement& statement,
                                               const Params& params) {
  if (broken_) return Lost();
  Bind(params);
  const int count = static_cast<int>(params.count());
  Prepared& prepared = Find(statement);
  if (!prepared.ready) {
    RETURN_IF_ERROR(
        Check(PQprepare(connection_, prepared.name.c_str(),
                        statement.sql().c_str(), count, types_.data()),
              nullptr)
            .status());
    prepared.ready = true;
  }
  ++queries_;
  return Check(
      PQexecPrepared(connection_, prepared.name.c_str(), count, values_.data(),
                     lengths_.data(), formats_.data(), 1),
      &statement);
}

absl::Status Connection::Execute(const std::string& sql) {
  if (broken_) return Lost();
  ++queries_;
  return Check(PQexec(connection_, sql.c_str()), nullptr).status();
}

absl::StatusOr<Result> Connection::QueryOnce(const std::string& sql,
                                             const Params& params) {
  if (broken_) return Lost();
  Bind(params);
  ++queries_;
  return Check(
      PQexecParams(connection_, sql.c_str(), static_cast<int>(params.count()),
                   types_.data(), values_.data(), lengths_.data(),
                   formats_.data(), 1),
      nullptr);
}

absl::StatusOr<std::vector<std::string>> Connection::WaitForNotifications(
    absl::Duration timeout, int wake) {
  if (broken_) return Lost();
  std::vector<std::string> channels;
  const auto take = [&] {
    while (PGnotify* const notification = PQnotifies(connection_)) {
      channels.emplace_back(notification->relname);
      PQfreemem(notification);
    }
  };
  take();  // Those that arrived with the results of other calls.
  if (!channels.empty()) return channels;
  pollfd files[] = {{socket_, POLLIN, 0}, {wake, POLLIN, 0}};
  const absl::Duration wait = absl::Ceil(
      std::max(timeout, absl::ZeroDuration()), absl::Milliseconds(1));
  const int ready =
      poll(files, 2, static_cast<int>(absl::ToInt64Milliseconds(wait)));
  if (ready < 0 && errno != EINTR) return Lost();
  if (PQconsumeInput(connection_) == 0) return Lost();
  take();
  return channels;
}

absl::Status Connection::SetNode(int node) {
  if (node == node_ || node == -1) return absl::OkStatus();
  if (broken_) return Lost();
  const std::string name = absl::StrCat(application_name_, "/", node);
  const char* const values[] = {name.c_str()};
  RETURN_IF_ERROR(Check(PQexecParams(connection_,
                                     "SELECT set_config('application_name', "
                                     "$1, false)",
                                     1, nullptr, values, nullptr, nullptr, 1),
                        nullptr)
                      .status());
  node_ = node;
  return absl::OkStatus();
}

void Connection::Interrupt() { shutdown(socket_, SHUT_RDWR); }

bool Connection::lost() const {
  return broken_ || PQstatus(connection_) == CONNECTION_BAD;
}

bool Connection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(connection_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

int Connection::server_version() const { return PQserverVersion(connection_); }

std::string Connection::server() const {
  return absl::StrCat(PQhost(connection_), ":", PQport(connection_));
}

Connection::Prepared& Connection::Find(const Statement& statement) {
  Prepared& prepared = statements_[&statement];
  if (prepared.name.empty()) prepared.name = absl::StrCat(statements_.size());
  return prepared;
}

void Connection::Bind(const Params& params) {
  types_.clear();
  values_.clear();
  lengths_.clear();
  for (const Params::Value& value : params.values_) {
    types_.push_back(value.type);
    values_.push_back(value.null ? nullptr
                                 : params.buffer_.data() + value.begin);
    lengths_.push_back(static_cast<int>(value.size));
  }
  formats_.assign(params.count(), 1);  // Binary.
}

absl::StatusOr<Result> Connection::Check(pg_result* taken,
                                         const Statement* statement) {
  if (taken == nullptr) return Lost();
  Result result(taken);
  switch (PQresultStatus(taken)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      if (statement == &kCommit &&
          PQcmdStatus(taken) == std::string_view("ROLLBACK")) {
        return ErrorOf("25P02", "the transaction failed and was rolled back");
      }
      return result;
    default:
      break;
  }
  const std::string_view state = Field(taken, PG_DIAG_SQLSTATE);
  if (state.empty()) return Lost();
  const absl::Status error =
      ErrorOf(state, Field(taken, PG_DIAG_MESSAGE_PRIMARY));
  if (PQstatus(connection_) == CONNECTION_BAD && !IsConnectionLost(error)) {
    return ConnectionLost(Field(taken, PG_DIAG_MESSAGE_PRIMARY));
  }
  return error;
}

absl::Status Connection::Lost() const {
  const std::string message = MessageOf(connection_);
  return ConnectionLost(message.empty() ? "an earlier call failed" : message);
}

}  // namespace pinhole::postgres
