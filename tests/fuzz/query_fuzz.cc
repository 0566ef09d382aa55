// SPDX-License-Identifier: Apache-2.0

// What a query sets, JSON sets, too, and to the same value.

#include <string>

#include "absl/strings/escaping.h"
#include "boost/json/serialize.hpp"
#include "boost/json/string.hpp"
#include "fmt/format.h"
#include "gateway/http/uri.h"
#include "gateway/transcode/json.h"
#include "gateway/transcode/query_fields.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/conformance/everything.pb.h"
#include "tests/fuzz/fuzz.h"

namespace pinhole::gateway {
namespace {

using conformance::Everything;
using google::protobuf::FieldDescriptor;

std::string Escape(std::string_view text) {
  std::string escaped;
  for (const unsigned char c : text) escaped += fmt::format("%{:02X}", c);
  return escaped;
}

// The value of a parameter as JSON has it.  Empty if JSON has another form for
// it: enums that are numbers, bool, masks (which JSON normalizes).
std::string AsJson(const FieldDescriptor& field, const std::string& value) {
  const bool plain = field.enum_type() == nullptr &&
                     field.message_type() == nullptr &&
                     field.cpp_type() != FieldDescriptor::CPPTYPE_BOOL;
  const bool time = field.message_type() != nullptr &&
                    (field.message_type()->name() == "Timestamp" ||
                     field.message_type()->name() == "Duration");
  if (!plain && !time) return "";
  const std::string quoted =
      boost::json::serialize(boost::json::string(value.data(), value.size()));
  return fmt::format(R"({{"{}":{}}})", field.name(),
                     field.is_repeated() ? "[" + quoted + "]" : quoted);
}

void CheckParameter(const std::string& name, const std::string& value) {
  const auto any = [](const FieldPath&) -> std::string_view { return ""; };
  Everything set;
  const auto status =
      ApplyQuery(Escape(name) + "=" + Escape(value), "", set, any);
  const auto path = FindFieldPath(*Everything::descriptor(), name);
  Expect(path.ok() || !status.ok(), "unknown names are refused", name);
  if (!path.ok() || path->size() != 1) return;
  const std::string json = AsJson(*path->front(), value);
  if (json.empty()) return;
  Everything read;
  const bool same_verdict = JsonToMessage(json, 8, read).ok() == status.ok();
  Expect(same_verdict, "query and JSON take the same values", json);
  if (!status.ok()) return;
  Expect(google::protobuf::util::MessageDifferencer::Equals(set, read) ||
             json.find("NaN") != std::string::npos,
         "query and JSON set the same value", json);
}

void Check(std::string_view query) {
  const auto any = [](const FieldPath&) -> std::string_view { return ""; };
  Everything whole;
  // Only that it ends well.
  ApplyQuery(query, "", whole, any).IgnoreError();
  const auto parameters = ParseQuery(query);
  if (!parameters.ok()) return;
  std::string again;
  for (const auto& [name, value] : *parameters) {
    again += Escape(name) + "=" + Escape(value) + "&";
    CheckParameter(name, value);
  }
  const auto parsed = ParseQuery(again);
  // A parameter without name and value is written as "=".
  Expect(parsed.ok() && *parsed == *parameters,
         "what was escaped is decoded to the same", query);
  Expect(WithoutParameters(query, {"*"}).empty(), "* stands for all", query);
}

}  // namespace
}  // namespace pinhole::gateway

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pinhole::gateway::Check(pinhole::gateway::Text(data, size));
  return 0;
}
