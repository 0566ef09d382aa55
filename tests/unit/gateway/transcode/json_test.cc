// SPDX-License-Identifier: Apache-2.0

// JSON of every type of field, beyond what values_test.cc has of Pinhole's own
// messages.

#include "gateway/transcode/json.h"

#include <cmath>
#include <string>
#include <vector>

#include "gateway/http/http_error.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "tests/conformance/everything.pb.h"
#include "tests/support/status_matchers.h"

namespace pinhole::gateway {
namespace {

using ::conformance::Everything;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::size_t kDepth = 64;

const google::protobuf::FieldDescriptor& Field(const std::string& name) {
  return *Everything::descriptor()->FindFieldByName(name);
}

// "FIELD: rule" of the error, or its text if it names none.
std::string Shown(const absl::Status& status) {
  const google::rpc::Status proto = ToProto(status);
  google::rpc::BadRequest bad;
  if (proto.details_size() == 0 || !proto.details(0).UnpackTo(&bad)) {
    return proto.message();
  }
  return bad.field_violations(0).field() + ": " +
         bad.field_violations(0).description();
}

std::string ErrorOf(const std::string& json) {
  Everything message;
  const absl::Status status = JsonToMessage(json, kDepth, message);
  return status.ok() ? "" : Shown(status);
}

std::string PrintOne(const std::string& field, const Everything& message,
                     JsonNames names = JsonNames::kJson) {
  return FieldToJson(message, Field(field), names).value();
}

TEST(JsonFieldTest, BodyCannotSetOtherFieldsOfTheRequest) {
  const auto& photo =
      *v1::UpdatePhotoRequest::descriptor()->FindFieldByName("photo");
  for (const char* body :
       {R"({"caption":"x"},"update_mask":"caption")", R"({},"update_mask":"")",
        R"({}},{)", R"({}}{)", R"(null,"update_mask":"caption")"}) {
    v1::UpdatePhotoRequest request;
    EXPECT_THAT(
        JsonToField(body, kDepth, photo, request),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not JSON")))
        << body;
  }
}

TEST(JsonFieldTest, AValueOfEachShapeIsTaken) {
  const struct {
    const char* field;
    const char* json;
  } cases[] = {{"text", R"("a")"},
               {"int32s", "[1,2]"},
               {"inners", R"([{"text":"a"}])"},
               {"named", R"({"a":"b"})"},
               {"time", R"("2026-01-01T00:00:00Z")"},
               {"value", "[1,null]"},
               {"value", "null"},
               {"inner", "null"},
               {"color", R"("red")"}};
  for (const auto& c : cases) {
    Everything message;
    EXPECT_THAT(JsonToField(c.json, kDepth, Field(c.field), message), IsOk())
        << c.field << ' ' << c.json;
  }
}

TEST(JsonFieldTest, LeavesAreTheFieldsThatAreGiven) {
  const auto leaves = [](const std::string& json) {
    conformance::PatchRequest request;
    return JsonToField(json, kDepth,
                       *request.GetDescriptor()->FindFieldByName("thing"),
                       request)
        .value();
  };
  EXPECT_THAT(leaves("{}"), IsEmpty());
  EXPECT_THAT(leaves("null"), IsEmpty());
  EXPECT_THAT(leaves(R"({"title":"","longTitle":null})"),
              ElementsAre("title", "long_title"));
  EXPECT_THAT(leaves(R"({"tags":["a"],"labels":{"a":"b"}})"),
              ElementsAre("tags", "labels"));
  EXPECT_THAT(leaves(R"({"inner":{"text":"a","inner":{"count":1}}})"),
              ElementsAre("inner.text", "inner.inner.count"));
  EXPECT_THAT(leaves(R"({"inner":{"inners":[{"text":"a"}]}})"),
              ElementsAre("inner.inners"));
  EXPECT_THAT(leaves(R"({"inner":{"inner":{}}})"), ElementsAre("inner.inner"));
  EXPECT_THAT(leaves(R"({"extra":{"a":{}},"editTime":null})"),
              ElementsAre("extra", "edit_time"));
}

TEST(JsonFieldTest, PrintsFieldsWithNamesOfSeveralWords) {
  Everything message;
  message.add_multi_word_texts("a");
  message.set_renamed("b");
  for (const JsonNames names : {JsonNames::kJson, JsonNames::kProto}) {
    EXPECT_EQ(PrintOne("multi_word_texts", message, names), R"(["a"])");
    EXPECT_EQ(PrintOne("renamed", message, names), R"("b")");
  }
}

TEST(JsonFieldTest, PrintsRealsAsMessagesDo) {
  Everything message;
  message.set_real(1.5);
  message.add_reals(0.1);
  EXPECT_EQ(PrintOne("real", message), "1.5");
  EXPECT_EQ(PrintOne("reals", message), "[0.1]");
}

TEST(JsonFieldTest, PrintsAFieldBesideOneThatIsDeeplyNested) {
  Everything message;
  auto* inner = message.mutable_inner();
  for (int i = 0; i < 60; ++i) inner = inner->mutable_inner();
  message.set_text("a \"} , \\");
  EXPECT_EQ(PrintOne("text", message), R"("a \"} , \\")");
}

TEST(JsonFieldTest, PrintsNullOnlyForWhatIsNotThere) {
  Everything message;
  EXPECT_EQ(PrintOne("text", message), R"("")");
  EXPECT_EQ(PrintOne("int64", message), R"("0")");
  EXPECT_EQ(PrintOne("int32s", message), "[]");
  EXPECT_EQ(PrintOne("named", message), "{}");
  EXPECT_EQ(PrintOne("inner", message), "null");
  EXPECT_EQ(PrintOne("maybe_int32", message), "null");
  EXPECT_EQ(PrintOne("chosen_text", message), "null");
  message.set_maybe_int32(0);
  message.mutable_time();
  EXPECT_EQ(PrintOne("maybe_int32", message), "0");
  EXPECT_EQ(PrintOne("time", message), R"("1970-01-01T00:00:00Z")");
}

TEST(JsonTest, NamesOfFieldsAreCanonicalOrThoseOfTheProto) {
  Everything message;
  message.set_maybe_int32(1);
  message.set_renamed("a");
  message.mutable_mask()->add_paths("multi_word_texts");
  (*message.mutable_named())["a_key"] = "b";
  const std::string json = MessageToJson(message, JsonNames::kJson).value();
  EXPECT_THAT(json, HasSubstr(R"("maybeInt32":1)"));
  EXPECT_THAT(json, HasSubstr(R"("anotherName":"a")"));
  EXPECT_THAT(json, HasSubstr(R"("multiWordTexts":[])"));
  const std::string proto = MessageToJson(message, JsonNames::kProto).value();
  EXPECT_THAT(proto, HasSubstr(R"("maybe_int32":1)"));
  EXPECT_THAT(proto, HasSubstr(R"("renamed":"a")"));
  EXPECT_THAT(proto, HasSubstr(R"("multi_word_texts":[])"));
  for (const std::string& text : {json, proto}) {
    EXPECT_THAT(text, HasSubstr(R"("mask":"multiWordTexts")"));
    EXPECT_THAT(text, HasSubstr(R"("named":{"a_key":"b"})"));
  }
}

TEST(JsonTest, AFieldUnderBothOfItsNamesIsGivenTwice) {
  EXPECT_EQ(ErrorOf(R"({"maybe_int32":1,"maybeInt32":1})"),
            "maybe_int32: is given twice; maybeInt32 and maybe_int32 are the "
            "same field");
  EXPECT_EQ(ErrorOf(R"({"anotherName":"a","renamed":"a"})"),
            "renamed: is given twice; anotherName and renamed are the same "
            "field");
  EXPECT_EQ(ErrorOf(R"({"text":"a","text":"b"})"), "text: is given twice");
}

TEST(JsonTest, ErrorsHaveTheNamesOfTheProto) {
  EXPECT_EQ(ErrorOf(R"({"maybeInt32":"x"})").substr(0, 12), "maybe_int32:");
  EXPECT_EQ(ErrorOf(R"({"int32Wrapper":1.5})").substr(0, 14), "int32_wrapper:");
  EXPECT_EQ(ErrorOf(R"({"anotherName":1})").substr(0, 8), "renamed:");
  EXPECT_EQ(ErrorOf(R"({"multiWordTexts":["a",1]})").substr(0, 20),
            "multi_word_texts[1]:");
  // Only protobuf's parser finds these.
  EXPECT_EQ(ErrorOf(R"({"maybeInt32":1.5})").substr(0, 12), "maybe_int32:");
  EXPECT_EQ(ErrorOf(R"({"notAField":1})"),
            "notAField: is not a field of the request");
}

TEST(JsonTest, ErrorsRepeatNeitherAValueNorTheKeyOfAMap) {
  for (const char* json :
       {R"({"time":"TYPE_hunter2"})", R"({"duration":"TYPE_hunter2"})",
        R"({"int32Wrapper":"TYPE_hunter2"})", R"({"numbered":{"hunter2":{}}})",
        R"({"numbered":{"1":{"count":"hunter2"}}})",
        R"({"named":{"hunter2":1}})",
        R"({"named":{"hunter2":"a","hunter2":"b"}})",
        R"({"object":{"hunter2":1,"hunter2":2}})",
        R"({"flagged":{"true":"hunter2"}})",
        R"({"any":{"@type":"hunter2"}})"}) {
    const std::string error = ErrorOf(json);
    EXPECT_NE(error, "") << json;
    EXPECT_THAT(error, Not(HasSubstr("hunter2"))) << json;
  }
}

TEST(JsonTest, RealsTakeNoSpellingsBesideThoseOfProto3) {
  for (const char* good : {"1.5", "-0", "1e-400", R"("NaN")", R"("Infinity")",
                           R"("-Infinity")", R"("1.5")"}) {
    EXPECT_EQ(ErrorOf(std::string(R"({"real":)") + good + "}"), "") << good;
  }
  for (const char* bad :
       {R"("inf")", R"("nan")", "\"nan(1)\"", R"("INFINITY")", R"("0x10")",
        R"("")", R"(" 1")", "1e400", "-1e99999999999", "true"}) {
    EXPECT_EQ(ErrorOf(std::string(R"({"real":)") + bad + "}"),
              "real: must be a number in range")
        << bad;
  }
  EXPECT_EQ(ErrorOf(R"({"single":1e39})"), "single: must be a number in range");
}

TEST(JsonTest, ZeroKeepsItsSign) {
  Everything message;
  ASSERT_THAT(JsonToMessage(R"({"real":-0,"int32":-0})", kDepth, message),
              IsOk());
  EXPECT_TRUE(std::signbit(message.real()));
  EXPECT_EQ(message.int32(), 0);
}

// Found by the fuzzer: 4 was taken, and shown as null, which is 0.
TEST(JsonTest, ANullHasNoOtherNumber) {
  EXPECT_EQ(ErrorOf(R"({"chosen_null":0})"), "");
  EXPECT_EQ(ErrorOf(R"({"chosen_null":4})"),
            "chosen_null: must be one of NULL_VALUE");
  EXPECT_EQ(ErrorOf(R"({"color":4})"), "");
}

TEST(JsonTest, TwoMembersOfAOneofAreNamed) {
  EXPECT_EQ(ErrorOf(R"({"chosenText":"a","chosen_int32":1})"),
            "chosen_int32: cannot be given together with chosen_text");
  EXPECT_EQ(ErrorOf(R"({"chosen_null":null,"chosen_inner":{}})"),
            "chosen_inner: cannot be given together with chosen_null");
  EXPECT_EQ(ErrorOf(R"({"chosen_text":null,"chosen_int32":1})"), "");
}

TEST(JsonTest, ErrorsNameTheFieldWithItsPlaceInAList) {
  EXPECT_EQ(ErrorOf(R"({"inners":[{},{"nope":1}]})"),
            "inners[1].nope: is not a field of the request");
  EXPECT_EQ(ErrorOf(R"({"inner":{"inners":[{"inners":[{"text":1}]}]}})"),
            "inner.inners[0].inners[0].text: must be text in UTF-8");
  EXPECT_EQ(ErrorOf(R"({"int32s":[1,null]})"), "int32s[1]: must not be null");
}

}  // namespace
}  // namespace pinhole::gateway
