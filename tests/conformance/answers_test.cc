// SPDX-License-Identifier: Apache-2.0

// Answers, to the byte.

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/conformance/conformance.h"

namespace pinhole::gateway {
namespace {

TEST_F(ConformanceTest, AnswersThatAreOneField) {
  const struct {
    const char* path;
    const char* body;
    const char* answer;
  } cases[] = {
      {"/one/text", R"({"text":"a\"b"})", R"("a\"b")"},
      {"/one/text", "{}", R"("")"},
      {"/one/int64", R"({"int64":"5"})", R"("5")"},
      {"/one/real", R"({"real":1.5})", "1.5"},
      {"/one/real", R"({"real":"NaN"})", R"("NaN")"},
      {"/one/reals", R"({"reals":[0.1,1e100]})", "[0.1,1e+100]"},
      {"/one/reals", "{}", "[]"},
      {"/one/color", R"({"color":1})", R"("COLOR_RED")"},
      {"/one/maybe", R"({"maybe_int32":0})", "0"},
      {"/one/maybe", "{}", "null"},
      {"/one/multi_word", R"({"multiWordTexts":["a","}"]})", R"(["a","}"])"},
      {"/one/inner", R"({"inner":{"text":"a"}})",
       R"({"text":"a","count":0,"inners":[]})"},
      {"/one/inner", "{}", "null"},
      {"/one/inners", R"({"inners":[{"count":1}]})",
       R"([{"text":"","count":1,"inners":[]}])"},
      {"/one/named", R"({"named":{"a":"b"}})", R"({"a":"b"})"},
      {"/one/time", R"({"time":"2026-01-01T00:00:00Z"})",
       R"("2026-01-01T00:00:00Z")"},
      {"/one/time", "{}", "null"},
      {"/one/value", R"({"value":[1,null]})", "[1,null]"},
      {"/one/chosen", R"({"chosen_text":"a"})", R"("a")"},
      {"/one/chosen", R"({"chosen_int32":1})", "null"},
  };
  for (const auto& c : cases) {
    const auto answer = Send("POST", c.path, c.body);
    EXPECT_EQ(answer.code, 200) << c.path << ' ' << c.body;
    EXPECT_EQ(answer.body, c.answer) << c.path << ' ' << c.body;
  }
}

TEST_F(ConformanceTest, AnswersShowZerosAndNotWhatIsNotSet) {
  EXPECT_EQ(Send("POST", "/conformance.Echo/NoRule", "{}").body,
            R"({"text":"","count":0,"inners":[]})");
  EXPECT_EQ(Send("PATCH", "/patch/7", "").body,
            R"({"thing":{"id":"7","title":"","tags":[],"labels":{},)"
            R"("longTitle":""}})");
}

class ProtoNamesTest : public ConformanceTest {
 protected:
  ProtoNamesTest() : ConformanceTest(JsonNames::kProto) {}
};

TEST_F(ProtoNamesTest, AnswersHaveTheNamesInTheProtoFiles) {
  EXPECT_EQ(Send("PATCH", "/patch/7", R"({"longTitle":"a"})").body,
            R"({"thing":{"id":"7","title":"","tags":[],"labels":{},)"
            R"("long_title":"a"},"update_mask":"longTitle"})");
  EXPECT_EQ(Send("POST", "/one/multi_word", R"({"multiWordTexts":["a"]})").body,
            R"(["a"])");
  const Case cases[] = {
      {"POST", "/whole", R"({"maybeInt32":1,"renamed":"a"})", 200,
       R"({"maybe_int32":1,"renamed":"a"})"},
      {"POST", "/whole", R"({"maybe_int32":1,"anotherName":"a"})", 200,
       R"({"maybe_int32":1,"renamed":"a"})"},
      {"GET", "/query?maybeInt32=x", "", 400, "maybe_int32"},
  };
  for (const Case& c : cases) Check(c);
}

TEST_F(ProtoNamesTest, ErrorsAreTheSameWithEitherNames) {
  const std::string error = Send("GET", "/query?maybeInt32=x", "").body;
  EXPECT_THAT(error, ::testing::HasSubstr(R"("fieldViolations":[{)"));
  EXPECT_THAT(error, ::testing::HasSubstr(R"("requestId":")"));
}

TEST_F(ConformanceTest, CodesOfTheServerHaveTheirHttpCodes) {
  const struct {
    int code;
    int http;
  } cases[] = {{1, 499},  {2, 500},  {3, 400},  {4, 504},  {5, 404},  {6, 409},
               {7, 403},  {8, 429},  {9, 400},  {10, 409}, {11, 400}, {12, 501},
               {13, 500}, {14, 503}, {15, 500}, {16, 401}, {99, 500}};
  for (const auto& c : cases) {
    const auto answer = Send("GET", fmt::format("/fail/{}", c.code), "");
    EXPECT_EQ(answer.code, c.http) << c.code;
    EXPECT_THAT(
        answer.body,
        ::testing::StartsWith(fmt::format(
            R"({{"code":{},"message":"as asked for","details":[)", c.code)));
  }
}

TEST_F(ConformanceTest, StreamsAreOneLineForEachMessage) {
  EXPECT_EQ(Send("GET", "/stream/a?count=2", "").body,
            "{\"text\":\"a\",\"count\":2,\"inners\":[]}\n"
            "{\"text\":\"a\",\"count\":2,\"inners\":[]}\n");
}

TEST_F(ConformanceTest, AFieldOfTheRequestIsNamedWithItsRule) {
  EXPECT_THAT(
      Send("GET", "/query?flag=1", "").body,
      ::testing::StartsWith(
          R"({"code":3,"message":"flag must be true or false","details":[)"
          R"({"@type":"type.googleapis.com/google.rpc.BadRequest",)"
          R"("fieldViolations":[{"field":"flag",)"
          R"("description":"must be true or false"}]})"));
}

}  // namespace
}  // namespace pinhole::gateway
