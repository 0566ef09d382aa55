// SPDX-License-Identifier: Apache-2.0

#include "gateway/exchange/pages.h"

#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class PagesTest : public FrontTest {
 protected:
  RawClient::Answer Ask(const std::string& line,
                        const std::string& headers = "") {
    return RawClient(address()).Request(line, headers);
  }
  static std::string ValueOf(const RawClient::Answer& answer,
                             const std::string& header) {
    const std::size_t begin = answer.head.find(header + ": ");
    if (begin == std::string::npos) return {};
    const std::size_t value = begin + header.size() + 2;
    return answer.head.substr(value, answer.head.find('\r', value) - value);
  }
};

TEST_F(PagesTest, TheDocumentOfTheServedApiIsThere) {
  const auto answer = Ask("GET /openapi.json");

  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(ValueOf(answer, "content-type"), "application/json");
  EXPECT_THAT(answer.body, StartsWith(R"({"openapi":"3.1.0")"));
  EXPECT_THAT(answer.body, HasSubstr("PhotoService_GetPhoto"));
  EXPECT_EQ(observer_.AwaitNumber(1), "GET /openapi.json 200");
}

TEST_F(PagesTest, ThePageForPeopleAsksNoOtherHost) {
  const auto answer = Ask("GET /docs");

  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(ValueOf(answer, "content-type"), "text/html; charset=utf-8");
  const std::string policy = ValueOf(answer, "content-security-policy");
  EXPECT_THAT(policy, StartsWith("default-src 'none'; script-src 'sha256-"));
  EXPECT_THAT(policy, HasSubstr("connect-src 'self';"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, Not(HasSubstr("http")));
  EXPECT_THAT(answer.body, Not(HasSubstr("://")));
}

TEST_F(PagesTest, AKnownTagIsAnsweredWithoutThePage) {
  for (const std::string path : {"/openapi.json", "/docs"}) {
    const std::string tag = ValueOf(Ask("GET " + path), "etag");
    ASSERT_THAT(tag, StartsWith("w/\""));
    // The client of these tests reads heads in lower case.
    const std::string as_sent = 'W' + tag.substr(1);

    const auto known =
        Ask("GET " + path, "If-None-Match: \"x\", " + as_sent + "\r\n");
    const auto other = Ask("GET " + path, "If-None-Match: \"x\"\r\n");

    EXPECT_EQ(known.code, 304) << path;
    EXPECT_EQ(ValueOf(known, "etag"), tag);
    EXPECT_EQ(other.code, 200);
  }
}

TEST_F(PagesTest, HeadTellsTheLengthOnly) {
  for (const std::string path : {"/openapi.json", "/docs"}) {
    const auto whole = Ask("GET " + path);
    RawClient client(address());

    const auto head = client.Request("HEAD " + path);
    const auto next = client.Request("GET " + path);

    EXPECT_EQ(head.code, 200);
    EXPECT_EQ(ValueOf(head, "content-length"),
              std::to_string(whole.body.size()));
    EXPECT_EQ(next.body, whole.body) << "the connection goes on";
  }
}

TEST_F(PagesTest, OtherMethodsAreRefusedWithTheRightOnes) {
  const auto answer = Ask("POST /docs", "Content-Length: 0\r\n");

  EXPECT_EQ(answer.code, 405);
  EXPECT_EQ(ValueOf(answer, "allow"), "get, head, options");
  EXPECT_THAT(answer.body, HasSubstr("does not take POST"));
}

TEST_F(PagesTest, PathsLikeThemAreNotThem) {
  for (const std::string path : {"/docs/", "/openapi.json/x", "/Docs"}) {
    EXPECT_EQ(Ask("GET " + path).code, 404) << path;
  }
}

TEST_F(PagesTest, UnknownPathsLeadToTheDocsIfThoseAreServed) {
  EXPECT_THAT(Ask("GET /x").body, HasSubstr("GET /docs lists all methods"));

  HttpServer::Options without_api;
  without_api.listen = "127.0.0.1:0";
  server_ = HttpServer::Start(without_api, upstream_, observer_).value();

  EXPECT_THAT(Ask("GET /x").body, Not(HasSubstr("/docs")));
}

TEST_F(PagesTest, FilesAreServedAsTheyAreAndLoadFromHereOnly) {
  HttpServer::Options options = DefaultOptions();
  options.files = {{.path = "/", .type = "text/html", .body = "<p>hello"},
                   {.path = "/a/b.js", .type = "text/javascript", .body = "1"}};
  Restart(std::move(options));

  const auto page = Ask("GET /");

  EXPECT_EQ(page.code, 200);
  EXPECT_EQ(page.body, "<p>hello");
  EXPECT_EQ(ValueOf(page, "content-type"), "text/html");
  EXPECT_EQ(ValueOf(page, "x-content-type-options"), "nosniff");
  const std::string policy = ValueOf(page, "content-security-policy");
  EXPECT_THAT(policy, StartsWith("default-src 'none'; script-src 'self'; "));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_EQ(Ask("GET /a/b.js").body, "1");
  EXPECT_EQ(Ask("GET /a").code, 404);
  EXPECT_EQ(ValueOf(Ask("DELETE /"), "allow"), "get, head, options");
}

TEST_F(PagesTest, AFileNeverHidesAPartOfTheApi) {
  for (const std::string path : {"/v1/photos", "/v1/photos:upload"}) {
    HttpServer::Options options = DefaultOptions();
    options.files = {{.path = path, .type = "text/html", .body = "x"}};

    const auto started =
        HttpServer::Start(std::move(options), upstream_, observer_);

    EXPECT_TRUE(absl::IsInvalidArgument(started.status())) << path;
    EXPECT_THAT(std::string(started.status().message()), HasSubstr(path));
  }
}

TEST_F(PagesTest, MetricsAreThereIfTheyAreGiven) {
  EXPECT_EQ(Ask("GET /metrics").code, 404);
  HttpServer::Options options = DefaultOptions();
  options.metrics = [] { return std::string(5000, 'x'); };
  Restart(std::move(options));

  const auto plain = Ask("GET /metrics");
  const auto packed = Ask("GET /metrics", "Accept-Encoding: gzip\r\n");

  EXPECT_EQ(plain.body, std::string(5000, 'x'));
  EXPECT_EQ(ValueOf(plain, "cache-control"), "no-store");
  EXPECT_EQ(ValueOf(packed, "content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), 100);
  EXPECT_EQ(Ask("HEAD /metrics").body, "");
  EXPECT_EQ(ValueOf(Ask("DELETE /metrics"), "allow"), "get, head, options");
}

TEST_F(PagesTest, MetricsThatTakeLongKeepNobodyWaiting) {
  absl::Notification go_on;
  HttpServer::Options options = DefaultOptions();
  options.metrics = [&go_on] {
    go_on.WaitForNotification();
    return std::string("done");
  };
  Restart(std::move(options));
  RawClient waiting(address());
  waiting.Send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_EQ(Ask("GET /healthz").code, 200);
  go_on.Notify();

  EXPECT_EQ(waiting.Read().body, "done");
}

// "abc" and "" are test vectors of SHA-256.
TEST(PolicyTest, ScriptAndStyleAreNamedByTheirHash) {
  EXPECT_THAT(PolicyFor("<style></style><script>abc</script>"),
              StartsWith("default-src 'none'; script-src "
                         "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/"
                         "YfIAFa0='; style-src "
                         "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
                         "';"));
  EXPECT_THAT(PolicyFor("<p>"), HasSubstr("script-src 'none';"));
}

TEST_F(PagesTest, MetricsMayBeForLoopbackOnlyWhateverTheProxy) {
  HttpServer::Options options = DefaultOptions();
  options.metrics = [] { return std::string("a_total 1\n"); };
  options.metrics_for_loopback_only = true;
  Restart(std::move(options));
  const auto code = [this](const std::string& host, const char* target) {
    RawClient client(address());
    client.Send(
        fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", target, host));
    return client.Read().code;
  };

  for (const char* local : {"localhost", "127.0.0.1:8080", "[::1]:8080"}) {
    EXPECT_EQ(code(local, "/metrics"), 200) << local;
  }
  for (const char* other : {"photos.example.org", "192.0.2.1:8080"}) {
    EXPECT_EQ(code(other, "/metrics"), 404) << other;
    EXPECT_EQ(code(other, "/healthz"), 200) << other;
  }
  // What a target in absolute form says counts.
  EXPECT_EQ(code("localhost", "http://photos.example.org/metrics"), 404);
  EXPECT_EQ(code("photos.example.org", "http://localhost/metrics"), 200);
}

}  // namespace
}  // namespace pinhole::gateway
