// SPDX-License-Identifier: Apache-2.0

#include "server/media/s3/response_error.h"

#include <map>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace pinhole::media::s3 {
namespace {

using ::pinhole::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Xml(std::string_view code, std::string_view more = "") {
  return fmt::format(
      "<?xml version=\"1.0\"?><Error><Code>{}</Code><Message>Text.</Message>{}"
      "</Error>",
      code, more);
}

absl::Status Error(
    int status, std::string_view body,
    std::map<std::string, std::string, std::less<>> headers = {}) {
  return ErrorOf({.status = status, .headers = std::move(headers)}, body,
                 "photos", "eu-west-1");
}

TEST(ResponseErrorTest, MissingObjectIsNotFoundAndMissingBucketIsNot) {
  EXPECT_THAT(Error(404, Xml("NoSuchKey")),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Error(404, ""), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Error(404, Xml("NoSuchBucket")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("the bucket photos does not exist")));
}

TEST(ResponseErrorTest, DeniedAccessSaysWhatToCheck) {
  const auto code = absl::StatusCode::kFailedPrecondition;
  EXPECT_THAT(Error(403, Xml("AccessDenied")),
              StatusIs(code, AllOf(HasSubstr("s3:PutObject"),
                                   HasSubstr("s3:ListBucket"))));
  EXPECT_THAT(Error(403, ""), StatusIs(code, HasSubstr("s3:GetObject")));
  EXPECT_THAT(Error(403, Xml("InvalidAccessKeyId")),
              StatusIs(code, HasSubstr("access key")));
  EXPECT_THAT(Error(403, Xml("SignatureDoesNotMatch")),
              StatusIs(code, HasSubstr("secret access key")));
  EXPECT_THAT(Error(400, Xml("ExpiredToken")),
              StatusIs(code, HasSubstr("session token")));
}

TEST(ResponseErrorTest, WrongRegionNamesTheRightOne) {
  const auto code = absl::StatusCode::kFailedPrecondition;
  EXPECT_THAT(Error(301, Xml("PermanentRedirect"),
                    {{"x-amz-bucket-region", "us-west-2"}}),
              StatusIs(code, HasSubstr("set --s3-region us-west-2")));
  EXPECT_THAT(Error(400, Xml("AuthorizationHeaderMalformed",
                             "<Region>ap-south-1</Region>")),
              StatusIs(code, HasSubstr("set --s3-region ap-south-1")));
  EXPECT_THAT(Error(307, Xml("TemporaryRedirect")),
              StatusIs(code, HasSubstr("check --s3-endpoint")));
  EXPECT_THAT(
      Error(403, Xml("AccessDenied"), {{"x-amz-bucket-region", "eu-west-1"}}),
      StatusIs(code, HasSubstr("access to the bucket photos was denied")));
}

TEST(ResponseErrorTest, WrongClockNamesTheTimeOfS3) {
  EXPECT_THAT(Error(403, Xml("RequestTimeTooSkewed",
                             "<ServerTime>2026-11-30T12:00:00Z</ServerTime>")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("clock of this machine"),
                             HasSubstr("2026-11-30T12:00:00Z"))));
}

TEST(ResponseErrorTest, WhatCanSucceedLaterIsUnavailable) {
  for (const auto& [status, code] : {std::pair{503, "SlowDown"},
                                     {503, "ServiceUnavailable"},
                                     {500, "InternalError"},
                                     {502, ""},
                                     {429, "TooManyRequests"},
                                     {409, "ConditionalRequestConflict"},
                                     {400, "RequestTimeout"}}) {
    EXPECT_THAT(Error(status, Xml(code)),
                StatusIs(absl::StatusCode::kUnavailable))
        << code;
  }
}

TEST(ResponseErrorTest, OtherErrorsArePermanentAndQuoted) {
  for (const auto& [status, code] :
       {std::pair{400, "InvalidRequest"}, {501, "NotImplemented"}}) {
    EXPECT_THAT(Error(status, Xml(code), {{"x-amz-request-id", "REQ1"}}),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr("Text."), HasSubstr(code),
                               HasSubstr("request REQ1"))));
  }
}

TEST(ResponseErrorTest, ConditionsHaveCodesOfTheirOwn) {
  EXPECT_THAT(Error(412, Xml("PreconditionFailed")),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Error(416, Xml("InvalidRange")),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Error(400, Xml("XAmzContentSHA256Mismatch")),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ResponseErrorTest, TruncatedBodiesHaveNoElements) {
  EXPECT_EQ(ElementOf("<Code>Slow", "Code"), "Slow");
  EXPECT_EQ(ElementOf("<Code", "Code"), "");
  EXPECT_EQ(ElementOf("", "Code"), "");
}

}  // namespace
}  // namespace pinhole::media::s3
