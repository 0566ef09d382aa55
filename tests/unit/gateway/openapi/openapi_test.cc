// SPDX-License-Identifier: Apache-2.0

#include "gateway/openapi/openapi.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "boost/json.hpp"
#include "gateway/openapi/openapi_errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openapi_test.pb.h"
#include "pinhole/v1/admin_service.pb.h"
#include "pinhole/v1/descriptors.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "tests/unit/gateway/openapi/openapi_test_descriptors.h"

namespace pinhole::gateway {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

json::value Describe(const std::vector<std::string>& services,
                     std::string_view descriptors,
                     JsonNames names = JsonNames::kJson) {
  const auto routes = MakeRoutes(services);
  EXPECT_TRUE(routes.ok()) << routes.status();
  return json::parse(MakeOpenApi(
      *routes, {.title = "Books", .version = "7", .descriptors = descriptors},
      names));
}

// The bookshop's document, and its parts by JSON pointer.
class OpenApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // Keeps the linker from dropping the files.
    bookshop::Book::descriptor();
    v1::User::descriptor();
    v1::Photo::descriptor();
    v1::Comment::descriptor();
    v1::ServerInfo::descriptor();
    document_ =
        Describe({"pinhole.bookshop.Bookshop"}, OpenApiTestDescriptors());
  }

  // "null" if there is nothing.
  std::string At(const std::string& pointer) const {
    json::error_code error;
    const json::value* found = document_.find_pointer(pointer, error);
    return found == nullptr ? "null" : json::serialize(*found);
  }
  std::string Operation(std::string_view id, const std::string& pointer) const {
    for (const auto& [path, item] : document_.at("paths").as_object()) {
      for (const auto& [method, operation] : item.as_object()) {
        if (operation.at("operationId").as_string() != id) continue;
        json::error_code error;
        const json::value* found = operation.find_pointer(pointer, error);
        return found == nullptr ? "null" : json::serialize(*found);
      }
    }
    return "no such operation";
  }
  std::string Field(const std::string& name) const {
    return At("/components/schemas/Book/properties/" + name);
  }
  // "method path operationId", in order.
  std::vector<std::string> Operations() const {
    std::vector<std::string> all;
    for (const auto& [path, item] : document_.at("paths").as_object()) {
      for (const auto& [method, operation] : item.as_object()) {
        all.push_back(std::string(method) + ' ' + std::string(path) + ' ' +
                      operation.at("operationId").as_string().c_str());
      }
    }
    return all;
  }
  std::vector<std::string> Parameters(std::string_view id) const {
    std::vector<std::string> names;
    const json::value all = json::parse(Operation(id, "/parameters"));
    for (const json::value& one : all.as_array()) {
      names.push_back(std::string(one.at("in").as_string()) + ' ' +
                      one.at("name").as_string().c_str());
    }
    return names;
  }

  json::value document_;
};

TEST_F(OpenApiTest, EveryRuleIsAnOperationWithAnIdOfItsOwn) {
  EXPECT_EQ(At("/openapi"), R"("3.1.0")");
  EXPECT_EQ(At("/info/title"), R"("Books")");
  EXPECT_EQ(At("/info/version"), R"("7")");
  // All but the one for BURN, which OpenAPI has no key for.
  EXPECT_THAT(
      Operations(),
      UnorderedElementsAre("get /b/shops/{shop}/books/{book} Bookshop_GetBook",
                           "get /b/isbn/{number} Bookshop_GetBook_2",
                           "get /b/shelves/{shelve} Bookshop_GetBook_3",
                           "post /b/shops/{shop}/books Bookshop_BuyBook",
                           "patch /b/shops/{shop}/books/{book} "
                           "Bookshop_ChangeBook",
                           "delete /b/shops/{shop}/books/{book} "
                           "Bookshop_BurnBook",
                           "get /b/books:watch Bookshop_WatchBooks",
                           "post /b/order/{bookId} Bookshop_OrderBook"));
}

TEST_F(OpenApiTest, CommentsOfTheProtoFilesDescribe) {
  EXPECT_EQ(At("/tags/0"),
            R"({"name":"Bookshop","description":"Sells books."})");
  EXPECT_EQ(Operation("Bookshop_GetBook", "/summary"),
            R"("Finds a book, wherever it is")");
  EXPECT_EQ(Operation("Bookshop_GetBook", "/description"),
            R"("Finds a book, wherever\nit is. Fails if there is none.")");
  EXPECT_EQ(At("/components/schemas/Book/description"),
            R"("One of everything.")");
  EXPECT_EQ(At("/components/schemas/Cover/description"),
            R"("How a book is bound.\n\n- `COVER_UNSPECIFIED`: Nobody knows.)"
            R"(\n- `COVER_HARD`: With cloth or leather.")");
}

TEST_F(OpenApiTest, WithoutDescriptorsItHasNoCommentsButIsWhole) {
  for (const std::string_view none : {"", "\x07garbage"}) {
    const json::value bare = Describe({"pinhole.bookshop.Bookshop"}, none);

    EXPECT_EQ(bare.at("paths").as_object().size(),
              document_.at("paths").as_object().size());
    EXPECT_FALSE(bare.at("tags").at(0).as_object().contains("description"));
  }
}

TEST_F(OpenApiTest, AParameterOfThePathIsOneSegmentNamedAfterItsCollection) {
  EXPECT_EQ(
      Operation("Bookshop_GetBook", "/parameters/1"),
      R"({"name":"book","in":"path","required":true,"description":)"
      R"("A part of `name`, which has the form `shops/{shop}/books/{book}`. )"
      R"(Required. Where it is.","schema":{"type":"string",)"
      R"("minLength":1}})");
  EXPECT_EQ(Operation("Bookshop_GetBook_2", "/parameters/0/schema/format"),
            R"("int64")");
  EXPECT_THAT(Operation("Bookshop_GetBook_3", "/parameters/0/description"),
              ::testing::HasSubstr("Can contain slashes."));
}

TEST_F(OpenApiTest, WhatPathAndBodyDoNotHaveIsInTheQuery) {
  EXPECT_THAT(
      Parameters("Bookshop_GetBook"),
      ElementsAre("path shop", "path book", "query number", "query without",
                  "query options.atTime", "query options.page.text"));
  EXPECT_THAT(Parameters("Bookshop_GetBook_2"),
              ElementsAre("path number", "query name", "query without",
                          "query options.atTime", "query options.page.text"));
  EXPECT_EQ(Operation("Bookshop_GetBook_2", "/parameters/1/required"), "true");
  EXPECT_EQ(
      Operation("Bookshop_GetBook", "/parameters/3/schema"),
      R"({"type":"array","items":{"$ref":"#/components/schemas/Cover"}})");
  EXPECT_THAT(Parameters("Bookshop_BuyBook"), ElementsAre("path shop"));
  EXPECT_THAT(Parameters("Bookshop_ChangeBook"),
              ElementsAre("path shop", "path book", "query updateMask"));
}

TEST_F(OpenApiTest, ABodyHasWhatThePathHasNot) {
  const std::string content = "/requestBody/content/application~1json/schema";

  EXPECT_EQ(Operation("Bookshop_BuyBook", content),
            R"({"type":"object","properties":{"title":{"type":"string",)"
            R"("description":"Required. By name."},"dedication":)"
            R"({"$ref":"#/components/schemas/Page"}},"required":["title"],)"
            R"("additionalProperties":false})");
  EXPECT_EQ(Operation("Bookshop_BuyBook", "/requestBody/required"), "true");
  EXPECT_EQ(Operation("Bookshop_ChangeBook", content),
            R"({"$ref":"#/components/schemas/Book"})");
  EXPECT_EQ(Operation("Bookshop_GetBook", "/requestBody"), "null");
}

TEST_F(OpenApiTest, MessagesThatClientsSendTakeNothingElse) {
  EXPECT_EQ(At("/components/schemas/Book/additionalProperties"), "false");
  EXPECT_EQ(At("/components/schemas/Page/additionalProperties"), "false");
  EXPECT_EQ(At("/components/schemas/google.rpc.Status/additionalProperties"),
            "null");
}

TEST_F(OpenApiTest, FieldsAreAsTheirJsonIs) {
  EXPECT_EQ(Field("i32"), R"({"type":"integer","format":"int32",)"
                          R"("minimum":-2147483648,"maximum":2147483647})");
  EXPECT_EQ(Field("u32"), R"({"type":"integer","format":"uint32",)"
                          R"("minimum":0,"maximum":4294967295})");
  EXPECT_EQ(Field("i64"), R"({"type":"string","format":"int64",)"
                          R"("pattern":"^-?[0-9]{1,19}$"})");
  EXPECT_EQ(Field("u64"), R"({"type":"string","format":"uint64",)"
                          R"("pattern":"^[0-9]{1,20}$"})");
  EXPECT_EQ(Field("f32"), R"({"anyOf":[{"type":"number","format":"float"},)"
                          R"({"type":"string","enum":)"
                          R"(["NaN","Infinity","-Infinity"]}]})");
  EXPECT_EQ(Field("yes"), R"({"type":"boolean"})");
  EXPECT_EQ(Field("raw"), R"({"type":"string","contentEncoding":"base64"})");
  EXPECT_EQ(Field("cover"), R"({"$ref":"#/components/schemas/Cover"})");
  EXPECT_EQ(Field("authors"), R"({"type":"array","items":{"type":"string"}})");
  EXPECT_EQ(Field("pages"), R"({"type":"object","additionalProperties":)"
                            R"({"$ref":"#/components/schemas/Page"}})");
  EXPECT_EQ(Field("sequel"), R"({"$ref":"#/components/schemas/Book"})");
  EXPECT_EQ(Field("nothing"), R"({"type":"null"})");
}

TEST_F(OpenApiTest, WellKnownTypesHaveTheirOwnJson) {
  EXPECT_EQ(Field("time"), R"({"type":"string","format":"date-time"})");
  EXPECT_EQ(Field("span"),
            R"({"type":"string","pattern":"^-?[0-9]+(\\.[0-9]{1,9})?s$"})");
  EXPECT_EQ(Field("text"), R"({"type":["string","null"]})");
  EXPECT_EQ(Field("real"), R"({"anyOf":[{"type":"number","format":"double"},)"
                           R"({"type":"string","enum":["NaN","Infinity",)"
                           R"("-Infinity"]},{"type":"null"}]})");
  EXPECT_EQ(Field("object"), R"({"type":"object"})");
  EXPECT_EQ(Field("value"), "{}");
  EXPECT_EQ(Field("any"),
            R"({"type":"object","properties":{"@type":{"type":"string"}},)"
            R"("required":["@type"]})");
}

TEST_F(OpenApiTest, OptionsOfFieldsShow) {
  EXPECT_EQ(Field("name"), R"({"type":"string","description":"Its name.",)"
                           R"("readOnly":true})");
  EXPECT_EQ(At("/components/schemas/Book/properties/sold/readOnly"), "true");
  EXPECT_EQ(Field("secret"), R"({"type":"string","format":"password"})");
  EXPECT_EQ(At("/components/schemas/Book/properties/rank/deprecated"), "true");
  EXPECT_EQ(Operation("Bookshop_BurnBook", "/deprecated"), "true");
}

TEST_F(OpenApiTest, OfAOneofAtMostOneMemberIsThere) {
  EXPECT_EQ(At("/components/schemas/Book/not"),
            R"({"anyOf":[{"required":["cents","barter"]}]})");
}

TEST_F(OpenApiTest, AnswersHaveTheCodesOfTheirKind) {
  const std::string schema = "/content/application~1json/schema/$ref";
  const std::string error = R"({"$ref":"#/components/responses/Error"})";

  EXPECT_EQ(Operation("Bookshop_GetBook", "/responses/200" + schema),
            R"("#/components/schemas/Book")");
  EXPECT_EQ(Operation("Bookshop_GetBook", "/responses/default"), error);
  EXPECT_EQ(Operation("Bookshop_BuyBook", "/responses/201" + schema),
            R"("#/components/schemas/Book")");
  EXPECT_NE(Operation("Bookshop_BuyBook", "/responses/201/headers/Location"),
            "null");
  EXPECT_EQ(Operation("Bookshop_BuyBook", "/responses/200"), "null");
  EXPECT_EQ(Operation("Bookshop_BurnBook", "/responses/204/content"), "null");
  EXPECT_EQ(Operation("Bookshop_ChangeBook", "/responses/200" + schema),
            R"("#/components/schemas/Cover")");
  EXPECT_EQ(At("/components/responses/Error" + schema),
            R"("#/components/schemas/google.rpc.Status")");
}

TEST_F(OpenApiTest, AStreamIsLinesOrEventsAndCanBeResumed) {
  const std::string content = "/responses/200/content";

  EXPECT_EQ(Operation("Bookshop_WatchBooks",
                      content + "/application~1x-ndjson/schema/$ref"),
            R"("#/components/schemas/Book")");
  EXPECT_NE(Operation("Bookshop_WatchBooks", content + "/text~1event-stream"),
            "null");
  EXPECT_THAT(Parameters("Bookshop_WatchBooks"),
              ElementsAre("query after", "header Last-Event-ID"));
}

TEST_F(OpenApiTest, AccessSaysWhetherATokenIsNeeded) {
  EXPECT_EQ(Operation("Bookshop_GetBook", "/security"),
            R"([{},{"session":[]}])");
  EXPECT_EQ(Operation("Bookshop_BuyBook", "/security"), R"([{"session":[]}])");
  EXPECT_EQ(Operation("Bookshop_ChangeBook", "/security"), "[]");
  EXPECT_EQ(Operation("Bookshop_BurnBook", "/security"), "null");
  EXPECT_EQ(At("/components/securitySchemes/session/scheme"), R"("bearer")");
  EXPECT_EQ(At("/components/securitySchemes/session/description"), "null");
}

// Of Pinhole itself, whose raw bodies the bookshop has not.
TEST_F(OpenApiTest, RawBodiesAreBytesOfTheirTypes) {
  document_ = Describe({"pinhole.v1.PhotoService"}, v1::Descriptors());
  const std::string body = "/requestBody/content/";

  EXPECT_EQ(Operation("PhotoService_UploadPhoto", body + "image~1jpeg"),
            R"({"schema":{}})");
  EXPECT_NE(Operation("PhotoService_UploadPhoto",
                      body + "multipart~1form-data/schema/properties/file"),
            "null");
  EXPECT_THAT(Parameters("PhotoService_UploadPhoto"),
              ElementsAre("query caption", "query altText", "query visibility",
                          "query requestId"));
  EXPECT_EQ(Operation("PhotoService_DownloadPhoto",
                      "/responses/200/content/*~1*/schema"),
            "{}");
  EXPECT_NE(Operation("PhotoService_DownloadPhoto", "/responses/304"), "null");
  EXPECT_THAT(Parameters("PhotoService_DownloadPhoto"),
              ElementsAre("path photo", "query acceptRedirect", "header Range",
                          "header If-None-Match", "header If-Match"));
  EXPECT_NE(Operation("PhotoService_DownloadPhoto",
                      "/responses/307/headers/Location"),
            "null");
}

void CollectReferences(const json::value& value, std::set<std::string>& all) {
  if (const json::array* list = value.if_array()) {
    for (const json::value& one : *list) CollectReferences(one, all);
  }
  if (const json::object* object = value.if_object()) {
    for (const auto& [key, inner] : *object) {
      if (key == "$ref" && inner.is_string()) {
        all.insert(inner.as_string().c_str());
      }
      CollectReferences(inner, all);
    }
  }
}

TEST_F(OpenApiTest, EveryReferenceLeadsSomewhere) {
  document_ = Describe({"pinhole.bookshop.Bookshop", "pinhole.v1.UserService",
                        "pinhole.v1.PhotoService", "pinhole.v1.SocialService",
                        "pinhole.v1.AdminService"},
                       v1::Descriptors());
  std::set<std::string> references;

  CollectReferences(document_, references);

  EXPECT_GT(references.size(), 30u);
  for (const std::string& reference : references) {
    EXPECT_NE(At(reference.substr(1)), "null") << reference;
  }
}

TEST_F(OpenApiTest, NamesOfFieldsAreThoseOfResponses) {
  const std::string schema = "/requestBody/content/application~1json/schema";

  EXPECT_THAT(Parameters("Bookshop_OrderBook"), ElementsAre("path bookId"));
  EXPECT_EQ(
      Operation("Bookshop_OrderBook", schema),
      R"({"type":"object","properties":{"orderTime":{"type":"string",)"
      R"("format":"date-time","description":"Required. Before `dueTime`, )"
      R"(not due_time."},"byPost":{"type":"boolean"},"dueTime":)"
      R"({"type":"string","format":"date-time"}},)"
      R"("required":["orderTime"],)"
      R"("not":{"anyOf":[{"required":["byPost","dueTime"]}]},)"
      R"("additionalProperties":false})");
  EXPECT_THAT(At("/info/description"), HasSubstr("are in lowerCamelCase"));

  document_ = Describe({"pinhole.bookshop.Bookshop"}, OpenApiTestDescriptors(),
                       JsonNames::kProto);

  EXPECT_THAT(Parameters("Bookshop_OrderBook"), ElementsAre("path book_id"));
  EXPECT_EQ(Operation("Bookshop_OrderBook", schema + "/required"),
            R"(["order_time"])");
  EXPECT_EQ(Operation("Bookshop_OrderBook", schema + "/not"),
            R"({"anyOf":[{"required":["by_post","due_time"]}]})");
  EXPECT_EQ(Operation("Bookshop_OrderBook",
                      schema + "/properties/order_time/description"),
            R"("Required. Before `due_time`, not due_time.")");
  EXPECT_THAT(Parameters("Bookshop_ChangeBook"),
              ElementsAre("path shop", "path book", "query update_mask"));
  EXPECT_THAT(At("/info/description"),
              HasSubstr("have the names in the proto files"));
}

TEST_F(OpenApiTest, TheSameRoutesGiveTheSameBytes) {
  const auto routes = MakeRoutes({"pinhole.v1.UserService"});
  const ApiInfo api = {.title = "Same", .descriptors = v1::Descriptors()};

  EXPECT_EQ(MakeOpenApi(*routes, api, JsonNames::kJson),
            MakeOpenApi(*routes, api, JsonNames::kJson));
}

TEST(OpenApiErrorsTest, ReasonsStandBesideTheirCode) {
  const std::string text = DescribeErrors();

  EXPECT_THAT(text,
              HasSubstr("\n| 409 | `ALREADY_EXISTS` | What the request creates "
                        "exists already. | Reasons: `ALREADY_EXISTS`, "
                        "`HANDLE_TAKEN`, `HANDLE_RESERVED`. |\n"));
  EXPECT_THAT(text, HasSubstr("\n| 412 | `FAILED_PRECONDITION` | `If-Match` "
                              "names another version of the bytes. | Reasons: "
                              "`ETAG_MISMATCH`. |\n"));
  EXPECT_THAT(text,
              HasSubstr("\n| `HANDLE_TAKEN` | `ALREADY_EXISTS` | 409 | "));
  EXPECT_THAT(text, HasSubstr("\n| `METHOD_NOT_ALLOWED` | `UNIMPLEMENTED` | "
                              "405 | "));
  EXPECT_THAT(text, Not(HasSubstr("Reasons: .")));
}

TEST(OpenApiSignInTest, DescribesTheSecurityScheme) {
  const auto document =
      json::parse(MakeOpenApi({}, {.sign_in = "Ask me."}, JsonNames::kJson));

  EXPECT_EQ(
      document.at_pointer("/components/securitySchemes/session/description")
          .as_string(),
      "Ask me.");
}

}  // namespace
}  // namespace pinhole::gateway
