// SPDX-License-Identifier: Apache-2.0

// The examples are of AWS: its Signature Version 4 test suite (service
// "service", 30 August 2015), and the API reference of S3, "Signature
// Calculations for the Authorization Header" and "Authenticating Requests:
// Using Query Parameters" (24 May 2013).

#include "server/media/s3/sigv4.h"

#include <string>

#include "base/sha256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::media::s3 {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kSuiteTime = absl::FromCivil(
    absl::CivilSecond(2015, 8, 30, 12, 36, 0), absl::UTCTimeZone());
const absl::Time kS3Time =
    absl::FromCivil(absl::CivilSecond(2013, 5, 24), absl::UTCTimeZone());
const Credentials kS3Credentials{
    .access_key_id = "AKIAIOSFODNN7EXAMPLE",
    .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};

std::string HashOf(std::string_view body) { return ToHex(Sha256Of(body)); }

std::string Find(const Fields& fields, std::string_view name) {
  for (const auto& [known, value] : fields) {
    if (known == name) return value;
  }
  return "(missing)";
}

// The authorization of a request of the test suite.
std::string Suite(std::string method, std::string path, Fields query = {},
                  Fields headers = {}, std::string_view body = "") {
  const Signer signer(
      {.access_key_id = "AKIDEXAMPLE",
       .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
      "us-east-1", "service");
  const Fields added = signer.Sign({.method = std::move(method),
                                    .host = "example.amazonaws.com",
                                    .path = std::move(path),
                                    .query = std::move(query),
                                    .headers = std::move(headers),
                                    .payload_sha256 = HashOf(body)},
                                   kSuiteTime);
  return Find(added, "authorization");
}

UnsignedRequest S3Request(std::string method, std::string path, Fields query,
                          Fields headers, std::string_view body) {
  headers.emplace_back("x-amz-content-sha256", HashOf(body));
  return {.method = std::move(method),
          .host = "examplebucket.s3.amazonaws.com",
          .path = std::move(path),
          .query = std::move(query),
          .headers = std::move(headers),
          .payload_sha256 = HashOf(body)};
}

// The authorization of a request in the documentation of S3.
std::string S3(std::string method, std::string path, Fields query = {},
               Fields headers = {}, std::string_view body = "") {
  const Signer signer(kS3Credentials, "us-east-1");
  const Fields added =
      signer.Sign(S3Request(std::move(method), std::move(path),
                            std::move(query), std::move(headers), body),
                  kS3Time);
  return Find(added, "authorization");
}

TEST(Sigv4Test, SuiteGetVanilla) {
  EXPECT_EQ(Suite("GET", "/"),
            "AWS4-HMAC-SHA256 "
            "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature="
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(Sigv4Test, SuitePostVanilla) {
  EXPECT_THAT(
      Suite("POST", "/"),
      EndsWith(
          "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"));
}

TEST(Sigv4Test, SuiteQueryIsSortedByName) {
  EXPECT_THAT(
      Suite("GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}}),
      EndsWith(
          "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"));
}

TEST(Sigv4Test, SuiteQueryOfOneNameIsSortedByValue) {
  EXPECT_EQ(Suite("GET", "/", {{"Param1", "value2"}, {"Param1", "Value1"}}),
            Suite("GET", "/", {{"Param1", "Value1"}, {"Param1", "value2"}}));
  EXPECT_THAT(
      Suite("GET", "/", {{"Param1", "value2"}, {"Param1", "Value1"}}),
      EndsWith(
          "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"));
}

TEST(Sigv4Test, SuiteUnreservedCharactersAreNotEncoded) {
  EXPECT_THAT(
      Suite("GET",
            "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
            "yz"),
      EndsWith(
          "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"));
}

TEST(Sigv4Test, SuiteUtf8IsEncodedByByte) {
  EXPECT_THAT(
      Suite("GET", "/\u1234"),
      EndsWith(
          "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"));
  EXPECT_THAT(
      Suite("GET", "/", {{"\u1234", "bar"}}),
      EndsWith(
          "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"));
}

TEST(Sigv4Test, SuiteBodyIsSigned) {
  EXPECT_THAT(
      Suite("POST", "/", {},
            {{"content-type", "application/x-www-form-urlencoded"}},
            "Param1=value1"),
      EndsWith("SignedHeaders=content-type;host;x-amz-date, Signature="
               "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473"
               "a"));
}

TEST(Sigv4Test, S3GetOfARange) {
  EXPECT_EQ(S3("GET", "/test.txt", {}, {{"range", "bytes=0-9"}}),
            "AWS4-HMAC-SHA256 "
            "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
            "aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature="
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(Sigv4Test, S3PutWithASpecialCharacterInTheKey) {
  EXPECT_THAT(
      S3("PUT", "/test$file.text", {},
         {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
          {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
         "Welcome to Amazon S3."),
      EndsWith(
          "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(Sigv4Test, S3QueryWithoutAValue) {
  EXPECT_THAT(
      S3("GET", "/", {{"lifecycle", ""}}),
      EndsWith(
          "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
}

TEST(Sigv4Test, S3ListOfABucket) {
  EXPECT_THAT(
      S3("GET", "/", {{"max-keys", "2"}, {"prefix", "J"}}),
      EndsWith(
          "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(Sigv4Test, S3PresignedUrl) {
  const Signer signer(kS3Credentials, "us-east-1");
  EXPECT_EQ(
      signer.Presign({.method = "GET",
                      .host = "examplebucket.s3.amazonaws.com",
                      .path = "/test.txt"},
                     kS3Time, absl::Hours(24)),
      "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
      "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
      "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
      "&X-Amz-SignedHeaders=host&X-Amz-Signature="
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

// AWS publishes no examples of temporary keys with S3; these were computed
// with botocore 1.44.8.
TEST(Sigv4Test, SessionTokenIsSentAndSigned) {
  Credentials credentials = kS3Credentials;
  credentials.session_token = "token/with+signs==";
  const Signer signer(credentials, "us-east-1");

  const Fields added =
      signer.Sign(S3Request("GET", "/a b+$/\u00fc", {}, {}, ""), kS3Time);
  EXPECT_EQ(Find(added, "x-amz-security-token"), "token/with+signs==");
  EXPECT_THAT(
      Find(added, "authorization"),
      EndsWith("SignedHeaders=host;x-amz-content-sha256;x-amz-date;"
               "x-amz-security-token, Signature=a954a24296875d6bcabf420f466076d"
               "3d6df9d1b75b670c2fd3fc6a995db58e3"));

  EXPECT_THAT(
      signer.Presign({.method = "GET",
                      .host = "examplebucket.s3.amazonaws.com",
                      .path = "/a b+$/\u00fc"},
                     kS3Time, absl::Seconds(60)),
      ::testing::AllOf(
          HasSubstr("/a%20b%2B%24/%C3%BC?"),
          HasSubstr("&X-Amz-Security-Token=token%2Fwith%2Bsigns%3D%3D"),
          HasSubstr("X-Amz-Signature=d06fd644a58f7aefc08c18ab9f5e51bec7de50c72a"
                    "a346c5913cbbf41ed9cdd7")));
}

TEST(Sigv4Test, KeyWithoutASessionTokenSendsNone) {
  const Signer signer(kS3Credentials, "us-east-1");
  EXPECT_EQ(Find(signer.Sign(S3Request("GET", "/", {}, {}, ""), kS3Time),
                 "x-amz-security-token"),
            "(missing)");
  EXPECT_THAT(signer.Presign({.method = "GET", .host = "h", .path = "/"},
                             kS3Time, absl::Seconds(1)),
              Not(HasSubstr("Token")));
}

TEST(Sigv4Test, SecretIsNotPartOfASignedRequest) {
  const Signer signer(kS3Credentials, "us-east-1");
  for (const auto& [name, value] :
       signer.Sign(S3Request("GET", "/", {}, {}, ""), kS3Time)) {
    EXPECT_THAT(value, Not(HasSubstr(kS3Credentials.secret_access_key)));
  }
}

TEST(Sigv4Test, PathsKeepTheirSlashesAndQueriesDoNot) {
  EXPECT_EQ(EncodePath("/a/../b//c d?e=%41"), "/a/../b//c%20d%3Fe%3D%2541");
  EXPECT_EQ(EncodeQuery({{"prefix", "a/b c"}, {"marker", "="}}),
            "marker=%3D&prefix=a%2Fb%20c");
  EXPECT_EQ(EncodeQuery({}), "");
}

// "a-b" sorts before "a" in text such as "a-b=", but not as a name.
TEST(Sigv4Test, NamesAreComparedWithoutTheirValues) {
  EXPECT_EQ(EncodeQuery({{"a-b", "1"}, {"a", "2"}}), "a=2&a-b=1");
}

}  // namespace
}  // namespace pinhole::media::s3
