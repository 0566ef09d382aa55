// SPDX-License-Identifier: Apache-2.0

#include "gmock/gmock.h"
#include "tests/conformance/conformance.h"

namespace pinhole::gateway {
namespace {

TEST_F(ConformanceTest, Bodies) {
  // clang-format off
  const Case cases[] = {
      // What is JSON at all.
      {"POST", "/whole", "", 200, R"({})"},
      {"POST", "/whole", " {\t}\r\n", 200, R"({})"},
      {"POST", "/whole", "   ", 400, ""},
      {"POST", "/whole", "[]", 400, ""},
      {"POST", "/whole", "null", 400, ""},
      {"POST", "/whole", R"("a")", 400, ""},
      {"POST", "/whole", R"({"text":"a",})", 400, ""},
      {"POST", "/whole", R"({'text':'a'})", 400, ""},
      {"POST", "/whole", R"({text:"a"})", 400, ""},
      {"POST", "/whole", R"({"text":"a"}{})", 400, ""},
      {"POST", "/whole", R"({"text":"a"})" "\0", 200, R"({"text":"a"})"},
      {"POST", "/whole", R"({"text":"a)", 400, ""},
      {"POST", "/whole", "{\"text\":\"a\nb\"}", 400, ""},
      {"POST", "/whole", "{\"text\":\"\xff\"}", 400, ""},
      {"POST", "/whole", R"({"text":"\ud800"})", 400, ""},
      {"POST", "/whole", "\xef\xbb\xbf{}", 400, ""},
      {"POST", "/whole", R"(/**/{})", 400, ""},
      {"POST", "/whole", R"({"text":"\u00e9\ud83d\ude00\n"})", 200, R"({"text":"\u00e9\ud83d\ude00\n"})"},
      // Names.
      {"POST", "/whole", R"({"nope":1})", 400, "nope"},
      {"POST", "/whole", R"({"inner":{"nope":1}})", 400, "inner.nope"},
      {"POST", "/whole", R"({"inners":[{},{"nope":1}]})", 400, "inners[1].nope"},
      {"POST", "/whole", R"({"text":"a","text":"b"})", 400, "text"},
      {"POST", "/whole", R"({"maybe_int32":1,"maybeInt32":1})", 400, "maybe_int32"},
      {"POST", "/whole", R"({"anotherName":"a"})", 200, R"({"renamed":"a"})"},
      {"POST", "/whole", R"({"renamed":"a"})", 200, R"({"renamed":"a"})"},
      {"POST", "/whole", R"({"anotherName":"a","renamed":"a"})", 400, "renamed"},
      {"POST", "/whole", R"({"multi_word_texts":["a"],"maybeInt32":1})", 200, R"({"multiWordTexts":["a"],"maybe_int32":1})"},
      {"POST", "/whole", R"({"":1})", 400, ""},
      // Scalars.
      {"POST", "/whole", R"({"int32":1,"int64":2,"uint32":3,"uint64":4})", 200, R"({"int32":1,"int64":"2","uint32":3,"uint64":"4"})"},
      {"POST", "/whole", R"({"sint32":-1,"sint64":-2,"fixed32":3,"fixed64":4})", 200, R"({"sint32":-1,"sint64":"-2","fixed32":3,"fixed64":"4"})"},
      {"POST", "/whole", R"({"sfixed32":-1,"sfixed64":"-2"})", 200, R"({"sfixed32":-1,"sfixed64":"-2"})"},
      {"POST", "/whole", R"({"int32":"1"})", 200, R"({"int32":1})"},
      {"POST", "/whole", R"({"int32":1e3})", 200, R"({"int32":1000})"},
      {"POST", "/whole", R"({"int32":5.0})", 200, R"({"int32":5})"},
      {"POST", "/whole", R"({"int32":1.5})", 400, "int32"},
      {"POST", "/whole", R"({"int32":1e10})", 400, "int32"},
      {"POST", "/whole", R"({"int32":2147483648})", 400, "int32"},
      {"POST", "/whole", R"({"int32":"2147483648"})", 400, "int32"},
      {"POST", "/whole", R"({"int32":true})", 400, "int32"},
      {"POST", "/whole", R"({"int32":""})", 400, "int32"},
      {"POST", "/whole", R"({"int32":" 1"})", 400, "int32"},
      {"POST", "/whole", R"({"int32":[1]})", 400, "int32"},
      {"POST", "/whole", R"({"int32":{}})", 400, "int32"},
      {"POST", "/whole", R"({"int32":01})", 400, ""},
      {"POST", "/whole", R"({"int64":9223372036854775807})", 200, R"({"int64":"9223372036854775807"})"},
      {"POST", "/whole", R"({"int64":9223372036854775808})", 400, "int64"},
      {"POST", "/whole", R"({"int64":9007199254740993})", 200, R"({"int64":"9007199254740993"})"},
      {"POST", "/whole", R"({"int64":1e400})", 400, "int64"},
      {"POST", "/whole", R"({"uint32":-1})", 400, "uint32"},
      {"POST", "/whole", R"({"uint64":18446744073709551615})", 200, R"({"uint64":"18446744073709551615"})"},
      {"POST", "/whole", R"({"uint64":18446744073709551616})", 400, "uint64"},
      {"POST", "/whole", R"({"single":1.5,"real":"1.5"})", 200, R"({"single":1.5,"real":1.5})"},
      {"POST", "/whole", R"({"real":"NaN","single":"-Infinity"})", 200, R"({"real":"NaN","single":"-Infinity"})"},
      {"POST", "/whole", R"({"real":NaN})", 400, ""},
      {"POST", "/whole", R"({"real":"nan"})", 400, "real"},
      {"POST", "/whole", R"({"real":1e309})", 400, "real"},
      {"POST", "/whole", R"({"real":1e99999999999})", 400, "real"},
      {"POST", "/whole", R"({"single":1e39})", 400, "single"},
      {"POST", "/whole", R"({"flag":true})", 200, R"({"flag":true})"},
      {"POST", "/whole", R"({"flag":"true"})", 400, "flag"},
      {"POST", "/whole", R"({"flag":1})", 400, "flag"},
      {"POST", "/whole", R"({"text":1})", 400, "text"},
      {"POST", "/whole", R"({"text":["a"]})", 400, "text"},
      {"POST", "/whole", R"({"text":null})", 200, R"({})"},
      {"POST", "/whole", R"({"data":"+/8="})", 200, R"({"data":"+/8="})"},
      {"POST", "/whole", R"({"data":"-_8"})", 200, R"({"data":"+/8="})"},
      {"POST", "/whole", R"({"data":"A A="})", 400, "data"},
      {"POST", "/whole", R"({"data":"A"})", 400, "data"},
      {"POST", "/whole", R"({"color":"COLOR_RED"})", 200, R"({"color":"COLOR_RED"})"},
      {"POST", "/whole", R"({"color":"red"})", 200, R"({"color":"COLOR_RED"})"},
      {"POST", "/whole", R"({"color":2})", 200, R"({"color":"COLOR_GREEN"})"},
      {"POST", "/whole", R"({"color":77})", 200, R"({"color":77})"},
      {"POST", "/whole", R"({"color":"77"})", 400, "color"},
      {"POST", "/whole", R"({"color":"blue"})", 400, "color"},
      {"POST", "/whole", R"({"color":99999999999})", 400, "color"},
      // CallGuard.
      {"POST", "/whole", R"({"maybe_int32":0,"maybe_flag":false,"maybe_text":""})", 200, R"({"maybe_int32":0,"maybe_flag":false,"maybe_text":""})"},
      {"POST", "/whole", R"({"maybe_int32":null})", 200, R"({})"},
      {"POST", "/whole", R"({"inner":{}})", 200, R"({"inner":{}})"},
      {"POST", "/whole", R"({"inner":null})", 200, R"({})"},
      {"POST", "/whole", R"({"inner":"a"})", 400, "inner"},
      {"POST", "/whole", R"({"inner":[]})", 400, "inner"},
      // Lists.
      {"POST", "/whole", R"({"int32s":[1,"2"],"reals":[1,"NaN"]})", 200, R"({"int32s":[1,2],"reals":[1,"NaN"]})"},
      {"POST", "/whole", R"({"int32s":[]})", 200, R"({})"},
      {"POST", "/whole", R"({"int32s":null})", 200, R"({})"},
      {"POST", "/whole", R"({"int32s":1})", 400, "int32s"},
      {"POST", "/whole", R"({"int32s":[1,"x"]})", 400, "int32s[1]"},
      {"POST", "/whole", R"({"int32s":[null]})", 400, "int32s[0]"},
      {"POST", "/whole", R"({"int32s":[[1]]})", 400, "int32s[0]"},
      {"POST", "/whole", R"({"inners":[{"count":1},{"inners":[{"count":2}]}]})", 200, R"({"inners":[{"count":1},{"inners":[{"count":2}]}]})"},
      {"POST", "/whole", R"({"inners":{}})", 400, "inners"},
      {"POST", "/whole", R"({"inners":[1]})", 400, "inners[0]"},
      {"POST", "/whole", R"({"colors":["red",2]})", 200, R"({"colors":["COLOR_RED","COLOR_GREEN"]})"},
      {"POST", "/whole", R"({"values":[null,1,"a",[],{}]})", 200, R"({"values":[null,1,"a",[],{}]})"},
      // Maps.
      {"POST", "/whole", R"({"named":{"a":"b"}})", 200, R"({"named":{"a":"b"}})"},
      {"POST", "/whole", R"({"named":{"":""}})", 200, R"({"named":{"":""}})"},
      {"POST", "/whole", R"({"named":{"a":"b","a":"c"}})", 400, "named"},
      {"POST", "/whole", R"({"named":{"a":1}})", 400, "named"},
      {"POST", "/whole", R"({"named":{"a":null}})", 400, "named"},
      {"POST", "/whole", R"({"named":[]})", 400, "named"},
      {"POST", "/whole", R"({"numbered":{"-1":{"count":1}}})", 200, R"({"numbered":{"-1":{"count":1}}})"},
      {"POST", "/whole", R"({"numbered":{"x":{}}})", 400, "numbered"},
      {"POST", "/whole", R"({"numbered":{"01":{}}})", 400, "numbered"},
      {"POST", "/whole", R"({"numbered":{"1":{"nope":1}}})", 400, "numbered.nope"},
      {"POST", "/whole", R"({"flagged":{"true":"red"}})", 200, R"({"flagged":{"true":"COLOR_RED"}})"},
      {"POST", "/whole", R"({"flagged":{"1":"red"}})", 400, "flagged"},
      {"POST", "/whole", R"({"measured":{"18446744073709551615":1.5}})", 200, R"({"measured":{"18446744073709551615":1.5}})"},
      // A oneof.
      {"POST", "/whole", R"({"chosen_text":""})", 200, R"({"chosen_text":""})"},
      {"POST", "/whole", R"({"chosen_text":"a","chosenInt32":1})", 400, "chosen_int32"},
      {"POST", "/whole", R"({"chosen_text":null,"chosenInt32":1})", 200, R"({"chosen_int32":1})"},
      {"POST", "/whole", R"({"chosen_null":null})", 200, R"({"chosen_null":null})"},
      {"POST", "/whole", R"({"chosen_null":null,"chosen_text":"a"})", 400, "chosen_text"},
      // Well-known types.
      {"POST", "/whole", R"({"time":"2026-01-01T01:00:00.25+01:00"})", 200, R"({"time":"2026-01-01T00:00:00.250Z"})"},
      {"POST", "/whole", R"({"time":"yesterday"})", 400, "time"},
      {"POST", "/whole", R"({"time":1})", 400, "time"},
      {"POST", "/whole", R"({"time":{"seconds":1}})", 400, "time"},
      {"POST", "/whole", R"({"times":["2026-01-01T00:00:00Z","x"]})", 400, "times[1]"},
      {"POST", "/whole", R"({"duration":"-1.5s"})", 200, R"({"duration":"-1.500s"})"},
      {"POST", "/whole", R"({"duration":"1.5"})", 400, "duration"},
      {"POST", "/whole", R"({"duration":"-11 .5s"})", 400, "duration"},
      {"POST", "/whole", R"({"duration":"1.1234567891s"})", 400, "duration"},
      {"POST", "/whole", R"({"time":"2026-1-01T00:00:00Z"})", 400, "time"},
      {"POST", "/whole", R"({"mask":"text,maybeInt32"})", 200, R"({"mask":"text,maybeInt32"})"},
      {"POST", "/whole", R"({"mask":"multi_word_texts,maybeInt32"})", 200, R"({"mask":"multiWordTexts,maybeInt32"})"},
      {"POST", "/whole", R"({"mask":["text"]})", 400, "mask"},
      {"POST", "/whole", R"({"object":{"a":[1,null,{"b":"c"}]}})", 200, R"({"object":{"a":[1,null,{"b":"c"}]}})"},
      {"POST", "/whole", R"({"object":{"a":1,"a":2}})", 400, "object"},
      {"POST", "/whole", R"({"object":[]})", 400, "object"},
      {"POST", "/whole", R"({"value":null})", 200, R"({"value":null})"},
      {"POST", "/whole", R"({"value":[{"a":true}]})", 200, R"({"value":[{"a":true}]})"},
      {"POST", "/whole", R"({"list":[1,[2]]})", 200, R"({"list":[1,[2]]})"},
      {"POST", "/whole", R"({"list":{}})", 400, "list"},
      {"POST", "/whole", R"({"any":{"@type":"type.googleapis.com/conformance.Inner","count":1}})", 200, R"({"any":{"@type":"type.googleapis.com/conformance.Inner","count":1}})"},
      {"POST", "/whole", R"({"any":{"@type":"type.googleapis.com/no.such.Type"}})", 400, "any"},
      {"POST", "/whole", R"({"any":[]})", 400, "any"},
      {"POST", "/whole", R"({"empty":{}})", 200, R"({"empty":{}})"},
      {"POST", "/whole", R"({"empty":{"a":1}})", 400, "empty.a"},
      {"POST", "/whole", R"({"bool_wrapper":false,"int32_wrapper":0,"int64_wrapper":"1"})", 200, R"({"bool_wrapper":false,"int32_wrapper":0,"int64_wrapper":"1"})"},
      {"POST", "/whole", R"({"uint32_wrapper":1,"uint64_wrapper":2,"float_wrapper":1.5})", 200, R"({"uint32_wrapper":1,"uint64_wrapper":"2","float_wrapper":1.5})"},
      {"POST", "/whole", R"({"double_wrapper":"NaN","string_wrapper":"","bytes_wrapper":"AA"})", 200, R"({"double_wrapper":"NaN","string_wrapper":"","bytes_wrapper":"AA=="})"},
      {"POST", "/whole", R"({"int32_wrapper":null})", 200, R"({})"},
      {"POST", "/whole", R"({"int32_wrapper":1.5})", 400, "int32_wrapper"},
      {"POST", "/whole", R"({"bool_wrapper":"true"})", 400, "bool_wrapper"},
      {"POST", "/whole", R"({"int32_wrapper":{"value":1}})", 400, "int32_wrapper"},
      // One field.
      {"POST", "/field/inner", R"({"text":"a"})", 200, R"({"inner":{"text":"a"}})"},
      {"POST", "/field/inner", R"({"text":"a"},"text":"b")", 400, ""},
      {"POST", "/field/inner", R"({"nope":1})", 400, "inner.nope"},
      {"POST", "/field/inner", R"([])", 400, "inner"},
      {"POST", "/field/inner", "", 200, R"({})"},
      {"POST", "/field/inner", "null", 200, R"({})"},
      {"POST", "/field/text", R"("a")", 200, R"({"text":"a"})"},
      {"POST", "/field/text", "1", 400, "text"},
      {"POST", "/field/text", "a", 400, ""},
      {"POST", "/field/int32s", "[1,2]", 200, R"({"int32s":[1,2]})"},
      {"POST", "/field/int32s", "1", 400, "int32s"},
      {"POST", "/field/inners", R"([{"text":"a"},{}])", 200, R"({"inners":[{"text":"a"},{}]})"},
      {"POST", "/field/inners", R"([{"nope":"a"}])", 400, "inners[0].nope"},
      {"POST", "/field/named", R"({"a":"b"})", 200, R"({"named":{"a":"b"}})"},
      {"POST", "/field/time", R"("2026-01-01T00:00:00Z")", 200, R"({"time":"2026-01-01T00:00:00Z"})"},
      {"POST", "/field/value", R"([1])", 200, R"({"value":[1]})"},
      {"POST", "/field/value", "null", 200, R"({"value":null})"},
      {"POST", "/field/chosen?chosen_text=a", "{}", 400, "chosen_text"},
      {"POST", "/field/chosen", "{}", 200, R"({"chosen_inner":{}})"},
      // Path and body.
      {"PUT", "/field/a", R"({"count":1})", 200, R"({"inner":{"text":"a","count":1}})"},
      {"PUT", "/field/a", R"({"text":"a"})", 200, R"({"inner":{"text":"a"}})"},
      {"PUT", "/field/a", R"({"text":"b"})", 400, "inner.text"},
      {"PUT", "/whole/a", R"({"text":"a"})", 200, R"({"text":"a"})"},
      {"PUT", "/whole/a", R"({"text":"b"})", 400, "text"},
      // The mask of a PATCH.
      {"PATCH", "/patch/7", R"({"title":"","longTitle":null})", 200, R"({"thing":{"id":"7"},"update_mask":"title,longTitle"})"},
      {"PATCH", "/patch/7", R"({"id":"7","createTime":"2026-01-01T00:00:00Z","tags":["a"]})", 200, R"({"thing":{"id":"7","createTime":"2026-01-01T00:00:00Z","tags":["a"]},"update_mask":"tags"})"},
      {"PATCH", "/patch/7", R"({"inner":{"count":1}})", 200, R"({"thing":{"id":"7","inner":{"count":1}},"update_mask":"inner.count"})"},
      {"PATCH", "/patch/7?updateMask=title", R"({"tags":["a"]})", 200, R"({"thing":{"id":"7","tags":["a"]},"update_mask":"title"})"},
      {"PATCH", "/patch/7", R"({"id":"8"})", 400, "thing.id"},
      // No body, and other types of content.
      {"GET", "/query", "{}", 400, ""},
      {"DELETE", "/whole/a", "{}", 400, ""},
      {"POST", "/whole", "{}", 200, "{}", "Content-Type: application/json; charset=utf-8\r\n"},
      {"POST", "/whole", "{}", 200, "{}", "Content-Type: application/x-www-form-urlencoded\r\n"},
      {"PATCH", "/patch/7", R"({"title":null})", 200, R"({"thing":{"id":"7"},"update_mask":"title"})", "Content-Type: application/merge-patch+json\r\n"},
      {"PATCH", "/patch/7", R"({"title":"a"})", 200, R"({"thing":{"id":"7","title":"a"},"update_mask":"title"})", "Content-Type: Application/Merge-Patch+JSON; charset=utf-8\r\n"},
      {"PATCH", "/patch/7", R"({"title":"a"})", 200, R"({"thing":{"id":"7","title":"a"},"update_mask":"title"})", "Content-Type: application/json\r\n"},
      {"PATCH", "/patch/7", "[]", 415, "", "Content-Type: application/json-patch+json\r\n"},
      {"PATCH", "/patch/7", "{}", 415, "", "Content-Type: application/vnd.thing+json\r\n"},
      {"POST", "/whole", "{}", 415, "", "Content-Type: application/merge-patch+json\r\n"},
      {"PUT", "/whole/a", "{}", 415, "", "Content-Type: application/merge-patch+json\r\n"},
      {"POST", "/whole", "{}", 415, "", "Content-Type: text/plain\r\n"},
      {"POST", "/whole", "{}", 415, "", "Content-Type: application/xml\r\n"},
  };
  // clang-format on
  for (const Case& c : cases) Check(c);
}

TEST_F(ConformanceTest, BodiesMayBeNestedSoDeepAndNoDeeper) {
  const auto nested = [](int depth) {
    std::string json = "{}";
    for (int i = 1; i < depth; ++i) json = R"({"inner":)" + json + "}";
    return json;
  };
  EXPECT_EQ(Send("POST", "/whole", nested(64)).code, 200);
  EXPECT_EQ(Send("POST", "/whole", nested(65)).code, 400);
  EXPECT_EQ(Send("POST", "/field/inner", nested(64)).code, 200);
  EXPECT_EQ(Send("POST", "/field/value", std::string(60'000, '[')).code, 400);
}

TEST_F(ConformanceTest, RefusedPatchIsToldWhichTypesAreTaken) {
  const std::string type = "Content-Type: application/json-patch+json\r\n";

  EXPECT_THAT(Send("PATCH", "/patch/7", "[]", type).head,
              ::testing::HasSubstr("accept-patch: application/json, "
                                   "application/merge-patch+json\r\n"));
  EXPECT_THAT(Send("POST", "/whole", "[]", type).head,
              ::testing::Not(::testing::HasSubstr("accept-patch")));
}

}  // namespace
}  // namespace pinhole::gateway
