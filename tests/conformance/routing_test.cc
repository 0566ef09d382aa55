// SPDX-License-Identifier: Apache-2.0

#include "gmock/gmock.h"
#include "tests/conformance/conformance.h"

namespace pinhole::gateway {
namespace {

TEST_F(ConformanceTest, Paths) {
  // clang-format off
  const Case cases[] = {
      // One segment, decoded fully.
      {"GET", "/query/a", "", 200, R"({"text":"a"})"},
      {"GET", "/query/a%20b", "", 200, R"({"text":"a b"})"},
      {"GET", "/query/a+b", "", 200, R"({"text":"a+b"})"},
      {"GET", "/query/a%2Fb", "", 200, R"({"text":"a/b"})"},
      {"GET", "/query/%C3%A9", "", 200, R"({"text":"\u00e9"})"},
      {"GET", "/query/%ff", "", 400, "text"},
      {"GET", "/query/%f", "", 400, ""},
      {"GET", "/query/%zz", "", 400, ""},
      {"GET", "/qu%65ry/a", "", 200, R"({"text":"a"})"},
      {"GET", "/query/a;b=c", "", 200, R"({"text":"a;b=c"})"},
      {"GET", "/query/a:b", "", 200, R"({"text":"a:b"})"},
      {"GET", "/query/..", "", 200, R"({"text":".."})"},
      // Several segments keep what looks like a separator.
      {"GET", "/query/name/shelves/1/books/a%2Fb%20c", "", 200, R"({"name":"shelves/1/books/a%2Fb c"})"},
      {"GET", "/query/name/shelves/1/books", "", 404, ""},
      {"GET", "/query/name/boxes/1/books/2", "", 404, ""},
      {"GET", "/query/rest/a", "", 200, R"({"text":"a"})"},
      {"GET", "/query/rest/a/b%2fc/d", "", 200, R"({"text":"a/b%2fc/d"})"},
      {"GET", "/query/tail/a/end", "", 200, R"({"text":"a"})"},
      {"GET", "/query/tail/end/end", "", 200, R"({"text":"end"})"},
      {"GET", "/query/tail/a/b/end", "", 200, R"({"text":"a/b"})"},
      {"GET", "/query/free", "", 200, R"({})"},
      {"GET", "/query/free/a/b", "", 200, R"({})"},
      // No variable is empty.
      {"GET", "/query/", "", 404, ""},
      {"GET", "/query/tail/end", "", 404, ""},
      {"GET", "/query/rest/", "", 404, ""},
      {"GET", "/query/rest", "", 200, R"({"text":"rest"})"},
      {"GET", "/query/rest/a/", "", 404, ""},
      {"GET", "/query//a", "", 404, ""},
      {"GET", "//query", "", 404, ""},
      {"GET", "/query/name/shelves//books/2", "", 404, ""},
      // Fields inside, and values of several types.
      {"GET", "/query/deep/a/1", "", 200, R"({"inner":{"text":"a","count":1}})"},
      {"GET", "/query/deep/a/x", "", 400, "inner.count"},
      {"GET", "/query/types/-1/true/red/2026-01-01T00:00:00Z", "", 200, R"({"int32":-1,"flag":true,"color":"COLOR_RED","time":"2026-01-01T00:00:00Z"})"},
      {"GET", "/query/types/x/true/red/2026-01-01T00:00:00Z", "", 400, "int32"},
      {"GET", "/query/types/1/yes/red/2026-01-01T00:00:00Z", "", 400, "flag"},
      {"GET", "/query/types/1/true/blue/2026-01-01T00:00:00Z", "", 400, "color"},
      {"GET", "/query/types/1/true/red/today", "", 400, "time"},
      {"GET", "/query/literal/RED", "", 200, R"({"color":"COLOR_RED"})"},
      {"GET", "/query/literal/GREEN", "", 404, ""},
      // Verbs.
      {"POST", "/verbs/a:stamp", "{}", 200, R"({"text":"a"})"},
      {"POST", "/verbs/a:st%61mp", "{}", 200, R"({"text":"a"})"},
      {"POST", "/verbs/a:b:stamp", "{}", 200, R"({"text":"a:b"})"},
      {"POST", "/verbs:stamp", R"({"text":"a"})", 200, R"({"text":"a"})"},
      {"POST", "/verbs/a%3Astamp", "{}", 200, R"({"text":"a"})"},
      {"POST", "/verbs/a%3ast%61mp", "{}", 200, R"({"text":"a"})"},
      {"POST", "/verbs/a:b%3Astamp", "{}", 200, R"({"text":"a:b"})"},
      {"POST", "/verbs%3Astamp", R"({"text":"a"})", 200, R"({"text":"a"})"},
      {"POST", "/verbs/a%253Astamp", "{}", 405, ""},
      {"GET", "/verbs/a:stamp", "", 405, ""},
      {"GET", "/verbs/a:fold", "", 200, R"({"text":"a:fold"})"},
      {"GET", "/verbs/a%3Astamp", "", 200, R"({"text":"a:stamp"})"},
      {"POST", "/verbs/a", "{}", 405, ""},
      // Methods.
      {"GET", "/verbs/latest", "", 200, R"({})"},
      {"PURGE", "/verbs/latest", "", 200, R"({"text":"latest"})"},
      {"PURGE", "/verbs/a", "", 200, R"({"text":"a"})"},
      {"purge", "/verbs/a", "", 405, ""},
      {"HEAD", "/verbs/a", "", 200, ""},
      {"HEAD", "/whole", "", 405, ""},
      {"HEAD", "/nope", "", 404, ""},
      {"DELETE", "/verbs/a", "", 405, ""},
      {"GET", "/any/a", "", 200, R"({"text":"a"})"},
      {"DELETE", "/any/a", "", 200, R"({"text":"a"})"},
      {"BREW", "/any/a", "", 200, R"({"text":"a"})"},
      {"PUT", "/whole/a", "", 200, R"({"text":"a"})"},
      {"DELETE", "/whole/a", "", 200, R"({"text":"a"})"},
      // Without a rule.
      {"POST", "/conformance.Echo/NoRule", R"({"count":1})", 200, R"({"count":1})"},
      {"POST", "/conformance.Echo/Query", R"({"text":"a"})", 200, R"({"text":"a"})"},
      {"POST", "/conformance.Echo/Nope", "{}", 404, ""},
      {"POST", "/conformance.Echo/Stream", "{}", 404, ""},
      {"GET", "/conformance.Echo/NoRule", "", 405, ""},
      // Nothing there.
      {"GET", "/", "", 404, ""},
      {"GET", "/nope", "", 404, ""},
      {"GET", "/QUERY", "", 404, ""},
  };
  // clang-format on
  for (const Case& c : cases) Check(c);
}

TEST_F(ConformanceTest, WhatAPathTakesIsInAllow) {
  const struct {
    const char* method;
    const char* path;
    const char* allow;
  } cases[] = {
      {"DELETE", "/verbs/a", "allow: get, head, purge, options\r\n"},
      {"GET", "/verbs/a:stamp", "allow: post, options\r\n"},
      {"PATCH", "/whole/a", "allow: delete, put, options\r\n"},
      {"GET", "/whole", "allow: post, options\r\n"},
  };
  for (const auto& c : cases) {
    const auto answer = Send(c.method, c.path, "");
    EXPECT_EQ(answer.code, 405) << c.method << ' ' << c.path;
    EXPECT_THAT(answer.head, ::testing::HasSubstr(c.allow));
  }
}

}  // namespace
}  // namespace pinhole::gateway
