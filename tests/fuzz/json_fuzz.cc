// SPDX-License-Identifier: Apache-2.0

// What the check passes is JSON for SQLite, whose parser has nothing to do with
// ours; it is a message, or protobuf says what is wrong; and what is printed of
// that message is the same message again.

#include <string>

#include "gateway/transcode/json.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/util/field_comparator.h"
#include "google/protobuf/util/message_differencer.h"
#include "sqlite3.h"
#include "tests/conformance/everything.pb.h"
#include "tests/fuzz/fuzz.h"

namespace pinhole::gateway {
namespace {

using conformance::Everything;
using google::protobuf::util::MessageDifferencer;

constexpr std::size_t kDepth = 64;

bool IsJsonForSqlite(const std::string& text) {
  static sqlite3_stmt* const statement = [] {
    sqlite3* database = nullptr;
    sqlite3_open(":memory:", &database);
    sqlite3_stmt* prepared = nullptr;
    sqlite3_prepare_v2(database, "SELECT json_valid(?)", -1, &prepared,
                       nullptr);
    return prepared;
  }();
  sqlite3_reset(statement);
  sqlite3_bind_text(statement, 1, text.data(), static_cast<int>(text.size()),
                    SQLITE_STATIC);
  return sqlite3_step(statement) == SQLITE_ROW &&
         sqlite3_column_int(statement, 0) == 1;
}

// NaN is the same as NaN.  Names in a field mask are left out: protobuf turns
// some that nobody gives to a field (`_a`, `t_t_m2`) into others, and Pinhole
// answers with no field mask.
bool Same(const Everything& one, const Everything& other) {
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  differencer.IgnoreField(
      google::protobuf::FieldMask::descriptor()->FindFieldByName("paths"));
  return differencer.Compare(one, other);
}

void CheckMessage(std::string_view text) {
  const auto checked = CheckJson(text, kDepth, *Everything::descriptor());
  Everything message;
  const absl::Status read = JsonToMessage(text, kDepth, message);
  Expect(checked.ok() || !read.ok(), "what the check refuses is no message",
         text);
  if (!checked.ok()) return;
  Expect(IsJsonForSqlite(std::string(text)), "what is passed is JSON", text);
  Expect(IsJsonForSqlite(checked->text), "what comes out is JSON",
         checked->text);
  const auto again =
      CheckJson(checked->text, kDepth, *Everything::descriptor());
  Expect(again.ok() && again->text == checked->text,
         "what comes out passes as it is", checked->text);
  if (!read.ok()) return;
  const auto printed = MessageToJson(message, JsonNames::kJson);
  if (!printed.ok()) return;  // An Any that cannot be shown.
  Everything reread;
  Expect(JsonToMessage(*printed, 100, reread).ok(),
         "what is printed can be read", *printed);
  Expect(Same(message, reread), "what is printed is the same message",
         *printed);
}

// Nothing that is put into one field may get out of it.
void CheckField(std::string_view text) {
  const auto& field = *Everything::descriptor()->FindFieldByName("inner");
  Everything message;
  if (!JsonToField(text, kDepth, field, message).ok()) return;
  Expect(IsJsonForSqlite(std::string(text)), "what is passed is JSON", text);
  message.clear_inner();
  Expect(MessageDifferencer::Equals(message, Everything()),
         "a field's text sets that field only", text);
}

}  // namespace
}  // namespace pinhole::gateway

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = pinhole::gateway::Text(data, size);
  pinhole::gateway::CheckMessage(text);
  pinhole::gateway::CheckField(text);
  return 0;
}
