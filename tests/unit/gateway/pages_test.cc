// SPDX-License-Identifier: Apache-2.0

#include "gateway/pages.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/gateway/front.h"

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

}  // namespace
}  // namespace pinhole::gateway
