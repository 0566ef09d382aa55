// SPDX-License-Identifier: Apache-2.0

// Templates and routes: each case is one line of a table.

#include <string>
#include <vector>

#include "gateway/rules/path_template.h"
#include "gateway/rules/router.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "tests/support/status_matchers.h"

namespace pinhole::gateway {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

TEST(PathTemplateTest, MalformedOnesAreRefused) {
  for (const char* text : {"",
                           "v1",
                           "/",
                           "/v1/",
                           "//v1",
                           "/v1/{name",
                           "/v1/{}",
                           "/v1/{=x}",
                           "/v1/{name=}",
                           "/v1/{a={b}}",
                           "/v1/{a}/{a}",
                           "/v1/{a..b}",
                           "/v1/{1a}",
                           "/v1:",
                           "/v1:a:b",
                           "/v1/***",
                           "/**/**",
                           "/**/*",
                           "/v1/a*",
                           "/v1/a b",
                           "/v1/{a=x/**}/{b}"}) {
    EXPECT_THAT(ParsePathTemplate(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(PathTemplateTest, WellFormedOnesAreTaken) {
  for (const char* text : {"/v1", "/v1/photos:upload", "/v1/{name=photos/*}",
                           "/v1/{a.b_c=x/*/y/*}", "/v1/*/x/**",
                           "/v1/{a=**}/tail/end:verb", "/v1/{r=thumbnail}"}) {
    EXPECT_THAT(ParsePathTemplate(text), IsOk()) << text;
  }
}

// A router over templates; every variable is the field it names.
class RouterTest : public ::testing::Test {
 protected:
  static Route MakeRoute(std::string method, std::string text) {
    Route route;
    route.method = v1::Photo::descriptor()->file()->service(0)->method(0);
    route.http_method = std::move(method);
    route.template_text = text;
    route.path = ParsePathTemplate(text).value();
    return route;
  }

  // "TEMPLATE value,value", "405 METHOD,METHOD" or "404".
  static std::string Find(const Router& router, std::string_view method,
                          std::string_view path) {
    const auto match = router.Find(method, path);
    if (!match.ok()) return "400";
    const auto join = [](const std::vector<std::string>& parts) {
      std::string text;
      for (const std::string& part : parts) {
        text += (text.empty() ? "" : ",") + part;
      }
      return text;
    };
    if (match->route != nullptr) {
      return match->route->template_text + " " + join(match->values);
    }
    if (match->allowed_methods.empty()) return "404";
    return "405 " + join(match->allowed_methods);
  }
};

TEST_F(RouterTest, FindsTheMostLiteralRoute) {
  const auto router = Router::Build({
      MakeRoute("GET", "/v1/{x=**}"),
      MakeRoute("GET", "/v1/{name=photos/*}"),
      MakeRoute("DELETE", "/v1/{name=photos/*}"),
      MakeRoute("GET", "/v1/photos/latest"),
      MakeRoute("POST", "/v1/{name=photos/*}:like"),
      MakeRoute("GET", "/v1/{name=photos/*}/{rendition=thumbnail}"),
      MakeRoute("POST", "/v1/photos:upload"),
      MakeRoute("GET", "/v2/{x=**}/tail"),
      MakeRoute("GET", "/v2/{x=**}/long/tail"),
      MakeRoute("GET", "/v3/{id}"),
      MakeRoute("PURGE", "/v3/{id}"),
      MakeRoute("POST", "/v4/{id}:stamp"),
  });
  ASSERT_THAT(router, IsOk());
  const struct {
    const char* method;
    const char* path;
    const char* expected;
  } cases[] = {
      {"GET", "/v1/photos/7", "/v1/{name=photos/*} photos/7"},
      {"HEAD", "/v1/photos/7", "/v1/{name=photos/*} photos/7"},
      {"DELETE", "/v1/photos/7", "/v1/{name=photos/*} photos/7"},
      {"GET", "/v1/photos/latest", "/v1/photos/latest "},
      {"DELETE", "/v1/photos/latest", "/v1/{name=photos/*} photos/latest"},
      {"GET", "/v1/photos/7/thumbnail",
       "/v1/{name=photos/*}/{rendition=thumbnail} photos/7,thumbnail"},
      {"GET", "/v1/photos/7/huge", "/v1/{x=**} photos/7/huge"},
      {"GET", "/v1/anything", "/v1/{x=**} anything"},
      {"POST", "/v1/photos/7:like", "/v1/{name=photos/*}:like photos/7"},
      {"GET", "/v1/photos/7:like", "405 POST"},
      {"GET", "/v1/photos/7:odd", "/v1/{name=photos/*} photos/7:odd"},
      {"GET", "/v1/photos/7%3Alike", "/v1/{name=photos/*} photos/7:like"},
      {"POST", "/v1/photos/7%3Alike", "/v1/{name=photos/*}:like photos/7"},
      {"POST", "/v1/photos/7%3alike", "/v1/{name=photos/*}:like photos/7"},
      {"POST", "/v1/photos/7%3Al%69ke", "/v1/{name=photos/*}:like photos/7"},
      {"POST", "/v1/photos/a:7%3Alike", "/v1/{name=photos/*}:like photos/a:7"},
      {"POST", "/v1/photos/a%3A7:like", "/v1/{name=photos/*}:like photos/a:7"},
      {"POST", "/v1/photos/a%253Alike", "405 DELETE,GET,HEAD"},
      {"POST", "/v1/photos/%3Alike", "405 DELETE,GET,HEAD"},
      {"POST", "/v1/photos/7%3A", "405 DELETE,GET,HEAD"},
      {"POST", "/v1/photos/7%3Aodd", "405 DELETE,GET,HEAD"},
      {"DELETE", "/v1/photos/7%3Alike", "/v1/{name=photos/*} photos/7:like"},
      {"POST", "/v1/photos%3Aupload", "/v1/photos:upload "},
      {"POST", "/v4/a%3Astamp", "/v4/{id}:stamp a"},
      {"GET", "/v4/a%3Astamp", "405 POST"},
      {"POST", "/v1/photos:upload", "/v1/photos:upload "},
      {"PATCH", "/v1/photos/7", "405 DELETE,GET,HEAD"},
      {"GET", "/v1/ph%6ftos/7", "/v1/{name=photos/*} photos/7"},
      {"GET", "/v1/photos/a%2Fb", "/v1/{name=photos/*} photos/a%2Fb"},
      {"GET", "/v1/photos/a%20b", "/v1/{name=photos/*} photos/a b"},
      {"GET", "/v3/a%2Fb", "/v3/{id} a/b"},
      {"PURGE", "/v3/a", "/v3/{id} a"},
      {"GET", "/v2/a/tail", "/v2/{x=**}/tail a"},
      {"GET", "/v2/a/long/tail", "/v2/{x=**}/long/tail a"},
      {"GET", "/v2/tail", "404"},
      {"GET", "/v2/a", "404"},
      {"GET", "/v1/photos/7/", "404"},
      {"GET", "/v1//7", "404"},
      {"GET", "/", "404"},
      {"GET", "/v3/%zz", "400"},
      {"GET", "/v3/%2", "400"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Find(**router, c.method, c.path), c.expected)
        << c.method << ' ' << c.path;
  }
}

TEST_F(RouterTest, TwoRulesForTheSameRequestsAreRefused) {
  EXPECT_THAT(Router::Build({MakeRoute("GET", "/v1/{name=photos/*}"),
                             MakeRoute("GET", "/v1/photos/{id}")}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("/v1/photos/{id}")));
}

TEST(RouteTest, EveryMethodOfTheApiHasARoute) {
  for (const auto* type : {v1::User::descriptor(), v1::Photo::descriptor(),
                           v1::Comment::descriptor()}) {
    const auto* service = type->file()->service(0);
    auto routes = MakeRoutes({service->full_name()});
    ASSERT_THAT(routes, IsOk());
    EXPECT_GE(static_cast<int>(routes->size()), service->method_count());
    EXPECT_THAT(Router::Build(*std::move(routes)), IsOk());
  }
}

TEST(RouteTest, UnknownServiceIsNotFound) {
  EXPECT_THAT(MakeRoutes({"no.such.Service"}),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace pinhole::gateway
