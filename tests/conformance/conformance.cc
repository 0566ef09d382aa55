// SPDX-License-Identifier: Apache-2.0

#include "tests/conformance/conformance.h"

#include "boost/json/parse.hpp"
#include "fmt/format.h"
#include "google/protobuf/util/json_util.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Message;

// As protobuf itself reads and prints JSON: that of the tables has none of the
// oddities for which the gateway does not leave it at that.
void ReadJson(const std::string& json, Message& message) {
  const auto status =
      google::protobuf::util::JsonStringToMessage(json, &message);
  EXPECT_TRUE(status.ok()) << "the table's JSON is wrong: "
                           << status.ToString();
}

std::string PrintJson(const Message& message, JsonNames names) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = names == JsonNames::kProto;
  std::string json;
  EXPECT_TRUE(MessageToJsonString(message, &json, options).ok());
  return json;
}

}  // namespace

ConformanceTest::ConformanceTest(JsonNames names) : names_(names) {
  conformance::Everything::descriptor();  // Registers the file.
  HttpServer::Options options;
  options.listen = "127.0.0.1:0";
  options.services = {"conformance.Echo"};
  options.ignored_parameters = {"fbclid", "utm_*"};
  options.json_names = names;
  server_ = HttpServer::Start(options, echo_, observer_).value();
}

RawClient::Answer ConformanceTest::Send(const std::string& method,
                                        const std::string& target,
                                        const std::string& body,
                                        const std::string& headers) {
  RawClient client(server_->address());
  const std::string length =
      body.empty() ? "" : fmt::format("Content-Length: {}\r\n", body.size());
  return client.Request(method + " " + target, headers + length, body);
}

void ConformanceTest::Check(const Case& c) {
  SCOPED_TRACE(fmt::format("{} {} {}", c.method, c.target, c.body));
  const RawClient::Answer answer = Send(c.method, c.target, c.body, c.headers);
  ASSERT_EQ(answer.code, c.code) << answer.body;
  if (std::string_view(c.method) == "HEAD") {
    EXPECT_EQ(answer.body, "");
  } else if (c.code == 200) {
    CheckEcho(answer, c);
  } else {
    CheckError(answer, c);
  }
}

void ConformanceTest::CheckEcho(const RawClient::Answer& answer,
                                const Case& c) {
  const auto [method, request] = echo_.TakeCall();
  ASSERT_NE(request, nullptr);
  const std::unique_ptr<Message> expected(request->New());
  ReadJson(c.expected, *expected);

  EXPECT_EQ(request->ShortDebugString(), expected->ShortDebugString());
  EXPECT_EQ(answer.body, PrintJson(*expected, names_));
  EXPECT_TRUE(answer.Has("content-type: application/json\r\n")) << answer.head;
}

void ConformanceTest::CheckError(const RawClient::Answer& answer,
                                 const Case& c) {
  boost::json::error_code error;
  const auto status = boost::json::parse(answer.body, error);
  ASSERT_FALSE(error) << answer.body;
  EXPECT_TRUE(answer.Has("content-type: application/json\r\n")) << answer.head;
  EXPECT_TRUE(status.at("code").is_int64()) << answer.body;
  EXPECT_FALSE(status.at("message").as_string().empty()) << answer.body;
  const auto& details = status.at("details").as_array();
  std::string field;
  std::string domain;
  for (const auto& detail : details) {
    if (const auto* violations =
            detail.as_object().if_contains("fieldViolations")) {
      const auto& violation = violations->at(0).as_object();
      // An empty name is a default value.
      if (const auto* name = violation.if_contains("field")) {
        field = name->as_string();
      }
    }
    if (const auto* named = detail.as_object().if_contains("domain")) {
      domain = named->as_string();
      EXPECT_FALSE(detail.at("reason").as_string().empty()) << answer.body;
    }
  }
  EXPECT_EQ(field, c.expected) << answer.body;
  EXPECT_EQ(domain, "pinhole") << answer.body;
}

}  // namespace pinhole::gateway
