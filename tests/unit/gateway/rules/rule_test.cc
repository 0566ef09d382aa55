// SPDX-License-Identifier: Apache-2.0

// What of google.api.http rules stops the start, and in which order the rest
// is found.

#include <algorithm>
#include <string>
#include <vector>

#include "gateway/rules/router.h"
#include "gmock/gmock.h"
#include "google/api/http.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "tests/conformance/everything.pb.h"
#include "tests/support/status_matchers.h"

namespace pinhole::gateway {
namespace {

using ::conformance::Everything;
using ::pinhole::testing::IsOk;
using ::testing::HasSubstr;

const google::protobuf::MethodDescriptor& Method(const std::string& name) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  Everything::descriptor();  // Registers the file.
  v1::Photo::descriptor();
  return *pool->FindMethodByName(name);
}

absl::StatusOr<std::vector<Route>> Routes(const std::string& method,
                                          const std::string& rule) {
  google::api::HttpRule parsed;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(rule, &parsed));
  return MakeRoutes(Method(method), parsed);
}

TEST(RuleTest, WhatCannotBeServedStopsTheStart) {
  const std::string echo = "conformance.Echo.Query";
  const std::string upload = "pinhole.v1.PhotoService.UploadPhoto";
  const std::string download = "pinhole.v1.PhotoService.DownloadPhoto";
  const struct {
    std::string method;
    const char* rule;
    const char* error;
  } cases[] = {
      {echo, "", "HTTP method is missing"},
      {echo, "custom { kind: 'A B' path: '/a' }", "malformed"},
      {echo, "custom { kind: '' path: '/a' }", "missing"},
      {echo, "get: 'a'", "must start with /"},
      {echo, "get: '/{nope}'", "field \"nope\" does not exist"},
      {echo, "get: '/{int32s}'", "int32s cannot be a path variable"},
      {echo, "get: '/{inner}'", "inner cannot be a path variable"},
      {echo, "get: '/{inners.text}'", "inside a list"},
      {echo, "get: '/{text}/{text}'", "binds text twice"},
      {echo, "get: '/{maybe_text}/{maybeText}'",
       "maybe_text and maybeText are the same field"},
      {echo, "get: '/{time}/{time.seconds}'",
       "one of time and time.seconds is inside the other"},
      {echo, "get: '/{time.nanos}/{time}'", "is inside the other"},
      {echo, "get: '/{chosen_text}/{chosen_int32}'",
       "chosen_text and chosen_int32 are members of one oneof"},
      {echo, "get: '/{chosen_text}/{chosen_inner.text}'", "of one oneof"},
      {echo, "post: '/{text}' body: 'text'",
       "text is both the body and a variable"},
      {echo, "post: '/{chosen_text}' body: 'chosen_inner'",
       "the body chosen_inner and chosen_text are members of one oneof"},
      {echo, "post: '/a' body: 'nope'", "body is not a field of the request"},
      {echo, "get: '/a' response_body: 'nope'",
       "response_body is not a field of the response"},
      {echo, "get: '/docs'", "serves this path itself"},
      {echo, "get: '/{text=healthz}'", "serves this path itself"},
      {echo, "post: '/openapi.json'", "serves this path itself"},
      {echo,
       "get: '/a' additional_bindings { get: '/b' additional_bindings { get: "
       "'/c' } }",
       "additional binding has additional bindings"},
      {upload, "post: '/a'", "raw_request requires body: \"*\""},
      {upload, "post: '/a' body: 'metadata'", "raw_request requires body"},
      {download, "get: '/a' response_body: 'chunk'",
       "response_body cannot be used together with raw_response"},
  };
  for (const auto& c : cases) {
    const auto routes = Routes(c.method, c.rule);
    ASSERT_FALSE(routes.ok()) << c.rule;
    const std::string error(routes.status().message());
    EXPECT_THAT(error, HasSubstr(c.error)) << c.rule;
    EXPECT_THAT(error, HasSubstr(c.method)) << c.rule;
  }
}

TEST(RuleTest, WhatOnlyLooksAlikeIsServed) {
  for (const char* rule :
       {"get: '/{inner.text}/{inner.count}'", "get: '/{time.seconds}'",
        "put: '/{inner.text}' body: 'inner'", "get: '/docs/{text}'",
        "get: '/{text}'", "post: '/docs:build'",
        "custom { kind: '*' path: '/a' }",
        "get: '/{maybe_text}/{maybe_int32}'"}) {
    EXPECT_THAT(Routes("conformance.Echo.Query", rule), IsOk()) << rule;
  }
}

// A template may hold any byte, and its error is the whole text.
TEST(RuleTest, AnErrorIsNotCutAtANulByte) {
  const auto routes = Routes("conformance.Echo.Query", "get: '/v1/\\000x'");
  EXPECT_THAT(std::string(routes.status().message()),
              HasSubstr("malformed segment (at 4)"));
}

TEST(RuleTest, UnaryMethodsHaveAPathWithoutARule) {
  const auto routes = MakeRoutes({"conformance.Echo"}).value();
  const auto find = [&](const std::string& text) {
    return std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
      return route.template_text == text;
    });
  };

  const auto no_rule = find("/conformance.Echo/NoRule");
  ASSERT_NE(no_rule, routes.end());
  EXPECT_EQ(no_rule->http_method, "POST");
  EXPECT_EQ(no_rule->body, Route::Body::kWhole);
  EXPECT_TRUE(no_rule->implicit);
  EXPECT_NE(find("/conformance.Echo/Query"), routes.end());
  EXPECT_EQ(find("/conformance.Echo/Stream"), routes.end());
  EXPECT_THAT(Router::Build(routes), IsOk());
}

std::string FindIn(const std::vector<std::string>& rules,
                   std::string_view method, std::string_view path) {
  std::vector<Route> routes;
  for (const std::string& rule : rules) {
    routes.push_back(Routes("conformance.Echo.Query", rule).value().front());
  }
  const auto router = Router::Build(std::move(routes)).value();
  const auto match = router->Find(method, path).value();
  return match.route == nullptr ? "" : match.route->template_text;
}

TEST(RuleTest, PrecedenceIsTheSameInEveryOrderOfDeclaration) {
  std::vector<std::string> rules = {"get: '/a/b'",
                                    "get: '/a/{text}'",
                                    "get: '/{text}/b'",
                                    "get: '/{text=**}'",
                                    "get: '/a/{text=**}/end'",
                                    "custom { kind: '*' path: '/a/c' }"};
  const struct {
    const char* path;
    const char* expected;
  } cases[] = {
      {"/a/b", "/a/b"},
      {"/a/c", "/a/c"},
      {"/a/x", "/a/{text}"},
      {"/x/b", "/{text}/b"},
      {"/x/y", "/{text=**}"},
      {"/a/x/end", "/a/{text=**}/end"},
      {"/a/b/end", "/a/{text=**}/end"},
      {"/a/x/y", "/{text=**}"},
      {"/a/end", "/a/{text}"},
  };
  std::sort(rules.begin(), rules.end());
  do {
    for (const auto& c : cases) {
      ASSERT_EQ(FindIn(rules, "GET", c.path), c.expected)
          << c.path << " with first " << rules.front();
    }
  } while (std::next_permutation(rules.begin(), rules.end()));
}

TEST(RuleTest, AnyMethodIsTheLastResort) {
  const std::vector<std::string> rules = {
      "custom { kind: '*' path: '/{text}' }", "get: '/{name}'",
      "custom { kind: 'PURGE' path: '/{renamed}' }"};
  EXPECT_EQ(FindIn(rules, "GET", "/a"), "/{name}");
  EXPECT_EQ(FindIn(rules, "HEAD", "/a"), "/{name}");
  EXPECT_EQ(FindIn(rules, "PURGE", "/a"), "/{renamed}");
  EXPECT_EQ(FindIn(rules, "DELETE", "/a"), "/{text}");
  EXPECT_EQ(FindIn(rules, "*", "/a"), "/{text}");
}

TEST(RuleTest, VariablesAreNeverEmpty) {
  EXPECT_EQ(FindIn({"get: '/a/{text=**}'"}, "GET", "/a"), "");
  EXPECT_EQ(FindIn({"get: '/a/{text=**}'"}, "GET", "/a/b"), "/a/{text=**}");
  EXPECT_EQ(FindIn({"get: '/{text=a/**}'"}, "GET", "/a"), "");
  EXPECT_EQ(FindIn({"get: '/a/**'"}, "GET", "/a"), "/a/**");
  EXPECT_EQ(FindIn({"get: '/a/{text=**}/b'"}, "GET", "/a/b"), "");
  EXPECT_EQ(FindIn({"get: '/{text=**}'", "get: '/a/**'"}, "GET", "/a"),
            "/a/**");
}

TEST(RuleTest, VerbsAreDecodedAndUnknownOnesAreText) {
  const std::vector<std::string> rules = {"get: '/{text}'",
                                          "get: '/{text}:stamp'"};
  EXPECT_EQ(FindIn(rules, "GET", "/a:stamp"), "/{text}:stamp");
  EXPECT_EQ(FindIn(rules, "GET", "/a:st%61mp"), "/{text}:stamp");
  EXPECT_EQ(FindIn(rules, "GET", "/a:other"), "/{text}");
  EXPECT_EQ(FindIn(rules, "GET", "/a%3Astamp"), "/{text}");
  EXPECT_EQ(FindIn(rules, "GET", "/:stamp"), "/{text}");
  EXPECT_EQ(FindIn(rules, "GET", "/a:"), "/{text}");
}

}  // namespace
}  // namespace pinhole::gateway
