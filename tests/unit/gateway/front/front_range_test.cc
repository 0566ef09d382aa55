// SPDX-License-Identifier: Apache-2.0

// Parts of downloads (RFC 9110 section 14): the server is asked to begin where
// the client wants to.

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

class FrontRangeTest : public FrontTest {
 protected:
  // What a call answers about a file of ten bytes: its head, then its bytes
  // from `offset` on.
  void AnswerHead(const std::string& etag = "abc") {
    v1::DownloadPhotoResponse response;
    response.mutable_head()->set_content_type("image/jpeg");
    response.mutable_head()->set_size_bytes(10);
    response.mutable_head()->set_etag(etag);
    upstream_.Answer(response);
  }
  void AnswerBytes(std::size_t offset) {
    v1::DownloadPhotoResponse response;
    for (const std::string bytes = "0123456789"; offset < bytes.size();
         offset += 3) {
      response.set_chunk(bytes.substr(offset, 3));
      upstream_.Answer(response);
    }
    upstream_.AnswerStatus(absl::OkStatus());
  }
  void AnswerFrom(std::size_t offset) {
    AnswerHead();
    AnswerBytes(offset);
  }
  RawClient::Answer Get(const std::string& headers,
                        const std::string& method = "GET") {
    return client_->Request(method + " /v1/photos/7/large", headers);
  }
  void SetUp() override {
    FrontTest::SetUp();
    client_ = std::make_unique<RawClient>(address());
  }

  std::unique_ptr<RawClient> client_;
};

TEST_F(FrontRangeTest, ARangeIsPartialContentReadFromItsFirstByte) {
  AnswerFrom(2);

  const auto answer = Get("Range: bytes=2-\r\n");

  EXPECT_EQ(answer.code, 206);
  EXPECT_EQ(answer.body, "23456789");
  EXPECT_TRUE(answer.Has("content-range: bytes 2-9/10"));
  EXPECT_TRUE(answer.Has("content-length: 8"));
  EXPECT_TRUE(answer.Has("etag: \"abc\""));
  EXPECT_EQ(upstream_.AwaitMessages(1)[0],
            "name: \"photos/7\" rendition: RENDITION_LARGE offset: 2 "
            "accept_redirect: true");
  EXPECT_EQ(client_->Request("GET /healthz").code, 200);
}

TEST_F(FrontRangeTest, ARangeThatEndsEarlyEndsTheCallToo) {
  AnswerFrom(2);

  const auto answer = Get("Range: bytes=2-5\r\n");

  EXPECT_EQ(answer.code, 206);
  EXPECT_EQ(answer.body, "2345");
  EXPECT_TRUE(answer.Has("content-range: bytes 2-5/10"));
  upstream_.AwaitCancellations(1);
  EXPECT_EQ(client_->Request("GET /healthz").code, 200);
}

TEST_F(FrontRangeTest, TheLastBytesAreFoundByASecondCall) {
  AnswerHead();
  AnswerFrom(7);

  const auto answer = Get("Range: bytes=-3\r\n");

  EXPECT_EQ(answer.code, 206);
  EXPECT_EQ(answer.body, "789");
  EXPECT_TRUE(answer.Has("content-range: bytes 7-9/10"));
  const auto asked = upstream_.AwaitMessages(2);
  EXPECT_EQ(asked[0],
            "name: \"photos/7\" rendition: RENDITION_LARGE "
            "accept_redirect: true");
  EXPECT_EQ(asked[1],
            "name: \"photos/7\" rendition: RENDITION_LARGE offset: 7 "
            "accept_redirect: true");
}

TEST_F(FrontRangeTest, BytesThatAreNotThereAre416WithTheSize) {
  AnswerHead();

  const auto answer = Get("Range: bytes=10-\r\n");

  EXPECT_EQ(answer.code, 416);
  EXPECT_TRUE(answer.Has("content-range: bytes */10"));
  EXPECT_NE(answer.body.find(R"("code":11)"), std::string::npos);
  EXPECT_NE(answer.body.find(R"("field":"Range")"), std::string::npos);
  EXPECT_EQ(client_->Request("GET /healthz").code, 200);
}

TEST_F(FrontRangeTest, ABeginningThatNoFileCanHaveIs416WithTheSize) {
  for (const char* first :
       {"9223372036854775806", "9223372036854775807", "9223372036854775808",
        "18446744073709551616", "99999999999999999999"}) {
    for (const std::string& last : {std::string(), std::string(first)}) {
      AnswerHead();

      const auto answer =
          Get("Range: bytes=" + std::string(first) + "-" + last + "\r\n");

      EXPECT_EQ(answer.code, 416) << first;
      EXPECT_TRUE(answer.Has("content-range: bytes */10")) << first;
    }
  }
}

TEST_F(FrontRangeTest, NumbersThatNoFileCanHaveMeanTheEndWhereTheyEndARange) {
  AnswerFrom(7);
  const auto end = Get("Range: bytes=7-99999999999999999999\r\n");
  EXPECT_EQ(end.code, 206);
  EXPECT_EQ(end.body, "789");

  AnswerFrom(0);
  const auto suffix = Get("Range: bytes=-99999999999999999999\r\n");
  EXPECT_EQ(suffix.code, 206);
  EXPECT_TRUE(suffix.Has("content-range: bytes 0-9/10"));
  EXPECT_EQ(suffix.body, "0123456789");
}

TEST_F(FrontRangeTest, AServerThatSaysOutOfRangeItselfIs416) {
  upstream_.AnswerStatus(absl::OutOfRangeError("past the end"));

  EXPECT_EQ(Get("Range: bytes=99-\r\n").code, 416);
}

TEST_F(FrontRangeTest, WhatIsNoSingleRangeGetsTheWhole) {
  for (const char* header :
       {"Range: bytes=0-1,4-5\r\n", "Range: items=0-1\r\n",
        "Range: bytes=5-1\r\n", "Range: bytes=0-1\r\nRange: bytes=4-5\r\n"}) {
    AnswerFrom(0);
    const auto answer = Get(header);
    EXPECT_EQ(answer.code, 200) << header;
    EXPECT_EQ(answer.body, "0123456789") << header;
    EXPECT_TRUE(answer.Has("accept-ranges: bytes")) << header;
    EXPECT_FALSE(answer.Has("content-range")) << header;
  }
}

TEST_F(FrontRangeTest, HeadIgnoresTheRange) {
  AnswerHead();

  const auto answer = Get("Range: bytes=2-5\r\n", "HEAD");

  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.Has("content-length: 10"));
  EXPECT_TRUE(answer.Has("accept-ranges: bytes"));
  EXPECT_EQ(upstream_.AwaitMessages(1)[0],
            "name: \"photos/7\" rendition: RENDITION_LARGE");
}

TEST_F(FrontRangeTest, IfRangeGoesOnWithTheSameFileOnly) {
  AnswerFrom(8);
  const auto same = Get("Range: bytes=8-\r\nIf-Range: \"abc\"\r\n");
  EXPECT_EQ(same.code, 206);
  EXPECT_EQ(same.body, "89");

  AnswerHead();
  AnswerFrom(0);
  const auto changed = Get("Range: bytes=8-\r\nIf-Range: \"old\"\r\n");
  EXPECT_EQ(changed.code, 200);
  EXPECT_EQ(changed.body, "0123456789");
  EXPECT_EQ(upstream_.AwaitMessages(3)[2],
            "name: \"photos/7\" rendition: RENDITION_LARGE "
            "accept_redirect: true");
}

TEST_F(FrontRangeTest, AFileThatChangesBetweenTheCallsIsNotMixed) {
  AnswerHead();
  AnswerHead("new");

  EXPECT_EQ(Get("Range: bytes=-3\r\n").code, 503);
}

TEST_F(FrontRangeTest, AKnownTagIsNotModifiedWhateverTheRange) {
  AnswerHead();

  const auto answer = Get("Range: bytes=2-\r\nIf-None-Match: \"abc\"\r\n");

  EXPECT_EQ(answer.code, 304);
}

TEST_F(FrontRangeTest, PartsOfAnotherVersionAreRefused) {
  for (const char* method : {"GET", "HEAD"}) {
    AnswerHead();

    const auto answer = Get("If-Match: \"old\"\r\nRange: bytes=2-\r\n", method);

    EXPECT_EQ(answer.code, 412);
    EXPECT_TRUE(answer.Has("etag: \"abc\""));
    if (answer.body.empty()) continue;
    EXPECT_NE(answer.body.find(R"("field":"If-Match")"), std::string::npos);
  }
}

TEST_F(FrontRangeTest, PartsOfTheVersionThatIsWantedAreThere) {
  AnswerFrom(2);

  EXPECT_EQ(Get("If-Match: \"abc\"\r\nRange: bytes=2-\r\n").code, 206);
}

TEST_F(FrontRangeTest, OffsetIsNoParameter) {
  const auto answer = client_->Request("GET /v1/photos/7/large?offset=5");

  EXPECT_EQ(answer.code, 400);
  EXPECT_NE(answer.body.find(R"("field":"offset")"), std::string::npos);
}

}  // namespace
}  // namespace pinhole::gateway
