// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/copy_in.h"

#include <libpq-fe.h>

#include <cstddef>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/db/result.h"

namespace pinhole::postgres {
namespace {

constexpr std::size_t kBufferBytes = 64 << 10;

}  // namespace

CopyIn::~CopyIn() {
  if (!active_) return;
  PQputCopyEnd(connection_.connection_, "the copy was given up");
  TakeResult().IgnoreError();
}

absl::Status CopyIn::Begin(std::string_view table,
                           std::span<const std::string> columns) {
  if (connection_.broken_) return connection_.Lost();
  ++connection_.queries_;
  const std::string sql = fmt::format("COPY {} ({}) FROM STDIN", table,
                                      absl::StrJoin(columns, ", "));
  pg_result* const result = PQexec(connection_.connection_, sql.c_str());
  if (PQresultStatus(result) != PGRES_COPY_IN) {
    return connection_.Check(result, nullptr).status();
  }
  PQclear(result);
  active_ = true;
  return absl::OkStatus();
}

void CopyIn::AddInt(std::int64_t value) {
  BeginValue();
  absl::StrAppend(&buffer_, value);
}

void CopyIn::AddText(std::string_view text) {
  BeginValue();
  for (const char c : text) {
    switch (c) {
      case '\\':
        buffer_ += "\\\\";
        break;
      case '\t':
        buffer_ += "\\t";
        break;
      case '\n':
        buffer_ += "\\n";
        break;
      case '\r':
        buffer_ += "\\r";
        break;
      default:
        buffer_ += c;
    }
  }
}

void CopyIn::AddBytes(std::string_view bytes) {
  BeginValue();
  // The form \x... of bytea, whose backslash is escaped.
  absl::StrAppend(&buffer_, "\\\\x",
                  absl::BytesToHexString({bytes.data(), bytes.size()}));
}

absl::Status CopyIn::EndRow() {
  buffer_ += '\n';
  row_is_empty_ = true;
  return buffer_.size() < kBufferBytes ? absl::OkStatus() : Send();
}

absl::StatusOr<std::int64_t> CopyIn::Finish() {
  RETURN_IF_ERROR(Send());
  if (PQputCopyEnd(connection_.connection_, nullptr) != 1) {
    return connection_.Lost();
  }
  active_ = false;
  ASSIGN_OR_RETURN(const Result result, TakeResult());
  return result.rows_affected();
}

void CopyIn::BeginValue() {
  if (!std::exchange(row_is_empty_, false)) buffer_ += '\t';
}

absl::Status CopyIn::Send() {
  const int sent = PQputCopyData(connection_.connection_, buffer_.data(),
                                 static_cast<int>(buffer_.size()));
  buffer_.clear();
  return sent == 1 ? absl::OkStatus() : connection_.Lost();
}

absl::StatusOr<Result> CopyIn::TakeResult() {
  active_ = false;
  absl::StatusOr<Result> result =
      connection_.Check(PQgetResult(connection_.connection_), nullptr);
  while (pg_result* const rest = PQgetResult(connection_.connection_)) {
    PQclear(rest);
    if (connection_.lost()) break;
  }
  return result;
}

}  // namespace pinhole::postgres
