// SPDX-License-Identifier: Apache-2.0

// Requests whose path, query and body meet, and values of every type in a
// query: each case is one line of a table.

#include <string>
#include <utility>
#include <vector>

#include "gateway/http/http_error.h"
#include "gateway/http/uri.h"
#include "gateway/transcode/request_message.h"
#include "gmock/gmock.h"
#include "google/api/http.pb.h"
#include "google/protobuf/text_format.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/conformance/everything.pb.h"

namespace pinhole::gateway {
namespace {

// The request in text, or "FIELD: rule" of what is wrong with it.
std::string Make(const std::string& method, const std::string& rule,
                 const std::vector<std::string>& values,
                 const std::string& query, const std::string& body) {
  conformance::Everything::descriptor();  // Registers the file.
  google::api::HttpRule parsed;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(rule, &parsed));
  const auto routes =
      MakeRoutes(
          *google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
              "conformance.Echo." + method),
          parsed)
          .value();
  const auto request = MakeRequest(routes.front(), values, query, body, 64);
  if (request.ok()) return (*request)->ShortDebugString();
  const google::rpc::Status status = ToProto(request.status());
  google::rpc::BadRequest bad;
  if (status.details_size() == 0 || !status.details(0).UnpackTo(&bad)) {
    return status.message();
  }
  return bad.field_violations(0).field() + ": " +
         bad.field_violations(0).description();
}

std::string Query(const std::string& query) {
  return Make("Query", "get: '/a'", {}, query, "");
}

TEST(QueryTest, PlusInBase64IsNotSkippedAsASpace) {
  const std::string rule = "data: must be base64 (in a query, write + as %2B)";
  EXPECT_EQ(Query("data=ab+/"), rule);
  EXPECT_EQ(Query("data=a%20bc"), rule);
  EXPECT_EQ(Query("data=ab.."), rule);
  EXPECT_EQ(Query("data=-8"), rule);  // Bits are left over.
  EXPECT_EQ(Query("data=ab%2B/"), "data: \"i\\277\\277\"");
  EXPECT_EQ(Query("data=ab-_"), "data: \"i\\277\\277\"");
}

TEST(QueryTest, RealsTakeNoSpellingsBesideThoseOfProto3) {
  EXPECT_EQ(Query("real=NaN"), "real: nan");
  EXPECT_EQ(Query("real=-Infinity&single=1e-60"), "real: -inf");
  for (const char* bad : {"inf", "nan", "nan(x)", "NAN", "infinity", "0x1p3",
                          "1e999", "", "-", "1.5x", "%2B1"}) {
    EXPECT_EQ(Query(std::string("real=") + bad),
              "real: must be a number in range")
        << bad;
  }
  EXPECT_EQ(Query("single=1e39"), "single: must be a number in range");
}

TEST(QueryTest, TwoMembersOfAOneofAreNamed) {
  EXPECT_EQ(Query("chosen_text=a&chosenInt32=1"),
            "chosen_int32: cannot be given together with chosen_text");
  EXPECT_EQ(Query("chosen_text=a&chosen_inner.text=b"),
            "chosen_inner.text: cannot be given together with chosen_text");
  EXPECT_EQ(Make("Query", "post: '/a' body: 'chosen_inner'", {},
                 "chosen_text=a", "{}"),
            "chosen_text: cannot be given together with chosen_inner");
  EXPECT_EQ(Make("Query", "get: '/{chosen_text}'", {"a"}, "chosen_int32=1", ""),
            "chosen_text: cannot be given together with chosen_int32");
}

TEST(QueryTest, NothingIsGivenTwice) {
  EXPECT_EQ(Query("text=a&text=a"), "text: is given twice");
  EXPECT_EQ(Query("maybe_text=a&maybeText=a"),
            "maybe_text: is given twice; maybeText and maybe_text are the same "
            "field");
  EXPECT_EQ(Query("time=2026-01-01T00:00:00Z&time.nanos=1"),
            "time.nanos: is given twice");
  EXPECT_EQ(Query("time.nanos=1&time=2026-01-01T00:00:00Z"),
            "time: is given twice");
  EXPECT_EQ(Query("inner.text=a&inner.count=1&int32s=1&int32s=2"),
            "inner { text: \"a\" count: 1 } int32s: 1 int32s: 2");
}

TEST(QueryTest, PathsThatNeverEndAreNotFollowed) {
  std::string name;
  for (int i = 0; i < 70; ++i) name += "inner.";
  EXPECT_EQ(Query(name + "text=a"), name + "text: is not a known parameter");
}

TEST(QueryTest, ParametersThatTheOperatorIgnoresAreLeftOut) {
  const std::vector<std::string> ignored = {"fbclid", "utm_*"};
  EXPECT_EQ(WithoutParameters("utm_source=a&x=1&fbclid=2&y&%66bclid=3&utm=4",
                              ignored),
            "x=1&y&utm=4");
  EXPECT_EQ(WithoutParameters("a=1&%zz=2", ignored), "a=1&%zz=2");
}

TEST(RequestTest, PathQueryAndBodyMayNotDiffer) {
  const struct {
    const char* rule;
    const char* value;
    const char* query;
    const char* body;
    const char* expected;
  } cases[] = {
      {"put: '/{text}' body: '*'", "a", "", R"({"text":"a"})", "text: \"a\""},
      {"put: '/{text}' body: '*'", "a", "", R"({"text":"b"})",
       "text: must be equal to the value in the path"},
      {"put: '/{text}' body: '*'", "a", "", R"({"text":""})", "text: \"a\""},
      {"put: '/{int32}' body: '*'", "7", "", R"({"int32":"7"})", "int32: 7"},
      {"put: '/{color}' body: '*'", "red", "", R"({"color":1})",
       "color: COLOR_RED"},
      {"put: '/{color}' body: '*'", "red", "", R"({"color":"GREEN"})",
       "color: must be equal to the value in the path"},
      {"put: '/{time}' body: '*'", "2026-01-01T01:00:00%2B01:00", "", "",
       "time: must be a time such as 2026-01-31T23:59:59Z"},
      {"put: '/{time}' body: '*'", "2026-01-01T01:00:00+01:00", "",
       R"({"time":"2026-01-01T00:00:00Z"})", "time { seconds: 1767225600 }"},
      {"put: '/{mask}' body: '*'", "text,name", "", R"({"mask":"text,name"})",
       "mask { paths: \"text\" paths: \"name\" }"},
      {"put: '/{inner.text}' body: 'inner'", "a", "",
       R"({"text":"b","count":1})",
       "inner.text: must be equal to the value in the path"},
      {"put: '/{inner.text}' body: 'inner'", "a", "", R"({"count":1})",
       "inner { text: \"a\" count: 1 }"},
      {"put: '/{inner.inner.text}' body: 'inner'", "a", "", R"({"text":"b"})",
       "inner { text: \"b\" inner { text: \"a\" } }"},
      {"get: '/{text}'", "a", "text=a", "", "text: \"a\""},
      {"get: '/{text}'", "a", "text=b", "",
       "text: must be equal to the value in the path"},
      {"get: '/{time}'", "2026-01-01T00:00:00Z", "time.nanos=1", "",
       "time: must be equal to the value in the path"},
      {"get: '/{maybe_int32}'", "1", "maybe_int32=0", "",
       "maybe_int32: must be equal to the value in the path"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Make("Query", c.rule, {c.value}, c.query, c.body), c.expected)
        << c.rule << ' ' << c.value << '?' << c.query << ' ' << c.body;
  }
}

TEST(UpdateMaskTest, IsWhatThePatchNames) {
  const struct {
    const char* query;
    const char* body;
    const char* expected;  // Paths of the mask.
  } cases[] = {
      {"", "", ""},
      {"", "{}", ""},
      {"", R"({"title":"a"})", "title"},
      {"", R"({"title":""})", "title"},
      {"", R"({"longTitle":null})", "long_title"},
      {"", R"({"tags":[],"labels":{"a":"b"}})", "tags,labels"},
      {"", R"({"inner":{"text":"a","inner":{"count":0}}})",
       "inner.text,inner.inner.count"},
      {"", R"({"extra":{"a":1},"editTime":"2026-01-01T00:00:00Z"})",
       "extra,edit_time"},
      {"", R"({"id":"7","title":"a"})", "title"},
      {"", R"({"createTime":"2026-01-01T00:00:00Z","title":"a"})", "title"},
      {"update_mask=title", R"({"title":"a","tags":[]})", "title"},
      {"update_mask=", R"({"title":"a"})", ""},
  };
  for (const auto& c : cases) {
    const std::string made = Make("Patch", "patch: '/{thing.id}' body: 'thing'",
                                  {"7"}, c.query, c.body);
    conformance::PatchRequest request;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(made, &request))
        << made;
    std::string paths;
    for (const std::string& path : request.update_mask().paths()) {
      paths += (paths.empty() ? "" : ",") + path;
    }
    EXPECT_EQ(paths, c.expected) << c.query << ' ' << c.body;
  }
}

TEST(UpdateMaskTest, IsNotMadeForOtherMethodsOrBodies) {
  EXPECT_EQ(
      Make("Patch", "put: '/a' body: 'thing'", {}, "", R"({"title":"a"})"),
      "thing { title: \"a\" }");
  EXPECT_EQ(Make("Patch", "patch: '/a' body: '*'", {}, "",
                 R"({"thing":{"title":"a"}})"),
            "thing { title: \"a\" }");
}

}  // namespace
}  // namespace pinhole::gateway
